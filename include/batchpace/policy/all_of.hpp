// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/concepts/rate_limiter.hpp>
#include <batchpace/permit.hpp>
#include <batchpace/time.hpp>

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <utility>

namespace batchpace {

/// Several rate limiters as one: a call starts when all of them admit it. Made by `all_of(a, b, …)`.
/// For a service with limits of several lengths, for example 10 a second and 5,000 a day.
///
/// `on_throttled` is handed on to those that have it. Thread safety: none of its own.
///
/// @par Example
/// @code
/// auto limiter = batchpace::all_of(batchpace::SlidingWindow{10, 1s}, batchpace::SlidingWindow{5'000, 24h});
/// @endcode
template <class... Limiters>
class AllOf {
    static_assert(sizeof...(Limiters) > 0, "batchpace: all_of needs at least one rate limiter");
    static_assert((rate_limiter<Limiters> && ...),
                  "batchpace: all_of takes rate limiters: earliest, take and give_back; see docs/concepts/rate_limiter.md");

public:
    static constexpr bool unlimited = (never_limits_v<Limiters> && ...);

    explicit AllOf(Limiters... limiters) : limiters_{std::move(limiters)...} {}

    /// When all of them admit `cost` starts at once: the latest of their answers.
    time_point earliest(time_point now, std::size_t cost) const {
        return std::apply([&](auto const&... l) { return std::max({now, l.earliest(now, cost)...}); }, limiters_);
    }

    /// Charges each of them. Where one throws, those before it stay charged: a start less, never one more.
    Permit take(time_point now, std::size_t cost) {
        std::apply([&](auto&... l) { (static_cast<void>(l.take(now, cost)), ...); }, limiters_);
        return {now, cost};
    }

    /// Gives the permit back to each of them; they find it by its time.
    void give_back(Permit permit) {
        std::apply([&](auto&... l) { (static_cast<void>(l.give_back(permit)), ...); }, limiters_);
    }

    /// The service asks to be left alone until `until`.
    void on_throttled(time_point now, time_point until) {
        auto const tell = [&](auto& l) {
            if constexpr (requires { l.on_throttled(now, until); }) l.on_throttled(now, until);
        };
        std::apply([&](auto&... l) { (tell(l), ...); }, limiters_);
    }

private:
    std::tuple<Limiters...> limiters_;
};

/// One rate limiter that admits what all of these admit.
template <class... Limiters>
AllOf<Limiters...> all_of(Limiters... limiters) {
    return AllOf<Limiters...>{std::move(limiters)...};
}

}  // namespace batchpace
