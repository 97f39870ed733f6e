// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/job_options.hpp>
#include <batchpace/json/detail/reading.hpp>

#include <nlohmann/json.hpp>

namespace batchpace {

/// {concurrency, rateLimitPerMinute?, maxAttempts, attemptTimeout, priority, idempotencyKey?, label?, allowDuplicates}:
/// what a client may ask for when it starts a job. The other options are the host's: neither written nor read.
inline void to_json(nlohmann::json& j, JobOptions const& o) {
    j = nlohmann::json::object();
    j["concurrency"] = o.concurrency;
    if (o.rate_limit_per_minute) j["rateLimitPerMinute"] = *o.rate_limit_per_minute;
    j["maxAttempts"] = o.max_attempts;
    j["attemptTimeout"] = detail::json::ms_up(o.attempt_timeout);
    j["priority"] = o.priority;
    if (!o.idempotency_key.empty()) j["idempotencyKey"] = o.idempotency_key;
    if (!o.label.empty()) j["label"] = o.label;
    j["allowDuplicates"] = o.duplicates == Duplicates::allow;
}

/// What is absent keeps its default; other members are not looked at.
/// `idempotency_key` and `label` look into `j`: it must live until the options have been used. Never write
/// `json::parse(text).get<JobOptions>()`; name the document.
inline void from_json(nlohmann::json const& j, JobOptions& o) {
    using detail::json::member_or;
    member_or(j, "concurrency", o.concurrency);
    detail::json::member(j, "rateLimitPerMinute", o.rate_limit_per_minute);
    member_or(j, "maxAttempts", o.max_attempts);
    member_or(j, "attemptTimeout", o.attempt_timeout);
    member_or(j, "priority", o.priority);
    member_or(j, "idempotencyKey", o.idempotency_key);
    member_or(j, "label", o.label);
    bool allow = o.duplicates == Duplicates::allow;
    member_or(j, "allowDuplicates", allow);
    o.duplicates = allow ? Duplicates::allow : Duplicates::refuse;
}

}  // namespace batchpace
