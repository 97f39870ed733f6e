// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string_view>

namespace batchpace {

/// Where a job is in its life. The last three are final.
enum class JobStatus : unsigned char {
    pending,     ///< accepted, no attempt started yet
    processing,  ///< at least one attempt was started
    completed,   ///< every item has been processed, some perhaps as failed
    failed,      ///< no item succeeded, or a stop condition ended it (see `StopReason`)
    cancelled,   ///< somebody cancelled it
};

/// True for a status that never changes again.
constexpr bool is_final(JobStatus status) noexcept { return status >= JobStatus::completed; }

constexpr std::string_view to_string(JobStatus status) noexcept {
    switch (status) {
        case JobStatus::pending: return "pending";
        case JobStatus::processing: return "processing";
        case JobStatus::completed: return "completed";
        case JobStatus::failed: return "failed";
        case JobStatus::cancelled: return "cancelled";
    }
    return "unknown";
}

}  // namespace batchpace
