// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/batchpace.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace batchpace_tests {

using namespace std::chrono_literals;
using batchpace::duration;
using batchpace::JobId;
using batchpace::JobProgress;
using batchpace::time_point;

/// Starts at one scope, and the limit in force there: at most so many in any window. A limit that changes keeps the
/// starts that were made; one that is new has seen none.
class RateBook {
public:
    explicit RateBook(duration window = 60s) : window_{window} {}

    /// From now on; 0: none.
    void set_limit(int limit) {
        if (limit_ == 0) starts_.clear();
        limit_ = limit;
    }
    void set_window(duration window) { window_ = window; }
    /// Books a start. False: it was one too many.
    bool start(time_point now, std::size_t cost = 1) {
        if (limit_ == 0) return true;
        while (!starts_.empty() && starts_.front() <= now - window_) starts_.pop_front();
        starts_.insert(starts_.end(), cost, now);
        return starts_.size() <= static_cast<std::size_t>(limit_);
    }

private:
    duration window_;
    int limit_ = 0;
    std::deque<time_point> starts_;  // in the window
};

/// What became of one item, as the annotator knows it.
struct ItemBook {
    int calls = 0;             // attempts that reached the annotator
    int highest = 0;           // the highest number of an attempt
    int charged = 0;           // of those, the ones that were not turned away for free
    int throttled = 0;
    int results = 0;           // times it was reported as ended
    bool given_up = false;     // failed for good, as far as the annotator knows
    bool succeeded = false;    // some attempt answered well
    bool blamed = false;       // some failure was its own: not of a call with others in it
    time_point not_before{};   // Retry-After
};

/// What the world outside knows of one job.
struct JobBook {
    JobId id;
    std::vector<ItemBook> items;
    batchpace::JobOptions options;
    int cap = 0;
    std::multiset<time_point> inside;                   // items whose calls have entered and not left, by their start
    std::multiset<time_point> calls_inside;             // the same, calls
    std::multimap<time_point, std::stop_token> tokens;  // and how each is told to stop
    RateBook rate;                                      // for the job's own limit
    std::string tenant_name;
    time_point closed_until{};                          // the service asked this job alone
    bool from_source = false;
    bool cancelled = false;
    bool paused = false;
    std::uint64_t calls = 0;
    // what snapshots said before
    std::uint64_t processed = 0;
    std::uint64_t version = 0;
    std::uint64_t total = 0;
    bool was_final = false;
    time_point stopped_at = time_point::max() - 1h;  // its calls are abandoned a grace later
    batchpace::JobStatus final_status{};
    // those who wait for its finish
    int waits = 0;
    int finishes_told = 0;
    bool finished = false;
    bool touched = false;  // something has happened to it in this event

    std::uint64_t coming_home = 0;  // answers by completions whose lanes may not have heard of them yet

    /// Calls inside that cannot have been abandoned yet.
    std::size_t young(time_point now, duration grace) const {
        if (now >= stopped_at + grace) return 0;
        auto const longest = options.attempt_timeout + grace;
        return static_cast<std::size_t>(std::distance(calls_inside.upper_bound(now - longest), calls_inside.end()));
    }
};

}  // namespace batchpace_tests
