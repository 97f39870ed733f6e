// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/permit.hpp>
#include <batchpace/time.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

namespace batchpace::engine {

/// A host's rate limiter behind virtual functions, so that scopes are one piece of code whatever limits them.
class AnyLimiter {
public:
    virtual ~AnyLimiter() = default;
    virtual time_point earliest(time_point now, std::size_t cost) const = 0;
    virtual Permit take(time_point now, std::size_t cost) = 0;
    virtual void give_back(Permit permit) = 0;
    virtual void on_throttled(time_point now, time_point until) = 0;
    /// When the last of `calls` starts could be made; nullopt for a limiter that cannot tell.
    virtual std::optional<time_point> last_of(time_point now, std::uint64_t calls) const = 0;
    /// How many starts it lets through at once when it is fresh, and how many of them are used up; 0 where it cannot tell.
    struct Round {
        std::uint64_t limit = 0;
        std::uint64_t used = 0;
    };
    virtual Round round(time_point now) const = 0;
    /// Starts per minute, where the limiter has such a number.
    virtual std::optional<int> per_minute() const = 0;

    /// Wraps any type that satisfies `rate_limiter`.
    template <class Limiter>
    static std::unique_ptr<AnyLimiter> wrap(Limiter limiter) {
        struct Holder final : AnyLimiter {
            explicit Holder(Limiter l) : limiter{std::move(l)} {}
            time_point earliest(time_point now, std::size_t cost) const override { return limiter.earliest(now, cost); }
            Permit take(time_point now, std::size_t cost) override { return limiter.take(now, cost); }
            void give_back(Permit permit) override { limiter.give_back(permit); }
            void on_throttled(time_point now, time_point until) override {
                if constexpr (requires { limiter.on_throttled(now, until); }) limiter.on_throttled(now, until);
            }
            std::optional<time_point> last_of(time_point now, std::uint64_t calls) const override {
                if constexpr (requires { limiter.last_of(now, calls); })
                    return limiter.last_of(now, calls);
                else
                    return std::nullopt;
            }
            Round round(time_point now) const override {
                if constexpr (requires { limiter.limit(), limiter.used(now); })
                    return {static_cast<std::uint64_t>(limiter.limit()), static_cast<std::uint64_t>(limiter.used(now))};
                return {};
            }
            std::optional<int> per_minute() const override {
                if constexpr (requires { limiter.limit(), limiter.window(); })
                    if (limiter.window() == std::chrono::minutes{1}) return static_cast<int>(limiter.limit());
                return std::nullopt;
            }
            Limiter limiter;
        };
        return std::make_unique<Holder>(std::move(limiter));
    }
};

}  // namespace batchpace::engine
