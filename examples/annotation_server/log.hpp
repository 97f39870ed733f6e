// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string_view>

namespace annotation_server {

/// What is worth a line. `none` is for who wants no line at all.
enum class LogLevel { info, warning, error, none };

/// Writes lines of JSON to standard error: {"time", "level", "event", …}. May be called by any thread: a line is one
/// write.
class Log {
public:
    explicit Log(LogLevel least) noexcept : least_{least} {}

    /// To be asked first by who has work to do for a line.
    bool wants(LogLevel level) const noexcept { return level >= least_; }
    /// Text that is not UTF-8 is shown with U+FFFD.
    void write(LogLevel level, std::string_view event, nlohmann::ordered_json const& fields) const;

private:
    LogLevel least_;
};

}  // namespace annotation_server
