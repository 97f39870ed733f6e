// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/detail/enum_array.hpp>
#include <batchpace/policy/circuit_breaker.hpp>
#include <batchpace/policy/histogram.hpp>
#include <batchpace/waiting_for.hpp>

#include <cstdint>
#include <optional>

namespace batchpace {

/// What a monitoring system wants to know of a processor (`BatchProcessor::metrics`). Counters never go back while the
/// processor lives; what is called *now* is read when it is asked for. See docs/metrics.md.
struct ProcessorMetrics {
    ProcessorMetrics() = default;  // with this, GCC 12 never sees an aggregate (docs/design.md)

    /// Attempts that have ended, by what came of them.
    struct Attempts {
        std::uint64_t successful = 0;  ///< counted when their burst is over
        std::uint64_t transient = 0;
        std::uint64_t permanent = 0;
        std::uint64_t throttled = 0;
        std::uint64_t timed_out = 0;  ///< failed after their time-out had asked them to stop, or said so themselves
        std::uint64_t abandoned = 0;  ///< given up: they did not come back within the grace
        std::uint64_t stopped = 0;    ///< failed after the end of their job had asked them to stop
    };
    /// Items that have ended.
    struct Items {
        std::uint64_t successful = 0;  ///< counted when their burst is over
        std::uint64_t failed = 0;
        std::uint64_t cancelled = 0;  ///< counted when their job has finished
    };
    /// Permits of the rate limits at one level; scopes without a rate limit have none.
    struct Permits {
        std::uint64_t used = 0;        ///< taken for a start
        std::uint64_t given_back = 0;  ///< of those: the call was not made
        std::uint64_t refused = 0;     ///< about how often a start was asked for while the limit was used up, or closed
    };

    // Counters.
    Attempts attempts;
    Items items;
    std::uint64_t retries = 0;  ///< attempts of items that had failed before (throttled ones too) that were scheduled
    detail::EnumArray<WaitingFor::Scope, Permits> permits;
    /// Of attempts that came back. Sampled: once a burst, with its mean for each of its items.
    Histogram attempt_duration;
    std::uint64_t jobs_started = 0;
    std::uint64_t late_answers = 0;     ///< answers that were dropped: of abandoned attempts, and second ones
    std::uint64_t hook_exceptions = 0;  ///< exceptions that hooks threw and nobody saw

    // Now.
    /// Items that wait, by the reason that their job's snapshot gives; those between two attempts under `backoff`, those
    /// of jobs whose own lanes are busy under `concurrency`. Together they are `queue_depth`.
    detail::EnumArray<WaitingFor::Reason, std::uint64_t> waiting_for;
    std::uint64_t queue_depth = 0;    ///< items of active jobs that are neither running nor ended
    std::uint64_t in_flight = 0;      ///< attempts, abandoned ones apart
    std::uint64_t abandoned = 0;      ///< attempts that are still out
    std::uint64_t active_jobs = 0;    ///< not finished
    std::uint64_t finished_jobs = 0;  ///< finished and still kept
    std::optional<CircuitBreaker::State> circuit_breaker;  ///< where there is one
    std::optional<std::uint64_t> retry_budget;             ///< retries that it would pay for at once, where there is one
};

}  // namespace batchpace
