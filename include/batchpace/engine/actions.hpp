// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/engine/lane_slot.hpp>

#include <cstdint>
#include <vector>

namespace batchpace::engine {

class Job;

/// What the driver has to do after it has called the engine. Plain facts: who is to be woken, stopped, told.
struct Actions {
    /// Ask the attempt `sequence` of a lane to stop.
    struct Stop {
        LaneSlot* slot;
        std::uint64_t sequence;
        friend bool operator==(Stop const&, Stop const&) = default;
    };

    std::vector<Job*> wakes;     ///< give the job one more lane (once for each entry)
    std::vector<Stop> stops;
    std::vector<Job*> changed;   ///< tell those who watch
    std::vector<Job*> ended;     ///< finished: tell those who wait
    std::vector<Job*> refills;   ///< ask the item source for more
    std::vector<Job*> stalled;   ///< tell the host's hook

    bool empty() const noexcept {
        return wakes.empty() && stops.empty() && changed.empty() && ended.empty() && refills.empty() &&
               stalled.empty();
    }
    void clear() noexcept {
        wakes.clear();
        stops.clear();
        changed.clear();
        ended.clear();
        refills.clear();
        stalled.clear();
    }
};

}  // namespace batchpace::engine
