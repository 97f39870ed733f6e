// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/engine/job.hpp>
#include <batchpace/time.hpp>

#include <set>
#include <utility>
#include <vector>

namespace batchpace::engine {

/// When to look whether a job has stalled: one entry a job, which progress does not move. Whoever looks when it has
/// come due finds out that something has ended meanwhile, and sets the next time; so an item costs nothing.
class StallWatch {
public:
    /// Look at `job` next at `when`; time_point::max(): it is paused, look when something is resumed.
    void set(Job& job, time_point when) {
        forget(job);
        entries_.emplace(when, &job);
        job.stall_state = Job::StallState::watched;
        job.stall_time = when;
    }
    /// Not any more, for whatever reason.
    void forget(Job& job) noexcept {
        if (job.stall_state == Job::StallState::watched) entries_.erase({job.stall_time, &job});
        job.stall_state = Job::StallState::none;
    }
    /// Its stall has been told: nothing to look at until an item ends.
    void told(Job& job) noexcept {
        forget(job);
        job.stall_state = Job::StallState::told;
        job.stall_time = job.last_progress;
    }
    /// True where a stall was told and an item has ended since.
    static bool over(Job const& job) noexcept {
        return job.stall_state == Job::StallState::told && job.stall_time != job.last_progress;
    }

    /// When somebody must look; time_point::max(): not by the clock.
    time_point next() const noexcept { return entries_.empty() ? time_point::max() : entries_.begin()->first; }
    /// One that must be looked at by now, or nullptr. It stays where it is.
    Job* due(time_point now) const noexcept {
        return next() <= now && next() != time_point::max() ? entries_.begin()->second : nullptr;
    }
    /// Those that were found paused.
    std::vector<Job*> asleep() const {
        std::vector<Job*> found;
        for (auto it = entries_.rbegin(); it != entries_.rend() && it->first == time_point::max(); ++it)
            found.push_back(it->second);
        return found;
    }

private:
    std::set<std::pair<time_point, Job*>> entries_;
};

}  // namespace batchpace::engine
