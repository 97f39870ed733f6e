// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "console.hpp"

#include <batchpace/job_progress.hpp>
#include <batchpace/time.hpp>

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

namespace annotate_images {

/// Shows how far a job is: a bar on a terminal, redrawn at every call; elsewhere a line now and then.
class ProgressDisplay {
public:
    explicit ProgressDisplay(Console& console) : console_{console} {}

    /// To be called a few times a second.
    void show(batchpace::JobProgress const& progress, batchpace::time_point now);
    /// Takes the bar away.
    void end() { console_.show_bar({}); }

private:
    struct Sample {
        batchpace::time_point at;
        std::uint64_t processed;
    };

    double rate_per_second(std::uint64_t processed, batchpace::time_point now);
    bool line_is_due(batchpace::JobProgress const& progress, batchpace::time_point now);

    Console& console_;
    std::deque<Sample> samples_;  ///< of the last seconds, oldest first
    std::optional<batchpace::time_point> last_line_at_;
    int last_line_tenth_ = 0;
};

/// "850 ms", "12.3 s", "4 min 05 s", "3 h 20 min".
std::string to_text(batchpace::duration time);

}  // namespace annotate_images
