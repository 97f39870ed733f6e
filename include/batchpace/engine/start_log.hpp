// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/time.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace batchpace::engine {

/// How many starts a scope has made in each of the last minutes. All scopes have the same minutes, so that their numbers
/// can be compared: that shows how they really share.
class StartLog {
public:
    static constexpr int kept = 10;  ///< whole minutes that are looked at, at most
    static constexpr int least = 2;  ///< fewer say nothing

    void note(time_point now, std::size_t count = 1) noexcept {
        if (now >= end_) roll(now);
        counts_[index(minute_)] += static_cast<std::uint32_t>(count);
    }
    /// What was before says nothing any more: somebody else has come or gone, or shares were changed.
    void forget(time_point now) noexcept { since_ = std::max(since_, now); }
    /// Since when it has been as it is now; time_point::max() where it has made no start.
    time_point since() const noexcept { return end_ == time_point::min() ? time_point::max() : since_; }

    /// The minutes to compare, if everything has been the same since then; nullopt where they are too few.
    struct Minutes {
        std::int64_t first;
        std::int64_t end;
    };
    static std::optional<Minutes> minutes(time_point now, time_point since) noexcept {
        auto const end = minute_of(now);  // the one that is not over yet is left out
        if (since == time_point::max()) return std::nullopt;
        auto const first = std::max(end - kept, since == time_point::min() ? end - kept : minute_of(since) + 1);
        if (end - first < least) return std::nullopt;
        return Minutes{first, end};
    }
    std::uint64_t count(Minutes minutes) const noexcept {
        std::uint64_t sum = 0;
        for (auto m = minutes.first; m < minutes.end; ++m)
            if (m <= minute_ && m > minute_ - size) sum += counts_[index(m)];
        return sum;
    }

private:
    static constexpr std::int64_t size = kept + 1;
    static constexpr duration minute = std::chrono::minutes{1};

    static std::int64_t minute_of(time_point at) noexcept { return at.time_since_epoch() / minute; }
    static std::size_t index(std::int64_t m) noexcept { return static_cast<std::size_t>(m % size + size) % size; }

    void roll(time_point now) noexcept {
        auto const m = minute_of(now);
        if (end_ == time_point::min() || m - minute_ > size) {
            counts_.fill(0);
            since_ = std::max(since_, now);  // it is new, or was idle
        } else {
            for (auto gone = minute_ + 1; gone <= m; ++gone) counts_[index(gone)] = 0;
        }
        minute_ = m;
        end_ = time_point{} + (m + 1) * minute;
    }

    std::array<std::uint32_t, static_cast<std::size_t>(size)> counts_{};
    std::int64_t minute_ = 0;
    time_point end_ = time_point::min();  // of that minute
    time_point since_ = time_point::min();
};

}  // namespace batchpace::engine
