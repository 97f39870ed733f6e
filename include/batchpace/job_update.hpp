// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <optional>

namespace batchpace {

/// What to change of a running job; what is absent stays as it is.
struct JobUpdate {
    std::optional<int> concurrency = {};            ///< attempts in flight; running ones finish
    std::optional<int> rate_limit_per_minute = {};  ///< 0 takes the limit away
    std::optional<int> priority = {};               ///< weight, 1–1000
};

}  // namespace batchpace
