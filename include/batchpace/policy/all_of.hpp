// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/concepts/rate_limiter.hpp>
#include <batchpace/permit.hpp>
#include <batchpace/time.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
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

    template <class L>
    static constexpr bool tells = requires(L const& l, time_point now, std::uint64_t calls) {
        { l.last_of(now, calls) } -> std::convertible_to<time_point>;
    };

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

    /// When the last of `calls` starts could be made; only there where each of them can tell.
    ///
    /// Never later than the truth. Exact where one of them rules, and where the last round of one (the starts it lets
    /// through at once) is spread by another, as at the end of 10 a second and 5,000 a day; rounds that get mixed
    /// before that can only be counted by making every start.
    time_point last_of(time_point now, std::uint64_t calls) const
        requires(tells<Limiters> && ...)
    {
        auto last = std::apply([&](auto const&... l) { return std::max({now, l.last_of(now, calls)...}); }, limiters_);
        auto const spread = [&](auto const& ruling) {
            // Its last round begins with the first start that it lets through as late as the last one. From there on
            // the others need their time.
            auto const round = ruling.last_of(now, calls);
            if (round <= now || round == time_point::max()) return;
            std::uint64_t first = 1;
            for (auto end = calls; first < end;) {
                auto const middle = first + (end - first) / 2;
                if (ruling.last_of(now, middle) < round)
                    first = middle + 1;
                else
                    end = middle;
            }
            std::apply([&](auto const&... l) { last = std::max({last, l.last_of(round, calls - first + 1)...}); }, limiters_);
        };
        if constexpr (sizeof...(Limiters) > 1)
            std::apply([&](auto const&... l) { (spread(l), ...); }, limiters_);
        return last;
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
