// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/error.hpp>
#include <batchpace/policy/detail/saturated.hpp>
#include <batchpace/time.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <system_error>

namespace batchpace {

/// How many retries a processor may make for what succeeds, so that a service that is down is not stormed by them.
///
/// A bucket of retries: each success adds a share of one (`ratio`), and a trickle is added as time goes by, so that
/// work goes on slowly where nothing succeeds. A retry that finds the bucket empty is not given up: it is made when the
/// trickle has paid for it. After Google's "Site Reliability Engineering" (2016), chapter 21 (a client's retries stay
/// below 10 % of its requests), with the floor of Finagle's `RetryBudget`.
///
/// A pure policy: time is an argument. Thread safety: none of its own.
///
/// @par Example
/// @code
/// auto hooks = batchpace::Hooks{}.retry_budget(batchpace::RetryBudget{0.1, 60});  // 10 %, and one a second besides
/// @endcode
class RetryBudget {
public:
    /// @param ratio      retries that each success adds, 0 to 10
    /// @param per_minute retries that are added in any case, at least 1
    /// @param most       retries that the bucket holds at most, and holds at first; at least 1
    /// @throws std::system_error `error::invalid_option`, its text naming the parameter: correct it.
    explicit RetryBudget(double ratio = 0.1, std::int64_t per_minute = 60, std::int64_t most = 100)
        : ratio_{checked(ratio)},
          interval_{duration{std::chrono::minutes{1}} / checked(per_minute, "per_minute")},
          depth_{interval_ * (checked(most, "most") - 1)} {}

    /// `count` attempts have succeeded.
    void succeeded(time_point now, std::uint64_t count) noexcept {
        // What is not a whole nanosecond's worth is lost: at 60 a minute less than one retry in 10⁹ successes.
        auto const credit = static_cast<double>(interval_.count()) * ratio_ * static_cast<double>(count);
        auto const full = now - depth_;
        auto const room = next_ > full ? next_ - full : duration::zero();
        next_ -= credit < static_cast<double>(room.count()) ? duration{static_cast<duration::rep>(credit)} : room;
    }

    /// Takes one retry out. Returns from when on it may be made: `now`, or when the trickle has paid for it.
    time_point reserve(time_point now) noexcept {
        next_ = std::max(next_, now - depth_);  // no fuller than full
        auto const at = std::max(now, next_);
        next_ = detail::saturated_add(next_, interval_);
        return at;
    }

    /// `count` retries that were taken out will not be made.
    void give_back(time_point now, std::uint64_t count) noexcept {
        auto const full = now - depth_;
        if (next_ > full) next_ -= std::min(next_ - full, detail::saturated_multiply(interval_, count));
    }

    /// How many retries could be made at once at `now`.
    std::uint64_t left(time_point now) const noexcept {
        auto const next = std::max(next_, now - depth_);
        return next > now ? 0 : static_cast<std::uint64_t>((now - next) / interval_) + 1;
    }

private:
    static double checked(double ratio) {
        if (!(ratio >= 0 && ratio <= 10))
            throw std::system_error{error::invalid_option, "RetryBudget: ratio must be from 0 to 10"};
        return ratio;
    }
    static std::int64_t checked(std::int64_t value, char const* name) {
        if (value < 1 || value > 1'000'000)
            throw std::system_error{error::invalid_option,
                                    std::string{"RetryBudget: "} + name + " must be from 1 to 1,000,000"};
        return value;
    }

    double ratio_;
    duration interval_;                    // between two retries of the trickle
    duration depth_;                       // what a full bucket is ahead of the time
    time_point next_ = time_point::min() + std::chrono::hours{24 * 365 * 100};  // when the bucket has one more
};

}  // namespace batchpace
