// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string_view>

namespace batchpace {

/// What sort of failure an attempt had; it decides about the next attempt.
enum class FailureKind : unsigned char {
    transient,  ///< tried again after a backoff while attempts are left
    permanent,  ///< never tried again
    throttled,  ///< the service asks for less: tried again later, at no attempt's cost (up to a bound)
    timed_out,  ///< it failed after its time-out had asked it to stop, or never came back; tried again like `transient`
};

constexpr std::string_view to_string(FailureKind kind) noexcept {
    switch (kind) {
        case FailureKind::transient: return "transient";
        case FailureKind::permanent: return "permanent";
        case FailureKind::throttled: return "throttled";
        case FailureKind::timed_out: return "timed_out";
    }
    return "unknown";
}

}  // namespace batchpace
