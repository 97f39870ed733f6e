// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/time.hpp>

#include <cstdint>

namespace batchpace {

/// A quarter of a job's items has been processed. Each is announced once to every watcher, in order.
struct Milestone {
    int percentage = 0;          ///< 25, 50, 75 or 100
    std::uint64_t processed = 0; ///< items processed when it was passed
    std::uint64_t total = 0;     ///< items of the job
    std::uint64_t version = 0;   ///< the snapshot's version at which it was passed
    wall_time at{};              ///< when

    friend bool operator==(Milestone const&, Milestone const&) = default;
};

}  // namespace batchpace
