// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/http/body.hpp>
#include <batchpace/http/detail/body_field.hpp>
#include <batchpace/http/detail/object_reader.hpp>
#include <batchpace/http/detail/string_list.hpp>
#include <batchpace/http/parsed.hpp>
#include <batchpace/http/start_limits.hpp>
#include <batchpace/job_options.hpp>
#include <batchpace/time.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace batchpace::http {

/// The body of `POST /start`.
struct StartRequest {
    StartRequest() = default;

    std::vector<std::string> image_ids;
    std::optional<int> concurrency;
    std::optional<int> rate_limit_per_minute;
    std::optional<int> max_attempts;
    std::optional<duration> attempt_timeout;
    std::optional<int> priority;
    std::optional<std::string> idempotency_key;
    std::optional<std::string> label;
    std::optional<bool> allow_duplicates;

    /// What is asked for, over the host's `defaults`. The texts look into this request.
    JobOptions options(JobOptions const& defaults = {}) const {
        auto o = defaults;
        if (concurrency) o.concurrency = *concurrency;
        if (rate_limit_per_minute) o.rate_limit_per_minute = rate_limit_per_minute;
        if (max_attempts) o.max_attempts = *max_attempts;
        if (attempt_timeout) o.attempt_timeout = *attempt_timeout;
        if (priority) o.priority = *priority;
        if (idempotency_key) o.idempotency_key = *idempotency_key;
        if (label) o.label = *label;
        if (allow_duplicates) o.duplicates = *allow_duplicates ? Duplicates::allow : Duplicates::refuse;
        return o;
    }
};

/// Reads and checks `{imageIds: […], concurrency?, rateLimitPerMinute?, maxAttempts?, attemptTimeout?, priority?,
/// idempotencyKey?, label?, allowDuplicates?}`; the time-out is in milliseconds.
///
/// The body is parsed as it is walked, and its pieces are freed on the way: with the ids it takes up at most four times
/// its own size at any moment (ids of 14 bytes and more). Refused are: what is no JSON object, or is nested deeper than
/// 16 (malformed); members that are unknown, there twice, of another type, null or out of range, a missing or empty
/// list, ids, labels and keys that are too long or hold control characters, and ids and keys that are empty (invalid,
/// each named); more ids than `limits` (too_many_items, and reading stops there). Numbers must be written as integers:
/// 5, not 5.0. Whether ids repeat is for `start_batch` to find out.
inline Parsed<StartRequest> parse_start(Body body, StartLimits const& limits = {}) {
    // A day: beyond it a time-out is a slip of the unit.
    constexpr std::int64_t longest_timeout = std::chrono::milliseconds{std::chrono::hours{24}}.count();
    StartRequest r;
    detail::StringList ids{r.image_ids, limits.max_items, limits.max_id_length};
    detail::BodyField const fields[] = {
        {.name = "imageIds", .into = &ids, .required = true},
        {.name = "concurrency", .into = &r.concurrency},
        {.name = "rateLimitPerMinute", .into = &r.rate_limit_per_minute},
        {.name = "maxAttempts", .into = &r.max_attempts},
        {.name = "attemptTimeout", .into = &r.attempt_timeout, .most = longest_timeout},
        {.name = "priority", .into = &r.priority, .most = 1'000},
        {.name = "idempotencyKey",
         .into = &r.idempotency_key,
         .most = static_cast<std::int64_t>(limits.max_key_length)},
        {.name = "label", .into = &r.label, .least = 0, .most = static_cast<std::int64_t>(limits.max_label_length)},
        {.name = "allowDuplicates", .into = &r.allow_duplicates},
    };
    auto error = detail::ObjectReader::read(std::move(body), fields);
    if (error) return std::move(*error);
    return r;
}

}  // namespace batchpace::http
