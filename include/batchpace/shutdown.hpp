// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>

namespace batchpace {

/// How to shut a processor down.
enum class ShutdownMode : unsigned char {
    drain,   ///< accept no job, finish those that are active; at the deadline as `cancel`
    cancel,  ///< cancel every job, wait for running attempts
    park,    ///< as `cancel`, but unfinished jobs stay resumable where a durable store keeps them
};

/// What a shutdown left behind.
struct ShutdownReport {
    std::uint64_t jobs_finished = 0;   ///< that ended by themselves during the shutdown
    std::uint64_t jobs_cancelled = 0;  ///< that were cut off
    std::uint64_t items_left = 0;      ///< items of those that were not processed
    std::uint64_t abandoned = 0;       ///< calls that are still out
    bool deadline_passed = false;      ///< the drain was not done in time
};

}  // namespace batchpace
