// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string_view>

namespace batchpace {

/// What a customer may use at most: attempts in flight at once, and starts in any 60 seconds.
/// A trivially destructible aggregate; `name` must outlive it (a literal, as a rule).
struct Tier {
    std::string_view name;    ///< shown in estimates and logs
    int max_concurrency = 0;  ///< attempts in flight; 0: no cap
    int per_minute = 0;       ///< starts in any window of one minute; 0: no limit

    friend bool operator==(Tier const&, Tier const&) = default;

    /// 2 at once, 10 a minute.
    static constexpr Tier free() noexcept { return {"free", 2, 10}; }
    /// 10 at once, 500 a minute.
    static constexpr Tier paid() noexcept { return {"paid", 10, 500}; }
};

}  // namespace batchpace
