// SPDX-License-Identifier: BSL-1.0
#include "command_line.hpp"

#include "tier_name.hpp"
#include "vision_features.hpp"

#include <CLI/CLI.hpp>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace annotation_server {
namespace {

constexpr int most_pictures_at_once = 256;

constexpr char const* about =
    "Serves batch annotation jobs over HTTP: POST /api/batch/annotations/start and what follows from it.\n"
    "docs/rest_api.md has the calls, docs/annotation_server.md the keys and how to put it behind a proxy.\n";

constexpr char const* after_the_options =
    "\nSignals: SIGTERM or SIGINT finishes the jobs, up to --drain-seconds; a second one cancels them, a third one\n"
    "ends the program at once. SIGHUP reads the keys again.\n"
    "Exit code: 0 all jobs were finished, 1 some were cut off by the deadline, 2 it could not start, 130 or 143 a\n"
    "second signal cancelled them.";

/// "" for an origin as browsers send it, else what is wrong.
std::string fault_of_origin(std::string const& text) {
    std::string_view rest = text;
    for (std::string_view const scheme : {"http://", "https://"})
        if (rest.starts_with(scheme)) {
            rest.remove_prefix(scheme.size());
            if (!rest.empty() && rest.find_first_of("/?#*@ ") == std::string_view::npos) return {};
        }
    return "takes an origin like https://app.example.com, not " + text;
}

/// A section of the help text.
class Section {
public:
    Section(CLI::App& app, std::string name) : app_{app}, name_{std::move(name)} {}

    /// An option that has no default to be shown.
    template <class T>
    CLI::Option& bare(std::string const& name, T& value, std::string const& text) {
        return *app_.add_option(name, value, text)->group(name_);
    }
    /// One whose default is shown.
    template <class T>
    CLI::Option& add(std::string const& name, T& value, std::string const& text) {
        return *bare(name, value, text).capture_default_str();
    }
    /// One that may be given several times.
    CLI::Option& repeatable(std::string const& name, std::vector<std::string>& values, std::string const& text) {
        return *bare(name, values, text + "; repeatable").allow_extra_args(false);
    }
    template <class T>
    void number(std::string const& name, T& value, T least, T most, std::string const& text) {
        add(name, value, text).check(CLI::Range(least, most));
    }
    CLI::Option& word(std::string const& name, std::string& value, std::vector<std::string> const& words,
                      std::string const& text) {
        auto& option = value.empty() ? bare(name, value, text) : add(name, value, text);
        return *option.check(CLI::IsMember(words));
    }
    CLI::Option& flag(std::string const& name, bool& value, std::string const& text) {
        return *app_.add_flag(name, value, text)->group(name_);
    }

private:
    CLI::App& app_;
    std::string name_;
};

}  // namespace

std::variant<CommandLine, HelpWanted, UsageError> parse_command_line(int count, char const* const* arguments) {
    CommandLine line;
    std::string annotator = "ocr", tier, log_level = "info";
    int port = line.port, max_concurrency = 0;
    auto latency = line.latency.count(), jitter = line.jitter.count(), drain = line.drain.count();
    auto attempt_timeout = line.attempt_timeout.count();
    auto vision_guard = line.vision_guard.count(), vision_window = line.vision_window.count();

    CLI::App app{about, "annotation_server"};
    app.footer(after_the_options);
    app.set_help_flag("-h,--help", "This text");

    Section serving{app, "Serving"};
    serving.add("--address", line.address, "IP address to listen at");
    serving.number("--port", port, 0, 65'535, "Port; 0: any that is free");
    serving.number("--threads", line.threads, 1, 256, "Threads that serve requests");
    serving.bare("--web", line.web, "Serve the page in this folder beside the API");
    serving.repeatable("--host", line.hosts, "Answer requests that name this host too, beside loopback");
    serving.repeatable("--cors-origin", line.cors_origins, "Pages of this origin may call")
        .check(CLI::Validator{fault_of_origin, "ORIGIN"});
    serving.number<std::size_t>("--max-body-mib", line.max_body_mib, 1, 1'024, "Largest body of a request");

    Section callers{app, "Callers"};
    auto& keys = callers.bare("--keys", line.keys, "File of keys, a line of JSON each: {key, tenant, tier}");
    callers.flag("--no-auth", line.no_auth, "Serve a public address without keys").excludes(&keys);
    callers.word("--tier", tier, {"free", "paid"}, "What a caller may use whose key has no tier; not given: no limit");

    Section annotating{app, "Annotating"};
    annotating.word("--annotator", annotator, {"ocr", "synthetic", "vision"},
                    "What annotates: ocr (files of --images), synthetic, vision (a service like Google's)");
    annotating.bare("--images", line.images, "The folder that ids are file names in; ocr needs it");
    annotating.add("--lang", line.language, "ocr: language of the text, as Tesseract names it");
    annotating.number<std::int64_t>("--latency-ms", latency, 0, 3'600'000, "synthetic: how long an attempt takes");
    annotating.number<std::int64_t>("--jitter-ms", jitter, 0, 3'600'000, "synthetic: so much more or less");
    annotating.number("--failure-rate", line.failure_rate, 0.0, 1.0, "synthetic: share of the attempts that fails");

    Section vision{app, "Annotator vision (its key is in the environment: BATCHPACE_VISION_KEY)"};
    vision.add("--vision-url", line.vision_url, "The service; images:annotate is below it");
    vision.add("--vision-features", line.vision_features, "What each image is asked for, by commas")
        .allow_extra_args(false)
        ->check(CLI::IsMember(vision_features()))
        ->delimiter(',');
    vision.number<std::size_t>("--vision-batch", line.vision_batch, 1, 16, "Images a call, at the most");
    vision.number<std::int64_t>("--vision-guard-ms", vision_guard, 0, 60'000,
                                "Added to each window of the rate limits: as much as delays of calls differ");
    vision.number<std::int64_t>("--vision-window", vision_window, 1, 86'400,
                                "Seconds; the rate is kept in any so long: 600 a minute in 10 s are 100");
    vision.bare("--vision-ca", line.vision_ca, "Trust the certificates of this file, not the system's");

    Section pace{app, "Pace"};
    pace.bare("--max-concurrency", max_concurrency,
              "Attempts in flight, of all jobs together [ocr: cores, synthetic: no limit, vision: 16]")
        .check(CLI::Range(1, 100'000));
    pace.number("--rate-per-minute", line.rate_per_minute, 0, 1'000'000'000,
                "Starts (vision: calls) in any minute, of all jobs together; 0: no limit");
    pace.number("--attempts", line.attempts, 1, 1'000, "Attempts for an item, where a start does not say");
    pace.number("--attempt-timeout", attempt_timeout, 0.001, 86'400.0,
                "Seconds an attempt, where a start does not say");
    pace.number<std::size_t>("--max-items", line.max_items, 1, 10'000'000, "Items of a job");
    pace.number("--max-jobs", line.max_jobs, 1, 1'000'000, "Active jobs");

    Section running{app, "Running"};
    running.number<std::int64_t>("--drain-seconds", drain, 0, 1'000'000, "How long the first SIGTERM lets jobs go on");
    auto& least = running.word("--log-level", log_level, {"info", "warning", "error", "none"},
                               "Least that is logged: info is each request");
    bool quiet = false;
    running.flag("--quiet", quiet, "Log errors alone").excludes(&least);

    try {
        app.parse(count, arguments);
    } catch (CLI::CallForHelp const&) {
        return HelpWanted{app.help()};
    } catch (CLI::ParseError const& error) {
        return UsageError{error.what()};
    }

    line.port = static_cast<std::uint16_t>(port);
    for (auto const name : {AnnotatorName::ocr, AnnotatorName::synthetic, AnnotatorName::vision})
        if (annotator == to_string(name)) line.annotator = name;
    line.latency = std::chrono::milliseconds{latency};
    line.jitter = std::chrono::milliseconds{jitter};
    line.vision_guard = std::chrono::milliseconds{vision_guard};
    line.vision_window = std::chrono::seconds{vision_window};
    line.drain = std::chrono::seconds{drain};
    line.attempt_timeout = std::chrono::duration<double>{attempt_timeout};
    line.tier = tier_named(tier);
    if (max_concurrency > 0) line.max_concurrency = max_concurrency;
    if (quiet) log_level = "error";
    line.log_level = log_level == "info"      ? LogLevel::info
                     : log_level == "warning" ? LogLevel::warning
                     : log_level == "error"   ? LogLevel::error
                                              : LogLevel::none;
    if (line.annotator == AnnotatorName::ocr && max_concurrency > most_pictures_at_once)
        return UsageError{"--max-concurrency of ocr: each picture takes a thread, so at most " +
                          std::to_string(most_pictures_at_once)};
    if (line.annotator == AnnotatorName::ocr && line.images.empty())
        return UsageError{
            "the annotator ocr needs --images DIR, the folder of the pictures; or take --annotator synthetic"};
    if (line.vision_window != std::chrono::minutes{1} && line.rate_per_minute > 0 &&
        line.rate_per_minute * line.vision_window.count() % 60 != 0)
        return UsageError{"--rate-per-minute in windows of --vision-window must be a whole number of calls"};
    return line;
}

}  // namespace annotation_server
