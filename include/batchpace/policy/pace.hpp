// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/time.hpp>

#include <algorithm>
#include <cstdint>

namespace batchpace {

/// How long a call takes, and how much that varies: the mean that an estimate of the time left rests on.
///
/// All calls weigh the same, up to `memory` of them; from then on older ones fade. So the mean of durations that are
/// spread like an exponential's is known within 2 to 3 %, where a smoothing quick enough to follow every change would
/// be off by 20 %. A service that changes its speed is noticed by blocks: one whose mean is not within a factor of 1.5
/// of what was known takes its place.
///
/// A pure policy without a clock. Thread safety: none of its own.
class Pace {
public:
    static constexpr std::uint64_t memory = 2'048;  ///< calls that the mean rests on at most
    static constexpr std::uint64_t block = 128;     ///< calls that can show a change of the service's speed

    /// `calls` calls took that time in all, one after another.
    void record(std::uint64_t calls, duration took) noexcept {
        if (calls == 0 || took < duration::zero()) return;
        auto const sum = static_cast<double>(took.count());
        calls_ = std::min(calls_ + calls, memory);
        auto const weight = std::min(1.0, static_cast<double>(calls) / static_cast<double>(calls_));
        auto const off = sum / static_cast<double>(calls) - mean_;
        mean_ += weight * off;
        variance_ = (1.0 - weight) * (variance_ + weight * off * off);

        block_calls_ += calls;
        block_sum_ += sum;
        if (block_calls_ < block) return;
        auto const recent = block_sum_ / static_cast<double>(block_calls_);
        if (recent > 1.5 * mean_ || 1.5 * recent < mean_) {
            variance_ *= (recent / mean_) * (recent / mean_);
            mean_ = recent;
            calls_ = std::min(block_calls_, memory);
        }
        block_calls_ = 0;
        block_sum_ = 0.0;
    }

    bool known() const noexcept { return calls_ > 0; }
    /// Of a call; 0 where none was recorded.
    duration mean() const noexcept { return duration{static_cast<duration::rep>(mean_)}; }
    /// The squared coefficient of variation: 0 for calls that all take the same time, 1 for an exponential.
    double variation() const noexcept { return mean_ > 0.0 ? variance_ / (mean_ * mean_) : 0.0; }

    /// What a call that has been out so long still needs: the rest of the mean where all take the same time; where they
    /// vary like an exponential, a whole mean however long it has been.
    duration left_after(duration age) const noexcept {
        auto const spread = std::min(1.0, variation());
        auto const rest = std::max(0.0, mean_ - static_cast<double>(age.count()));
        return duration{static_cast<duration::rep>((1.0 - spread) * rest + spread * mean_)};
    }

private:
    double mean_ = 0.0;
    double variance_ = 0.0;
    double block_sum_ = 0.0;
    std::uint64_t calls_ = 0;  // that the mean rests on
    std::uint64_t block_calls_ = 0;
};

}  // namespace batchpace
