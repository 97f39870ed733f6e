// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/item_error.hpp>
#include <batchpace/job_id.hpp>
#include <batchpace/job_status.hpp>
#include <batchpace/milestone.hpp>
#include <batchpace/stop_reason.hpp>
#include <batchpace/time.hpp>
#include <batchpace/waiting_for.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace batchpace {

/// A snapshot of one job. Its counts add up in every snapshot:
/// total = waiting + running + retrying + successful + failed + cancelled.
struct JobProgress {
    JobProgress() = default;  // with this, GCC 12 never sees an aggregate (docs/design.md)

    JobId job_id;
    JobStatus status = JobStatus::pending;
    StopReason stop_reason = StopReason::none;  ///< why it ended early, if it did
    std::string source_error;                   ///< what the item source did, where that is the reason
    std::uint64_t version = 0;                  ///< grows whenever anything below changes

    std::uint64_t total = 0;       ///< items; while `total_known` is false, those known so far
    std::uint64_t waiting = 0;     ///< not started yet
    std::uint64_t running = 0;     ///< attempts in flight, abandoned ones apart
    std::uint64_t retrying = 0;    ///< failed at least once, waiting for the next attempt
    std::uint64_t successful = 0;
    std::uint64_t failed = 0;
    std::uint64_t cancelled = 0;   ///< ended by a cancel, a stop condition or a shutdown
    std::uint64_t abandoned = 0;   ///< attempts that never came back and are still out
    bool total_known = true;       ///< false while an item source may still give more

    /// ⌊100 · processed / total⌋: 100 only when every item has been processed; absent while the total is unknown.
    std::optional<int> percentage;
    /// Time left at the present pace; absent where nothing can be said.
    std::optional<duration> estimated_time_remaining;
    /// Why nothing is started right now, where that is so.
    std::optional<WaitingFor> waiting_for;

    bool paused = false;   ///< the job itself: no attempt starts; those running finish
    bool stalled = false;  ///< no item ended for `stalled_after`
    wall_time created_at{};
    std::optional<wall_time> started_at;   ///< the first attempt's start
    std::optional<wall_time> finished_at;  ///< when the last attempt had ended

    std::string label;                                      ///< as given in the options
    std::string tenant;                                     ///< as given in the options
    std::optional<JobId> retry_of;                          ///< the job whose items this one tries again
    std::vector<Milestone> milestones;                      ///< those passed so far (`async_watch`: since `seen_version`)
    std::vector<ItemError> errors;                          ///< one for each item that ended failed, the first `keep_errors`
    std::uint64_t error_count = 0;                          ///< all of them
    std::map<std::string, std::uint64_t> error_distribution;  ///< how many items ended with which text (bounded)

    /// Items that were annotated or have failed; never goes back.
    std::uint64_t processed() const noexcept { return successful + failed; }
    /// True when nothing of the job runs or waits any more.
    bool finished() const noexcept { return finished_at.has_value(); }
};

}  // namespace batchpace
