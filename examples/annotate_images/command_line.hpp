// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/time.hpp>

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace annotate_images {

/// Which of the library's tiers the run is held to.
enum class TierName { none, free, paid };

/// What the user asked for.
struct CommandLine {
    std::vector<std::string> paths;      ///< files and folders, at least one
    std::optional<std::string> out;      ///< where the JSON lines go; absent: standard output
    int concurrency = 1;                 ///< pictures worked on at once
    std::optional<int> rate_per_minute;  ///< starts in any minute
    int attempts = 3;                    ///< for each picture
    batchpace::duration timeout{};       ///< of one attempt
    TierName tier = TierName::none;
    std::string language = "eng";  ///< of the text, as Tesseract names it
    bool resume = false;           ///< keep what `out` holds, do the rest
    bool table = false;            ///< a table for people on standard output
};

/// The user asked for the help text.
struct HelpWanted {};

/// The command line makes no sense; `text` names the option and what it takes.
struct UsageError {
    std::string text;
};

/// Reads the arguments after the program's name. `default_concurrency` stands where `--concurrency` is not given.
std::variant<CommandLine, HelpWanted, UsageError> parse_command_line(std::vector<std::string> const& arguments,
                                                                     int default_concurrency);

/// The text of `--help`.
std::string help_text();

}  // namespace annotate_images
