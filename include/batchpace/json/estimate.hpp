// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/estimate.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ratio>

namespace batchpace {

/// {minutes, concurrency, rateLimitPerMinute, tier, calls}; null where unknown, unlimited or of no tier.
/// Minutes are rounded to hundredths, and any time at all is 0.01 at least.
/// There is no way back: a tier's name is a view of the host's text.
inline void to_json(nlohmann::json& j, Estimate const& e) {
    j = nlohmann::json::object();
    j["minutes"] = nullptr;
    if (e.time) {
        auto const minutes = std::chrono::duration<double, std::ratio<60>>{*e.time}.count();
        j["minutes"] = minutes > 0 ? std::max(std::round(minutes * 100) / 100, 0.01) : 0.0;
    }
    j["concurrency"] = e.concurrency;
    j["rateLimitPerMinute"] = nullptr;
    if (e.rate_limit_per_minute) j["rateLimitPerMinute"] = *e.rate_limit_per_minute;
    j["tier"] = nullptr;
    if (e.tier) j["tier"] = e.tier->name;
    j["calls"] = e.calls;
}

}  // namespace batchpace
