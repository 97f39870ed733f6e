// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/time.hpp>

#include <array>
#include <bit>
#include <cstdint>
#include <limits>

namespace batchpace {

/// The library's source of randomness: xoshiro256** 1.0 of David Blackman and Sebastiano Vigna (prng.di.unimi.it), its
/// state filled from the seed by their splitmix64. 32 bytes, about a nanosecond a number.
///
/// The same seed gives the same numbers on every platform, in `below` too, which is why nothing here uses the
/// distributions of `<random>`: they may differ from library to library. Not for secrets: who has seen a few numbers
/// knows the rest. A `std::uniform_random_bit_generator`. Thread safety: none of its own.
///
/// @par Example
/// @code
/// batchpace::Random random{42};
/// batchpace::duration jitter = random.below(std::chrono::seconds{2});  // 0 … just under 2 s
/// @endcode
class Random {
public:
    using result_type = std::uint64_t;

    explicit constexpr Random(std::uint64_t seed) noexcept {
        for (auto& word : state_) {
            seed += 0x9e3779b97f4a7c15U;
            auto z = seed;
            z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
            z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
            word = z ^ (z >> 31);
        }
    }

    static constexpr std::uint64_t min() noexcept { return 0; }
    static constexpr std::uint64_t max() noexcept { return std::numeric_limits<std::uint64_t>::max(); }

    /// The next 64 bits.
    constexpr std::uint64_t operator()() noexcept {
        auto const result = std::rotl(state_[1] * 5, 7) * 9;
        auto const shifted = state_[1] << 17;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= shifted;
        state_[3] = std::rotl(state_[3], 45);
        return result;
    }

    /// A number from 0 to `bound` - 1, each equally likely; 0 where `bound` is 0 or 1.
    constexpr std::uint64_t below(std::uint64_t bound) noexcept {
        if (bound <= 1) return 0;
        auto const unfair = (max() - bound + 1) % bound;  // 2^64 mod bound: that many numbers have no partner
        for (;;) {
            auto const number = (*this)();
            if (number >= unfair) return number % bound;
        }
    }

    /// A duration from 0 to just under `bound`; 0 where `bound` is 0 or less.
    constexpr duration below(duration bound) noexcept {
        if (bound <= duration::zero()) return duration::zero();
        return duration{static_cast<duration::rep>(below(static_cast<std::uint64_t>(bound.count())))};
    }

private:
    std::array<std::uint64_t, 4> state_{};
};

}  // namespace batchpace
