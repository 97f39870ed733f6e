// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string_view>

namespace batchpace {

/// Why a job ended before all of its items had been processed.
enum class StopReason : unsigned char {
    none,          ///< it was not stopped
    failures,      ///< `stop_after_failures` items have failed
    failure_rate,  ///< the share of failed items reached `stop_at_failure_rate`
    calls,         ///< `max_calls` attempts have been started
    deadline,      ///< `deadline` has passed
    source,        ///< the item source threw, or did not give the total it had promised
    cancelled,     ///< `cancel` was called
    shut_down,     ///< the processor was shut down or destroyed
};

constexpr std::string_view to_string(StopReason reason) noexcept {
    switch (reason) {
        case StopReason::none: return "none";
        case StopReason::failures: return "failures";
        case StopReason::failure_rate: return "failure_rate";
        case StopReason::calls: return "calls";
        case StopReason::deadline: return "deadline";
        case StopReason::source: return "source";
        case StopReason::cancelled: return "cancelled";
        case StopReason::shut_down: return "shut_down";
    }
    return "unknown";
}

}  // namespace batchpace
