// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/error.hpp>
#include <batchpace/permit.hpp>
#include <batchpace/policy/detail/saturated.hpp>
#include <batchpace/time.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <system_error>

namespace batchpace {

/// A rate limit that spreads starts evenly: in any window of length W at most burst + W·n/per of them.
///
/// With a burst of 1 it paces (500 a minute: one every 120 ms); with a larger one it lets so many through at once after
/// a pause. Where a service counts "n in any minute" take `SlidingWindow`: a bucket of capacity n lets up to 2n through.
///
/// The algorithm is the generic cell rate algorithm in its virtual scheduling form (ITU-T Recommendation I.371, annex
/// A): it keeps only the theoretical arrival time of the next start. The time between two starts is rounded up to
/// whole nanoseconds, so that the bound above is never exceeded (and a rate above 10⁶/s loses more than 0.1 %).
///
/// A pure policy: time is an argument, in the order of the clock: `now` must not go back from call to call.
/// Thread safety: none of its own; distinct objects are independent.
///
/// @par Example
/// @code
/// batchpace::TokenBucket limiter{500, std::chrono::minutes{1}, 20};  // 500 a minute, up to 20 at once
/// if (auto at = limiter.earliest(now, 1); at <= now) limiter.take(now, 1);
/// @endcode
class TokenBucket {
public:
    /// @param n starts in `per`, at least 1.
    /// @param per what `n` is counted over, above 0.
    /// @param burst starts that can be made at once after a pause, at least 1; together worth at most 100 years.
    /// @throws std::system_error `error::invalid_option`, its text naming the parameter: correct it.
    TokenBucket(std::int64_t n, duration per, std::int64_t burst = 1)
        : interval_{checked_interval(n, per)},
          burst_{checked_burst(burst, interval_)},
          next_{time_point::min() + interval_ * burst} {}

    /// When `cost` starts could be made at once: `now` if they may be made now, `time_point::max()` if `cost` is above
    /// the burst, so that it never could. Changes nothing; other starts made meanwhile can move it.
    time_point earliest(time_point now, std::size_t cost) const noexcept {
        if (cost > burst_) return time_point::max();
        return std::max(now, next_ - interval_ * static_cast<duration::rep>(burst_ - cost));
    }

    /// Makes `cost` starts at `now`. The caller has asked `earliest` before; this one does not refuse, it only counts.
    Permit take(time_point now, std::size_t cost) noexcept {
        if (takes_ == 0 || last(0).at != now) {
            ++takes_;
            last(0) = {now, next_ > now ? next_ - now : duration::zero(), 0};
        }
        last(0).cost += cost;
        next_ = detail::saturated_add(std::max(now, next_), detail::saturated_multiply(interval_, cost));
        return {now, cost};
    }

    /// Takes back the starts of a permit whose call was not made: what was started later could have been started the
    /// same without it, and what the bucket would have had left then is there again, never more.
    /// Known are the permits of the 8 latest times; another one is ignored, and its starts stay counted.
    void give_back(Permit permit) noexcept {
        std::size_t age = 0;
        while (age < known() && last(age).at != permit.at) ++age;
        if (age == known() || last(age).cost < permit.cost) return;
        last(age).cost -= permit.cost;

        // Without it each later take would have found the bucket that much fuller, but not fuller than full.
        auto refund = detail::saturated_multiply(interval_, permit.cost);
        for (auto i = age; i-- > 0;) {
            refund = std::min(refund, last(i).debt);
            last(i).debt -= refund;
        }
        next_ -= refund;
    }

    /// When the last of `calls` starts could be made if each were made as early as this limit allows; `now` for none.
    time_point last_of(time_point now, std::uint64_t calls) const noexcept {
        if (calls == 0) return now;
        auto const first = std::max(now, next_) - interval_ * static_cast<duration::rep>(burst_ - 1);
        return std::max(now, detail::saturated_add(first, detail::saturated_multiply(interval_, calls - 1)));
    }

    /// The time between two starts at the full rate.
    duration interval() const noexcept { return interval_; }
    std::int64_t burst() const noexcept { return static_cast<std::int64_t>(burst_); }

private:
    // All starts made at one time.
    struct Take {
        time_point at{};
        duration debt{};  // how far next_ was ahead of `at` before them
        std::size_t cost = 0;
    };

    static duration checked_interval(std::int64_t n, duration per) {
        if (n <= 0) throw std::system_error{error::invalid_option, "TokenBucket: n must be at least 1"};
        if (per <= duration::zero()) throw std::system_error{error::invalid_option, "TokenBucket: per must be above 0"};
        return duration{(per.count() - 1) / n + 1};
    }
    static std::size_t checked_burst(std::int64_t burst, duration interval) {
        constexpr auto most = std::chrono::hours{24 * 365 * 100};
        if (burst <= 0) throw std::system_error{error::invalid_option, "TokenBucket: burst must be at least 1"};
        if (interval > most || burst > most / interval)
            throw std::system_error{error::invalid_option, "TokenBucket: burst must be worth at most 100 years"};
        return static_cast<std::size_t>(burst);
    }

    std::size_t known() const noexcept { return std::min(takes_, latest_.size()); }
    Take& last(std::size_t age) noexcept { return latest_[(takes_ - 1 - age) % latest_.size()]; }

    duration interval_;
    std::size_t burst_;
    time_point next_;  // the theoretical arrival time: the bucket is full once it has passed
    std::array<Take, 8> latest_{};
    std::size_t takes_ = 0;  // different times at which starts were made
};

}  // namespace batchpace
