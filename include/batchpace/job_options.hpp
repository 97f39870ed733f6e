// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/time.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace batchpace {

/// What to do when one item is named twice in a batch.
enum class Duplicates : unsigned char {
    refuse,  ///< `error::duplicate_item`, the first one named
    allow,   ///< each is an item of its own
};

constexpr std::string_view to_string(Duplicates duplicates) noexcept {
    switch (duplicates) {
        case Duplicates::refuse: return "refuse";
        case Duplicates::allow: return "allow";
    }
    return "unknown";
}

/// What one job may do. Give only what differs:
/// `start_batch(ids, {.concurrency = 8, .max_attempts = 5})`.
/// Numbers are signed so that one of zero or less can be refused instead of becoming huge; views are copied by the call.
struct JobOptions {
    int concurrency = 5;                            ///< attempts in flight; clamped to the tier's cap
    std::optional<int> rate_limit_per_minute = {};  ///< starts in any 60 seconds, retries included
    int max_attempts = 3;                           ///< for each item, the first one included
    duration attempt_timeout = std::chrono::seconds{60};  ///< then the attempt is asked to stop
    std::optional<duration> deadline = {};          ///< from the start; then the job is stopped
    std::optional<std::int64_t> max_calls = {};     ///< attempts the job may start in all
    std::optional<std::int64_t> stop_after_failures = {};  ///< stop when so many items have failed
    std::optional<double> stop_at_failure_rate = {};  ///< stop when this share (0–1] of the processed items has failed, from 20 on
    int priority = 1;                               ///< its weight among the tenant's jobs, 1–1000
    std::string_view tenant = {};                   ///< whose job it is
    std::string_view idempotency_key = {};          ///< a second start with the same key (of one tenant) returns the first job
    std::string_view label = {};                    ///< for people
    Duplicates duplicates = Duplicates::refuse;     ///< what a repeated item gets
    std::int64_t keep_errors = 1'000;               ///< errors kept in detail; all are counted
    std::int64_t keep_results = 100'000;            ///< latest annotations kept; nothing is kept where T is void
    duration stalled_after = std::chrono::hours{1};  ///< without an ended item the job counts as stalled
};

}  // namespace batchpace
