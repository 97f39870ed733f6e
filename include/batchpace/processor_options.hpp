// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/tier.hpp>
#include <batchpace/time.hpp>

#include <chrono>
#include <cstdint>
#include <optional>

namespace batchpace {

/// What a whole processor may do. Give only what differs: `ProcessorOptions{.max_in_flight = 50}`.
struct ProcessorOptions {
    std::optional<Tier> tier = {};                ///< caps and limits of everything together
    std::optional<int> max_in_flight = {};        ///< attempts in flight over all jobs
    int max_active_jobs = 10'000;                 ///< beyond it a start gets `error::too_many_jobs`
    std::int64_t max_items_per_job = 10'000'000;  ///< beyond it a start gets `error::too_many_items`
    int retain_finished = 1'000;                  ///< finished jobs kept for `progress` and `results`
    duration retain_for = std::chrono::hours{24};  ///< and for how long; never less than 10 minutes after the finish
    std::int64_t retain_bytes = std::int64_t{256} << 20;  ///< of all finished jobs together, about
    duration abandon_grace = std::chrono::seconds{5};     ///< from being asked to stop to being abandoned
    std::optional<int> max_abandoned = {};        ///< attempts that may be out; default: max_in_flight, else 64
    std::int64_t max_retrying = 10'000;           ///< items of one job that may wait for another attempt
    std::optional<bool> executor_is_serial = {};  ///< true: handlers never run at once, so lanes need no strand
    duration guard_band = duration::zero();       ///< added to every window against a jittery network
    int max_throttles = 10;                       ///< of one item; beyond it counts as an ordinary failure
};

}  // namespace batchpace
