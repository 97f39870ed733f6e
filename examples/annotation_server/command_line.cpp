// SPDX-License-Identifier: BSL-1.0
#include "command_line.hpp"

#include "tier_name.hpp"

#include <CLI/CLI.hpp>
#include <string_view>

namespace annotation_server {
namespace {

constexpr char const* about =
    "Serves batch annotation jobs over HTTP: POST /api/batch/annotations/start and what follows from it.\n"
    "docs/annotation_server.md has the calls, the keys and how to put it behind a proxy.\n";

constexpr char const* after_the_options =
    "\nSignals: SIGTERM or SIGINT finishes the jobs, up to --drain-seconds; a second one cancels them, a third one ends\n"
    "the program at once. SIGHUP reads the keys again.\n"
    "Exit code: 0 all jobs were finished, 1 some were cut off by the deadline, 2 it could not start, 130 or 143 a second\n"
    "signal cancelled them.";

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

}  // namespace

std::variant<CommandLine, HelpWanted, UsageError> parse_command_line(int count, char const* const* arguments) {
    CommandLine line;
    std::string annotator = "ocr", tier, log_level = "info";
    int port = line.port;
    long long latency = line.latency.count(), jitter = line.jitter.count(), drain = line.drain.count();
    double attempt_timeout = line.attempt_timeout.count();
    auto max_concurrency = 0;
    constexpr auto most = 1'000'000'000;

    CLI::App app{about, "annotation_server"};
    app.footer(after_the_options);
    app.set_help_flag("-h,--help", "This text");

    app.add_option("--address", line.address, "IP address to listen at")->capture_default_str()->group("Serving");
    app.add_option("--port", port, "Port; 0: any that is free")
        ->check(CLI::Range(0, 65'535))->capture_default_str()->group("Serving");
    app.add_option("--threads", line.threads, "Threads that serve requests")
        ->check(CLI::Range(1, 256))->capture_default_str()->group("Serving");
    app.add_option("--web", line.web, "Serve the files of this folder beside the API")->group("Serving");
    app.add_option("--host", line.hosts, "Answer requests that name this host too, beside loopback; repeatable")
        ->allow_extra_args(false)->group("Serving");
    app.add_option("--cors-origin", line.cors_origins, "Pages of this origin may call; repeatable")
        ->allow_extra_args(false)->check(CLI::Validator{fault_of_origin, "ORIGIN"})->group("Serving");
    app.add_option("--max-body-mib", line.max_body_mib, "Largest body of a request")
        ->check(CLI::Range(1, 1'024))->capture_default_str()->group("Serving");

    auto* const keys = app.add_option("--keys", line.keys, "File of keys, a line of JSON each: {key, tenant, tier}");
    keys->group("Callers");
    app.add_flag("--no-auth", line.no_auth, "Serve a public address without keys")->excludes(keys)->group("Callers");
    app.add_option("--tier", tier, "What a caller may use whose key has no tier; not given: no limit")
        ->check(CLI::IsMember({"free", "paid"}))->group("Callers");

    app.add_option("--annotator", annotator, "What annotates: ocr (files of --images) or synthetic")
        ->check(CLI::IsMember({"ocr", "synthetic"}))->capture_default_str()->group("Annotating");
    app.add_option("--images", line.images, "ocr: the folder that ids are file names in")->group("Annotating");
    app.add_option("--lang", line.language, "ocr: language of the text, as Tesseract names it")
        ->capture_default_str()->group("Annotating");
    app.add_option("--latency-ms", latency, "synthetic: how long an attempt takes")
        ->check(CLI::Range(0, 3'600'000))->capture_default_str()->group("Annotating");
    app.add_option("--jitter-ms", jitter, "synthetic: so much more or less")
        ->check(CLI::Range(0, 3'600'000))->capture_default_str()->group("Annotating");
    app.add_option("--failure-rate", line.failure_rate, "synthetic: share of the attempts that fails")
        ->check(CLI::Range(0.0, 1.0))->capture_default_str()->group("Annotating");

    app.add_option("--max-concurrency", max_concurrency,
                   "Attempts in flight, of all jobs together [ocr: cores, synthetic: no limit]")
        ->check(CLI::Range(1, 100'000))->group("Pace");
    app.add_option("--rate-per-minute", line.rate_per_minute, "Starts in any minute, of all jobs together; 0: no limit")
        ->check(CLI::Range(0, most))->capture_default_str()->group("Pace");
    app.add_option("--attempts", line.attempts, "Attempts for an item, where a start does not say")
        ->check(CLI::Range(1, 1'000))->capture_default_str()->group("Pace");
    app.add_option("--attempt-timeout", attempt_timeout, "Seconds for an attempt, where a start does not say")
        ->check(CLI::Range(0.001, 86'400.0))->capture_default_str()->group("Pace");
    app.add_option("--max-items", line.max_items, "Items of a job")
        ->check(CLI::Range(1, 10'000'000))->capture_default_str()->group("Pace");
    app.add_option("--max-jobs", line.max_jobs, "Active jobs")
        ->check(CLI::Range(1, 1'000'000))->capture_default_str()->group("Pace");

    app.add_option("--drain-seconds", drain, "How long the first SIGTERM lets jobs go on")
        ->check(CLI::Range(0, 1'000'000))->capture_default_str()->group("Running");
    app.add_option("--log-level", log_level, "Least that is logged: info (each request), warning, error, none")
        ->check(CLI::IsMember({"info", "warning", "error", "none"}))->capture_default_str()->group("Running");

    try {
        app.parse(count, arguments);
    } catch (CLI::CallForHelp const&) {
        return HelpWanted{app.help()};
    } catch (CLI::ParseError const& error) {
        return UsageError{error.what()};
    }

    line.port = static_cast<std::uint16_t>(port);
    line.annotator = annotator == "ocr" ? AnnotatorName::ocr : AnnotatorName::synthetic;
    line.latency = std::chrono::milliseconds{latency};
    line.jitter = std::chrono::milliseconds{jitter};
    line.drain = std::chrono::seconds{drain};
    line.attempt_timeout = std::chrono::duration<double>{attempt_timeout};
    line.tier = tier_named(tier);
    if (max_concurrency > 0) line.max_concurrency = max_concurrency;
    line.log_level = log_level == "info"      ? LogLevel::info
                     : log_level == "warning" ? LogLevel::warning
                     : log_level == "error"   ? LogLevel::error
                                              : LogLevel::none;
    if (line.annotator == AnnotatorName::ocr && line.images.empty())
        return UsageError{"the annotator ocr needs --images DIR, the folder of the pictures; or take --annotator synthetic"};
    return line;
}

}  // namespace annotation_server
