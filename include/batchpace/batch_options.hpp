// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/time.hpp>

#include <cstddef>

namespace batchpace {

/// How calls that take several items are made up and charged: `{.linger = 50ms}`.
struct BatchOptions {
    /// What a call costs at every rate limit.
    enum class Cost : unsigned char {
        per_call,  ///< one permit, however many items are in it
        per_item,  ///< a permit for each item; then a call has at most as many as limits admit
    };

    duration linger = duration::zero();  ///< how long a call that is not full waits where more items may come; at least 0
    Cost cost = Cost::per_call;
    std::size_t most = 0;                 ///< items a call, where that shall be fewer than the `N` of `batched<N>`; 0: N
};

}  // namespace batchpace
