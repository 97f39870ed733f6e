// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/permit.hpp>
#include <batchpace/time.hpp>

#include <concepts>
#include <cstddef>

namespace batchpace {

/// A rate limiter: decides when a call may start. A pure policy: no timer, no thread, no clock.
///
/// | expression                        | type         | meaning                                                           |
/// |-----------------------------------|--------------|-------------------------------------------------------------------|
/// | `limiter.earliest(now, cost)`     | `time_point` | const: when could `cost` starts be made? `now` if now; `max()`: never |
/// | `limiter.take(now, cost)`         | `Permit`     | makes them; called only where `earliest` has answered `now`       |
/// | `limiter.give_back(permit)`       |              | they were not made; the limiter finds them by `permit.at`         |
/// | `limiter.on_throttled(now, until)`|              | optional: the service asks to be left alone until then            |
///
/// `now` never goes back from one call to the next. The engine calls a limiter from one thread at a time, inside its
/// mutex: it must be quick, and must not call back into the processor. `earliest` and `take` are two functions because
/// nested scopes must all be asked before any is charged.
template <class L>
concept rate_limiter = std::move_constructible<L> &&
                       requires(L& limiter, L const& asked, time_point now, std::size_t cost, Permit permit) {
                           { asked.earliest(now, cost) } -> std::same_as<time_point>;
                           { limiter.take(now, cost) } -> std::same_as<Permit>;
                           limiter.give_back(permit);
                       };

/// True for a limiter that says `static constexpr bool unlimited = true`: it is never asked.
template <class L>
inline constexpr bool never_limits_v = [] {
    if constexpr (requires { static_cast<bool>(L::unlimited); }) {
        return static_cast<bool>(L::unlimited);
    } else {
        return false;
    }
}();

}  // namespace batchpace
