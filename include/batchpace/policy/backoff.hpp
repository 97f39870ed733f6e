// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/error.hpp>
#include <batchpace/failure.hpp>
#include <batchpace/policy/random.hpp>
#include <batchpace/time.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <system_error>

namespace batchpace {

/// Waits longer after each failure, and at random, so that clients which failed together do not come back together:
/// uniform in [0, min(cap, base · 2^(attempt - 1))].
///
/// This is "full jitter" of the AWS Architecture Blog, "Exponential Backoff And Jitter" (Marc Brooker, 2015).
/// It looks at the attempt's number only; `RetryPolicy` adds what the failure says. Immutable: safe from any thread.
///
/// @par Example
/// @code
/// batchpace::ExponentialBackoff backoff{std::chrono::seconds{1}, std::chrono::minutes{1}};
/// auto delay = backoff.delay(3, random);  // 0 … 4 s
/// @endcode
class ExponentialBackoff {
public:
    /// @param base the longest delay after the first attempt, at least 0.
    /// @param cap the longest delay at all, at least `base`.
    /// @throws std::system_error `error::invalid_option`, its text naming the parameter: correct it.
    explicit ExponentialBackoff(duration base = std::chrono::milliseconds{500}, duration cap = std::chrono::seconds{30})
        : base_{base}, cap_{cap} {
        if (base < duration::zero())
            throw std::system_error{error::invalid_option, "ExponentialBackoff: base must be at least 0"};
        if (cap < base) throw std::system_error{error::invalid_option, "ExponentialBackoff: cap must be at least base"};
    }

    /// The longest delay after attempt number `attempt` (from 1; any number is allowed).
    duration ceiling(int attempt) const noexcept {
        auto const doublings = std::clamp(attempt, 1, 63) - 1;
        return base_ > duration{cap_.count() >> doublings} ? cap_ : duration{base_.count() << doublings};
    }

    /// The delay after attempt number `attempt` (from 1; any number is allowed).
    duration delay(int attempt, Random& random) const noexcept {
        auto const most = ceiling(attempt);
        return most == duration::max() ? random.below(most) : random.below(most + duration{1});
    }

    /// As a retry policy: always another attempt.
    std::optional<duration> next(Failure const&, int attempt, Random& random) const noexcept {
        return delay(attempt, random);
    }

    duration base() const noexcept { return base_; }
    duration cap() const noexcept { return cap_; }

private:
    duration base_;
    duration cap_;
};

}  // namespace batchpace
