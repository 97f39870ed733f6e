// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/job_update.hpp>
#include <batchpace/json/detail/reading.hpp>

#include <nlohmann/json.hpp>

namespace batchpace {

/// {concurrency?, rateLimitPerMinute?, priority?}: what is absent stays as it is.
inline void to_json(nlohmann::json& j, JobUpdate const& u) {
    j = nlohmann::json::object();
    if (u.concurrency) j["concurrency"] = *u.concurrency;
    if (u.rate_limit_per_minute) j["rateLimitPerMinute"] = *u.rate_limit_per_minute;
    if (u.priority) j["priority"] = *u.priority;
}
inline void from_json(nlohmann::json const& j, JobUpdate& u) {
    using detail::json::member;
    member(j, "concurrency", u.concurrency);
    member(j, "rateLimitPerMinute", u.rate_limit_per_minute);
    member(j, "priority", u.priority);
}

}  // namespace batchpace
