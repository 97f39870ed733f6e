// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/failure.hpp>
#include <batchpace/policy/random.hpp>
#include <batchpace/time.hpp>

#include <concepts>
#include <optional>

namespace batchpace {

/// A retry policy: decides whether, and after how long, an item is tried again. A pure policy: no timer, no clock;
/// randomness arrives as an argument.
///
/// | expression                              | type                       | meaning                                    |
/// |-----------------------------------------|----------------------------|--------------------------------------------|
/// | `policy.next(failure, attempt, random)` | `std::optional<duration>`  | the delay before the next attempt (0: at once), or nullopt: give up |
///
/// `attempt` is the number of the attempt that has just failed, from 1. The engine asks only while the job's
/// `max_attempts` leaves another attempt, from one thread at a time.
template <class P>
concept retry_policy = std::move_constructible<P> &&
                       requires(P& policy, Failure const& failure, int attempt, Random& random) {
                           { policy.next(failure, attempt, random) } -> std::convertible_to<std::optional<duration>>;
                       };

}  // namespace batchpace
