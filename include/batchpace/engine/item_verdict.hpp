// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/failure.hpp>
#include <batchpace/failure_kind.hpp>
#include <batchpace/policy/detail/saturated.hpp>
#include <batchpace/time.hpp>

#include <algorithm>
#include <optional>

namespace batchpace::engine {

/// What becomes of an item whose attempt has failed, and of everybody else where the service asked to be left alone.
struct ItemVerdict {
    std::optional<time_point> retry_at;      ///< absent: the item has ended failed
    int attempt_number = 0;                  ///< of the attempt that will be made then
    int throttles = 0;                       ///< how often it has been turned away by then
    std::optional<time_point> close_until;   ///< nothing is started before

    /// @param number       of the attempt that failed, from 1
    /// @param throttles    how often the item was turned away before
    /// @param delay        what the retry policy said; absent: give up
    static ItemVerdict of(Failure const& failure, int number, int throttles, std::optional<duration> delay,
                          int max_attempts, int max_throttles, time_point now) {
        auto const later = [&](duration time) {
            return batchpace::detail::saturated_add(now, std::max(duration::zero(), time));
        };
        auto const throttled = failure.asks_to_wait();
        ItemVerdict verdict;
        if (throttled) verdict.close_until = later(failure.retry_after().value_or(delay.value_or(duration::zero())));
        auto const free_of_charge = throttled && throttles < max_throttles;
        verdict.attempt_number = free_of_charge ? number : number + 1;
        verdict.throttles = throttled ? throttles + 1 : throttles;
        // Retry-After is obeyed in full, whatever the policy says.
        if (delay && (free_of_charge || number < max_attempts))
            verdict.retry_at = later(std::max(*delay, failure.retry_after().value_or(duration::zero())));
        return verdict;
    }
};

}  // namespace batchpace::engine
