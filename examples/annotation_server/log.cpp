// SPDX-License-Identifier: BSL-1.0
#include "log.hpp"

#include <batchpace/json/iso_time.hpp>
#include <batchpace/time.hpp>

#include <nlohmann/json.hpp>

#include <cerrno>
#include <chrono>
#include <string>
#include <unistd.h>

namespace annotation_server {
namespace {

std::string_view to_string(LogLevel level) {
    switch (level) {
        case LogLevel::info: return "info";
        case LogLevel::warning: return "warning";
        case LogLevel::error: return "error";
        case LogLevel::none: break;
    }
    return "none";
}

}  // namespace

void Log::write(LogLevel level, std::string_view event, nlohmann::ordered_json const& fields) const {
    using Json = nlohmann::ordered_json;
    if (!wants(level)) return;
    Json json{{"time", batchpace::IsoTime::text(std::chrono::system_clock::now())},
              {"level", to_string(level)},
              {"event", event}};
    json.update(fields);
    auto const line = json.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
    std::string_view left = line;
    while (!left.empty()) {
        auto const written = ::write(STDERR_FILENO, left.data(), left.size());
        if (written >= 0)
            left.remove_prefix(static_cast<std::size_t>(written));
        else if (errno != EINTR)
            return;  // nobody reads it: that is no reason to stop serving
    }
}

}  // namespace annotation_server
