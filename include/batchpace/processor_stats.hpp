// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>

namespace batchpace {

/// Totals of a processor since it was made, and what it does now.
struct ProcessorStats {
    std::uint64_t active_jobs = 0;        ///< not finished
    std::uint64_t finished_jobs = 0;      ///< finished and still kept
    std::uint64_t in_flight = 0;          ///< attempts now
    std::uint64_t abandoned = 0;          ///< attempts that are out now
    std::uint64_t jobs_started = 0;       ///< ever
    std::uint64_t successful = 0;         ///< items, ever
    std::uint64_t failed = 0;             ///< items, ever
    std::uint64_t cancelled = 0;          ///< items, ever
    std::uint64_t attempts_failed = 0;    ///< attempts without success, ever
    std::uint64_t abandoned_ever = 0;     ///< attempts given up, ever
    std::uint64_t late_answers = 0;       ///< answers that were dropped: of abandoned attempts, and second ones
    std::uint64_t hook_exceptions = 0;    ///< exceptions that hooks threw and nobody saw
};

}  // namespace batchpace
