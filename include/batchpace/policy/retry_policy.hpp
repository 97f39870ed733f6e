// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/failure.hpp>
#include <batchpace/policy/backoff.hpp>
#include <batchpace/policy/detail/saturated.hpp>
#include <batchpace/policy/random.hpp>
#include <batchpace/time.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace batchpace {

/// The default: gives up on permanent failures, obeys Retry-After in full, and otherwise waits as its backoff says.
///
/// Where the service named a time, the backoff's delay is added on top of it: never earlier than it asked for, and not
/// all at the same moment. How many attempts an item has is the job's `max_attempts`, not decided here.
/// `Backoff` has `delay(attempt, random)`: `ExponentialBackoff` (the default), `FixedBackoff`, `NoBackoff`, or a host's.
/// As thread-safe as its backoff.
///
/// @par Example
/// @code
/// batchpace::RetryPolicy policy{batchpace::ExponentialBackoff{std::chrono::seconds{1}, std::chrono::minutes{1}}};
/// if (auto delay = policy.next(failure, 1, random)) retry_after(*delay);
/// @endcode
template <class Backoff = ExponentialBackoff>
class RetryPolicy {
public:
    RetryPolicy() = default;
    explicit RetryPolicy(Backoff backoff) : backoff_{std::move(backoff)} {}

    /// The delay before the next attempt, or nullopt: give up.
    /// @param attempt the number of the attempt that has just failed, from 1.
    std::optional<duration> next(Failure const& failure, int attempt, Random& random) {
        if (failure.kind() == FailureKind::permanent) return std::nullopt;
        auto const asked_for = failure.retry_after().value_or(duration::zero());
        duration const delay = backoff_.delay(attempt, random);
        return detail::saturated_add(std::max(duration::zero(), asked_for), std::max(duration::zero(), delay));
    }

private:
    Backoff backoff_;
};

RetryPolicy() -> RetryPolicy<>;

}  // namespace batchpace
