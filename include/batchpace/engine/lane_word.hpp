// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <atomic>
#include <cstdint>

namespace batchpace::engine {

/// All that a lane shares with other threads while it runs a burst: how many items it has started, whether one is
/// in flight, and whether it may start another. One word, so that every reader sees the three fit together, and so
/// that starting an item costs one read-modify-write.
///
/// Only the lane starts and ends; `close`, `open` and `abandon` are called under the engine's mutex.
class LaneWord {
public:
    /// One reading of the word.
    class Value {
    public:
        constexpr Value() = default;
        constexpr explicit Value(std::uint64_t bits) noexcept : bits_{bits} {}
        constexpr bool closed() const noexcept { return (bits_ & closed_bit) != 0; }
        constexpr bool in_flight() const noexcept { return (bits_ & in_flight_bit) != 0; }
        constexpr bool abandoned() const noexcept { return (bits_ & abandoned_bit) != 0; }
        /// Items started since the lane was made; the sequence number of the attempt in flight.
        constexpr std::uint64_t started() const noexcept { return bits_ >> count_shift; }
        /// Items ended. `width`: how many are in flight where one is.
        constexpr std::uint64_t ended(std::uint64_t width = 1) const noexcept {
            return started() - (in_flight() ? width : 0);
        }

    private:
        std::uint64_t bits_ = 0;
    };

    Value load() const noexcept { return Value{word_.load(std::memory_order_acquire)}; }

    /// The lane starts an item, or `count` of them in one call (which ends those in flight as successes, if there are
    /// any). False where the word is closed: then nothing has changed and nothing may be started.
    bool try_start(std::uint64_t count = 1) noexcept {
        auto seen = word_.load(std::memory_order_relaxed);
        // The lane is the only one that counts, so a first failure can only mean that somebody closed the word.
        return (seen & closed_bit) == 0 &&
               word_.compare_exchange_strong(seen, (seen + one * count) | in_flight_bit, std::memory_order_acq_rel,
                                             std::memory_order_acquire);
    }

    /// The lane ends the item in flight. The value before tells whether it had been abandoned.
    Value end() noexcept { return Value{word_.fetch_and(~in_flight_bit, std::memory_order_acq_rel)}; }

    /// No item is started any more after this. The value before tells which were.
    Value close() noexcept { return Value{word_.fetch_or(closed_bit, std::memory_order_acq_rel)}; }

    /// The lane may start items of its next block.
    void open() noexcept { word_.fetch_and(~closed_bit, std::memory_order_acq_rel); }

    /// Gives the attempt `sequence` up. False where it has ended meanwhile: then nothing has changed.
    bool abandon(std::uint64_t sequence) noexcept {
        auto seen = word_.load(std::memory_order_acquire);
        while (Value{seen}.in_flight() && Value{seen}.started() == sequence) {
            if (word_.compare_exchange_weak(seen, seen | closed_bit | abandoned_bit, std::memory_order_acq_rel,
                                            std::memory_order_acquire))
                return true;
        }
        return false;
    }

private:
    static constexpr std::uint64_t closed_bit = 1;
    static constexpr std::uint64_t in_flight_bit = 2;
    static constexpr std::uint64_t abandoned_bit = 4;
    static constexpr int count_shift = 3;
    static constexpr std::uint64_t one = std::uint64_t{1} << count_shift;

    std::atomic<std::uint64_t> word_{closed_bit};
};

}  // namespace batchpace::engine
