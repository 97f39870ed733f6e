// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "log.hpp"

#include <batchpace/tier.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace annotation_server {

enum class AnnotatorName { ocr, synthetic, vision };

/// As the command line has it.
constexpr std::string_view to_string(AnnotatorName name) noexcept {
    switch (name) {
        case AnnotatorName::ocr: return "ocr";
        case AnnotatorName::synthetic: return "synthetic";
        case AnnotatorName::vision: break;
    }
    return "vision";
}

/// What the user asked for.
struct CommandLine {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8080;
    int threads = 1;  ///< that serve requests

    AnnotatorName annotator = AnnotatorName::ocr;
    std::string images;            ///< the folder that ids are file names in
    std::string language = "eng";  ///< of the text, as Tesseract names it
    std::chrono::milliseconds latency{20}, jitter{5};
    double failure_rate = 0.05;
    std::string vision_url = "https://vision.googleapis.com";
    std::vector<std::string> vision_features{"LABEL_DETECTION"};
    std::string vision_ca;                         ///< the file of certificates to trust; empty: those of the system
    std::size_t vision_batch = 16;                 ///< images a call
    std::chrono::milliseconds vision_guard{0};     ///< added to each window of the rate limits
    std::chrono::seconds vision_window{60};        ///< in any so long the rate is kept

    std::optional<batchpace::Tier> tier;  ///< of who has none by a key
    std::optional<int> max_concurrency;   ///< attempts in flight, of all jobs together
    int rate_per_minute = 0;              ///< starts in any minute, of all jobs together; 0: no limit
    int attempts = 3;
    std::chrono::duration<double> attempt_timeout{60};
    std::size_t max_items = 100'000;  ///< of a job
    int max_jobs = 10'000;            ///< active at once
    std::size_t max_body_mib = 16;

    std::string keys;      ///< the file of keys; empty: everybody may do everything
    bool no_auth = false;  ///< that is meant so, at a public address too
    std::string web;       ///< the folder of the page; empty: none
    std::vector<std::string> cors_origins;
    std::vector<std::string> hosts;  ///< names that requests may name, beside those of loopback

    std::chrono::seconds drain{30};
    LogLevel log_level = LogLevel::info;
};

/// The user asked for the help text, which this is.
struct HelpWanted {
    std::string text;
};

/// The command line makes no sense; `text` says why in a sentence.
struct UsageError {
    std::string text;
};

std::variant<CommandLine, HelpWanted, UsageError> parse_command_line(int count, char const* const* arguments);

}  // namespace annotation_server
