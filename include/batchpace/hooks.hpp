// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/concepts/retry_policy.hpp>
#include <batchpace/event.hpp>
#include <batchpace/failure.hpp>
#include <batchpace/job_id.hpp>
#include <batchpace/job_progress.hpp>
#include <batchpace/policy/circuit_breaker.hpp>
#include <batchpace/policy/random.hpp>
#include <batchpace/policy/retry_budget.hpp>
#include <batchpace/policy/retry_policy.hpp>
#include <batchpace/tier.hpp>
#include <batchpace/time.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace batchpace {

/// What a host plugs into a processor beside the three parts it must bring; each has a default.
///
/// `Hooks{}.retry(RetryPolicy{ExponentialBackoff{100ms, 5s}}).on_event(log)`.
/// `on_event` and `on_stalled` run on the processor's executor, outside its mutex, one call at a time, and may call the
/// processor; what they throw is counted in `ProcessorStats::hook_exceptions`. The retry policy and `id_generator` are asked under the
/// mutex: they must not call the processor. `tier_of` is asked by whoever starts a job, outside the mutex.
class Hooks {
public:
    /// Decides whether and when an item is tried again. Default: exponential backoff with full jitter.
    template <retry_policy Policy>
    Hooks retry(Policy policy) && {
        retry_ = [policy = std::move(policy)](Failure const& failure, int attempt, Random& random) mutable {
            return policy.next(failure, attempt, random);
        };
        return std::move(*this);
    }
    /// Bounds retries by what succeeds. Default: none.
    Hooks retry_budget(RetryBudget budget) && {
        retry_budget_ = budget;
        return std::move(*this);
    }
    /// Leaves a service alone that fails most calls. Default: none.
    Hooks circuit_breaker(CircuitBreaker breaker) && {
        circuit_breaker_ = std::move(breaker);
        return std::move(*this);
    }
    /// The tier of a tenant, asked when its first job starts.
    Hooks tier_of(std::function<std::optional<Tier>(std::string_view)> f) && {
        tier_of_ = std::move(f);
        return std::move(*this);
    }
    /// Starts, retries, throttles, abandoned attempts and finishes, for a log.
    Hooks on_event(std::function<void(Event const&)> f) && {
        on_event_ = std::move(f);
        return std::move(*this);
    }
    /// Called once a stall: no item of a job has ended for its `stalled_after`, though it is not paused and waits for
    /// nothing whose time is known. Again only after an item has ended and the job has stalled anew. The snapshot, without
    /// its errors, is of the moment when that was noticed; its `waiting_for` says what it waits for, if it does.
    /// While a job is watched the loop has work: it is looked at after `stalled_after`, also where nothing else happens.
    Hooks on_stalled(std::function<void(JobProgress const&)> f) && {
        on_stalled_ = std::move(f);
        return std::move(*this);
    }
    /// Makes the ids of jobs. Default: a random UUID of version 7.
    Hooks id_generator(std::function<JobId()> f) && {
        id_generator_ = std::move(f);
        return std::move(*this);
    }
    /// Makes jitter and ids the same in every run; for tests only, since ids can then be guessed.
    Hooks random_seed(std::uint64_t seed) && {
        random_seed_ = seed;
        return std::move(*this);
    }

    std::function<std::optional<duration>(Failure const&, int, Random&)> take_retry() {
        if (retry_) return std::move(retry_);
        return [policy = RetryPolicy{}](Failure const& failure, int attempt, Random& random) mutable {
            return policy.next(failure, attempt, random);
        };
    }
    std::optional<RetryBudget> const& retry_budget() const noexcept { return retry_budget_; }
    std::optional<CircuitBreaker> const& circuit_breaker() const noexcept { return circuit_breaker_; }
    std::function<std::optional<Tier>(std::string_view)> const& tier_of() const noexcept { return tier_of_; }
    std::function<void(Event const&)> const& on_event() const noexcept { return on_event_; }
    std::function<void(JobProgress const&)> const& on_stalled() const noexcept { return on_stalled_; }
    std::function<JobId()> const& id_generator() const noexcept { return id_generator_; }
    std::optional<std::uint64_t> random_seed() const noexcept { return random_seed_; }

private:
    std::function<std::optional<duration>(Failure const&, int, Random&)> retry_;
    std::optional<RetryBudget> retry_budget_;
    std::optional<CircuitBreaker> circuit_breaker_;
    std::function<std::optional<Tier>(std::string_view)> tier_of_;
    std::function<void(Event const&)> on_event_;
    std::function<void(JobProgress const&)> on_stalled_;
    std::function<JobId()> id_generator_;
    std::optional<std::uint64_t> random_seed_;
};

}  // namespace batchpace
