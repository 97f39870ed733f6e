// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/time.hpp>

#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace batchpace {

/// How long things took, in fixed buckets each twice as wide as the one before: up to 125 µs, 250 µs, 500 µs, 1 ms, …,
/// 131.072 s, and longer. Buckets that never change can be added up over processors and over restarts.
/// A pure policy; a plain value that can be copied. Thread safety: none of its own.
class Histogram {
public:
    static constexpr duration smallest = std::chrono::microseconds{125};  ///< the first bucket's upper bound
    static constexpr std::size_t buckets = 22;                            ///< the last one has no upper bound

    /// The longest duration that bucket number `bucket` counts; duration::max() for the last one.
    static constexpr duration upper_bound(std::size_t bucket) noexcept {
        return bucket + 1 < buckets ? smallest * (std::int64_t{1} << bucket) : duration::max();
    }

    /// `count` things took `each`; a negative duration counts as none.
    constexpr void record(duration each, std::uint64_t count = 1) noexcept {
        if (each < duration::zero()) each = duration::zero();
        counts_[bucket_of(each)] += count;
        count_ += count;
        sum_ += std::chrono::duration<double>{each} * static_cast<double>(count);
    }

    /// How many fell into one bucket, those below it apart.
    constexpr std::uint64_t count(std::size_t bucket) const noexcept { return counts_[bucket]; }
    /// How many there were.
    constexpr std::uint64_t count() const noexcept { return count_; }
    /// What they took together: in floating point, because years of attempts add up to more than `duration` holds.
    constexpr std::chrono::duration<double> sum() const noexcept { return sum_; }

private:
    static constexpr std::size_t bucket_of(duration each) noexcept {
        if (each <= smallest) return 0;
        // An upper bound belongs to its bucket, so one nanosecond less is what is measured.
        auto const times = static_cast<std::uint64_t>((each - duration{1}) / smallest);
        auto const bucket = static_cast<std::size_t>(std::bit_width(times));
        return bucket < buckets ? bucket : buckets - 1;
    }

    std::array<std::uint64_t, buckets> counts_{};
    std::uint64_t count_ = 0;
    std::chrono::duration<double> sum_{};
};

}  // namespace batchpace
