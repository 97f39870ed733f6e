// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/error.hpp>
#include <batchpace/permit.hpp>
#include <batchpace/policy/detail/saturated.hpp>
#include <batchpace/time.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <system_error>
#include <utility>
#include <vector>

namespace batchpace {

/// A rate limit that is never exceeded: at most `limit` starts in *any* window [t, t + window).
///
/// It keeps the exact log of the latest starts (the "sliding window log"), one time for each unit of cost in a ring:
/// a start may be made when the one `limit` starts ago has left the window. Where counters and buckets let up to twice
/// the limit through at a border, this lets none; and under saturation it uses every permit.
///
/// A pure policy: time is an argument, in the order of the clock: `now` must not go back from call to call.
/// Memory: 8 bytes for each start in the window, rounded up to a power of two; expired starts are overwritten first.
///
/// Thread safety: none of its own; distinct objects are independent. After a move only assign to it or destroy it.
///
/// @par Example
/// @code
/// batchpace::SlidingWindow limiter{500, std::chrono::minutes{1}};
/// if (auto at = limiter.earliest(now, 1); at <= now) limiter.take(now, 1);
/// else wait_until(at);
/// @endcode
class SlidingWindow {
public:
    /// @param limit starts in any window, at least 1.
    /// @param window the window's length, above 0.
    /// @param guard added to the window for what may happen between a start here and its arrival at the service; give
    ///        the largest difference of two calls' delays. It costs guard / (window + guard) of the throughput.
    /// @throws std::system_error `error::invalid_option`, its text naming the parameter: correct it.
    SlidingWindow(std::int64_t limit, duration window, duration guard = duration::zero())
        : limit_{checked_limit(limit)}, window_{checked_window(window)}, span_{checked_span(window, guard)} {}

    /// When `cost` starts could be made at once: `now` if they may be made now, `time_point::max()` if `cost` is above
    /// the limit, so that it never could. Changes nothing; other starts made meanwhile can move it.
    time_point earliest(time_point now, std::size_t cost) const noexcept {
        if (cost > limit_) return time_point::max();
        auto const may_stay = limit_ - cost;  // starts that may be in the window beside these
        if (size_ <= may_stay) return now;
        return std::max(now, expiry(start(size_ - 1 - may_stay)));
    }

    /// Makes `cost` starts at `now`. The caller has asked `earliest` before; this one does not refuse, it only counts.
    /// @throws std::bad_alloc if the log cannot grow; nothing has been counted then.
    Permit take(time_point now, std::size_t cost) {
        if (size_ + cost > ring_.size()) make_room(now, cost);
        for (std::size_t i = 0; i < cost; ++i) start(size_++) = now;
        return {now, cost};
    }

    /// Takes back the starts of a permit whose call was not made. A permit that is not known here (any more) is ignored.
    void give_back(Permit permit) noexcept {
        auto const first = first_where([&](time_point t) { return t >= permit.at; });
        auto last = first;
        while (last < size_ && last - first < permit.cost && start(last) == permit.at) ++last;
        auto const found = last - first;
        if (found == 0) return;
        for (; last < size_; ++last) start(last - found) = start(last);  // as a rule nothing: it was the latest
        size_ -= found;
    }

    /// Changes the limit. Starts already made go on counting, also those that are above a lower limit.
    /// @throws std::system_error `error::invalid_option` unless `limit` is at least 1.
    void set_limit(std::int64_t limit) { limit_ = checked_limit(limit); }

    /// Changes the guard. Starts that had expired under a smaller one may have been forgotten.
    /// @throws std::system_error `error::invalid_option` if `guard` is negative.
    void set_guard(duration guard) { span_ = checked_span(window_, guard); }

    std::int64_t limit() const noexcept { return static_cast<std::int64_t>(limit_); }
    duration window() const noexcept { return window_; }
    duration guard() const noexcept { return span_ - window_; }

    /// Starts that count at `now`: those in the window (and guard) that ends there.
    std::int64_t used(time_point now) const noexcept {
        return static_cast<std::int64_t>(size_ - first_where([&](time_point t) { return expiry(t) > now; }));
    }

    /// When the last of `calls` starts could be made if each were made as early as this limit allows; `now` for none.
    /// What an estimate of the time left rests on. Costs a binary search.
    time_point last_of(time_point now, std::uint64_t calls) const noexcept {
        if (calls == 0) return now;
        auto const rounds = (calls - 1) / limit_;         // each start is followed by another one a window later
        auto const place = (calls - 1) % limit_;          // in the first round
        auto const counting = static_cast<std::size_t>(used(now));
        auto first = now;
        if (counting + place >= limit_) first = expiry(start(size_ + place - limit_));  // the one whose place it takes
        return detail::saturated_add(first, detail::saturated_multiply(span_, rounds));
    }

    /// Bytes that the log occupies.
    std::size_t memory() const noexcept { return ring_.size() * sizeof(time_point); }

    /// Frees the memory of starts that do not count any more at `now`; for limiters that have become idle.
    void trim(time_point now) {
        auto const counting = static_cast<std::size_t>(used(now));
        drop(size_ - counting);
        resize(counting == 0 ? 0 : std::bit_ceil(counting));
    }

private:
    static std::size_t checked_limit(std::int64_t limit) {
        if (limit <= 0) throw std::system_error{error::invalid_option, "SlidingWindow: limit must be at least 1"};
        return static_cast<std::size_t>(limit);
    }
    static duration checked_window(duration window) {
        if (window <= duration::zero())
            throw std::system_error{error::invalid_option, "SlidingWindow: window must be above 0"};
        return window;
    }
    static duration checked_span(duration window, duration guard) {
        if (guard < duration::zero())
            throw std::system_error{error::invalid_option, "SlidingWindow: guard must be at least 0"};
        return detail::saturated_add(window, guard);
    }

    time_point expiry(time_point start) const noexcept { return detail::saturated_add(start, span_); }

    // The start of that age: 0 is the oldest kept. The ring's size is a power of two.
    time_point& start(std::size_t i) noexcept { return ring_[(head_ + i) & (ring_.size() - 1)]; }
    time_point const& start(std::size_t i) const noexcept { return ring_[(head_ + i) & (ring_.size() - 1)]; }

    // The index of the oldest start for which `matches` holds (it then holds for all later ones), or size_.
    template <class Predicate>
    std::size_t first_where(Predicate matches) const noexcept {
        std::size_t first = 0;
        for (auto length = size_; length > 0;) {
            auto const half = length / 2;
            if (matches(start(first + half))) {
                length = half;
            } else {
                first += half + 1;
                length -= half + 1;
            }
        }
        return first;
    }

    void drop(std::size_t count) noexcept {
        head_ += count;
        size_ -= count;
    }

    // Overwrites expired starts where that is enough, so that only starts in the window make the ring grow.
    void make_room(time_point now, std::size_t cost) {
        while (size_ > 0 && size_ + cost > ring_.size() && expiry(start(0)) <= now) drop(1);
        if (size_ + cost > ring_.size()) resize(std::bit_ceil(std::max<std::size_t>(size_ + cost, 8)));
    }

    void resize(std::size_t capacity) {
        if (capacity == ring_.size()) return;
        std::vector<time_point> ring(capacity);
        for (std::size_t i = 0; i < size_; ++i) ring[i] = start(i);
        ring_ = std::move(ring);
        head_ = 0;
    }

    std::size_t limit_;
    duration window_;
    duration span_;                 // window and guard
    std::vector<time_point> ring_;  // the latest starts, oldest first from head_ on
    std::size_t head_ = 0;          // grows without end; masked where it is used
    std::size_t size_ = 0;
};

}  // namespace batchpace
