// SPDX-License-Identifier: BSL-1.0
// Annotates pictures in one batch job: a processor on a thread_pool works, the main thread shows progress and
// listens for Ctrl-C.
#include "annotation_file.hpp"
#include "command_line.hpp"
#include "console.hpp"
#include "find_images.hpp"
#include "image_annotator.hpp"
#include "inner_threads.hpp"
#include "progress_display.hpp"
#include "result_sink.hpp"
#include "result_table.hpp"
#include "summary.hpp"
#include "terminal_text.hpp"

#include <batchpace/batch_processor.hpp>

#include <asio/bind_executor.hpp>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <asio/thread_pool.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <functional>
#include <optional>
#include <thread>
#include <unistd.h>
#include <variant>

namespace annotate_images {
namespace {

using namespace std::chrono_literals;

enum ExitCode { all_annotated = 0, some_failed = 1, wrong_use = 2, stopped_by_signal = 128 };

std::optional<batchpace::Tier> tier_of(TierName name) {
    switch (name) {
        case TierName::none: return std::nullopt;
        case TierName::free: return batchpace::Tier::free();
        case TierName::paid: return batchpace::Tier::paid();
    }
    return std::nullopt;
}

/// How a run ended.
struct Ending {
    batchpace::JobProgress job;
    int signal = 0;  ///< the one that stopped it, if one did
};

Ending annotate(std::vector<std::string> paths, CommandLine const& line, ImageAnnotator annotator, ResultSink& sink,
                Console& console) {
    auto const threads = std::min<std::size_t>(static_cast<std::size_t>(line.concurrency), paths.size());
    asio::thread_pool pool{threads + 1};  // one is free to notice time-outs while the others read
    batchpace::BatchProcessor processor{pool.get_executor(), batchpace::Unlimited{}, std::move(annotator),
                                        batchpace::ProcessorOptions{.tier = tier_of(line.tier)}};
    processor.on_result([&](batchpace::JobId const&, auto const& result) { sink.add(result); });

    asio::io_context loop;
    Ending ending;
    asio::signal_set signals{loop, SIGINT, SIGTERM};
    auto const job = processor.start_batch(std::move(paths), {.concurrency = line.concurrency,
                                                              .rate_limit_per_minute = line.rate_per_minute,
                                                              .max_attempts = line.attempts,
                                                              .attempt_timeout = line.timeout,
                                                              .keep_errors = 0,
                                                              .keep_results = 0});

    std::function<void(std::error_code, int)> const stop = [&](std::error_code failure, int signal) {
        if (failure) return;
        if (ending.signal != 0) ::_exit(stopped_by_signal + signal);  // every line is written: nothing to tidy up
        if (processor.cancel(job)) {
            ending.signal = signal;
            console.note("stopping as soon as the pictures in work have ended; once more stops at once");
        }
        signals.async_wait(stop);
    };
    signals.async_wait(stop);

    ProgressDisplay display{console};
    asio::steady_timer tick{loop};
    std::function<void(std::error_code)> const show = [&](std::error_code failure) {
        if (failure) return;
        if (sink.failure()) processor.cancel(job);
        if (auto const progress = processor.progress(job)) display.show(*progress, std::chrono::steady_clock::now());
        tick.expires_after(200ms);
        tick.async_wait(show);
    };
    show({});

    processor.async_wait(job, asio::bind_executor(loop, [&](std::error_code, batchpace::JobProgress last) {
                             ending.job = std::move(last);
                             loop.stop();
                         }));
    loop.run();
    display.end();
    return ending;
}

int run(CommandLine const& line) {
    auto const began = std::chrono::steady_clock::now();
    Console console;
    auto found = find_images(line.paths);
    for (auto const& folder : found.empty_folders) console.note("annotate_images: no pictures in " + printable(folder));
    if (found.paths.empty()) return wrong_use;
    ImageAnnotator annotator{line.language};  // before the file is touched: the language may be missing

    std::optional<AnnotationFile> file;
    if (line.out)
        file = line.resume ? AnnotationFile::resume(*line.out, found.paths) : AnnotationFile::create(*line.out);
    auto const already_done = file ? file->already_done() : 0;
    if (found.paths.empty()) {
        console.note("nothing left to do: " + *line.out + " holds all " + pictures(already_done));
        return all_annotated;
    }
    auto start = "annotating " + pictures(found.paths.size());
    if (already_done > 0) start += ", " + std::to_string(already_done) + " are done already";
    if (found.left_alone > 0) start += "; other files left alone: " + std::to_string(found.left_alone);
    console.note(start);

    std::optional<ResultTable> table;
    if (line.table) {
        bool const colored = console.output_is_terminal() && std::getenv("NO_COLOR") == nullptr;
        table.emplace(found.paths, colored, console.width());
    }
    ResultSink sink{console, std::move(file), std::move(table)};
    auto const ending = annotate(std::move(found.paths), line, std::move(annotator), sink, console);

    console.note(summary(ending.job, already_done, std::chrono::steady_clock::now() - began));
    if (auto const failure = sink.failure()) {
        console.note("annotate_images: cannot write the results: " + failure.message());
        return some_failed;
    }
    if (ending.signal != 0) return stopped_by_signal + ending.signal;
    return ending.job.successful == ending.job.total ? all_annotated : some_failed;
}

int wrong(std::string const& text) {
    Console{}.note("annotate_images: " + text);
    return wrong_use;
}

int main(std::vector<std::string> const& arguments) try {
    auto const cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    auto const parsed = parse_command_line(arguments, cores);
    if (std::holds_alternative<HelpWanted>(parsed)) return Console{}.write(help_text()) ? some_failed : all_annotated;
    if (auto const* error = std::get_if<UsageError>(&parsed))
        return wrong(error->text + "\nTry: annotate_images --help");
    return run(std::get<CommandLine>(parsed));
} catch (std::exception const& failure) {
    return wrong(failure.what());
}

}  // namespace
}  // namespace annotate_images

int main(int count, char** arguments) {
    annotate_images::start_over_without_inner_threads(arguments);
    return annotate_images::main({arguments + 1, arguments + count});
}
