// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/tier.hpp>
#include <batchpace/time.hpp>

#include <cstdint>
#include <optional>

namespace batchpace {

/// What a batch would take, asked before it is started.
struct Estimate {
    std::optional<duration> time;                ///< absent where neither a limit nor a measured duration bounds it
    std::uint64_t calls = 0;                     ///< attempts, with as many retries as calls so far have needed
    int concurrency = 0;                         ///< attempts in flight it would have
    std::optional<int> rate_limit_per_minute;    ///< the limit that binds it, if one does
    std::optional<Tier> tier;                    ///< the tier it was asked for
};

}  // namespace batchpace
