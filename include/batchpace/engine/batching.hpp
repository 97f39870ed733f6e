// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/time.hpp>

#include <cstdint>

namespace batchpace::engine {

/// How a processor's calls take several items at once. Never changes.
struct Batching {
    std::uint64_t most = 1;                ///< items a call
    duration linger = duration::zero();    ///< how long a call that is not full waits for more items to come
    bool cost_per_item = false;            ///< a permit for each item; else one for the call
};

}  // namespace batchpace::engine
