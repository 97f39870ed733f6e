// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/job_id.hpp>
#include <batchpace/time.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace batchpace {

/// Something worth a line in a host's log. Nothing is reported of items that simply succeed.
struct Event {
    enum class Type : unsigned char { started, retry, throttled, abandoned, finished };

    Event(Type what, JobId which, wall_time when) : type{what}, job{which}, at{when} {}

    Type type;
    JobId job;
    wall_time at;
    std::optional<std::uint64_t> item;  ///< its index, where the event is about one
    std::string text;                   ///< the failure's message, or how the job ended
};

constexpr std::string_view to_string(Event::Type type) noexcept {
    switch (type) {
        case Event::Type::started: return "started";
        case Event::Type::retry: return "retry";
        case Event::Type::throttled: return "throttled";
        case Event::Type::abandoned: return "abandoned";
        case Event::Type::finished: return "finished";
    }
    return "unknown";
}

}  // namespace batchpace
