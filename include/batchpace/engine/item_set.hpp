// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/engine/boxed.hpp>
#include <batchpace/engine/item_ranges.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace batchpace::engine {

/// A set of items at a bit each, whether it holds few of them or nearly all; a pointer as long as it holds none.
class ItemSet {
public:
    bool empty() const noexcept { return size() == 0; }
    std::uint64_t size() const noexcept { return bits_ ? bits_->size : 0; }

    bool contains(std::uint64_t index) const noexcept {
        return bits_ && index / 64 < bits_->words.size() && (bits_->word(index) & bit(index)) != 0;
    }

    void insert(ItemRange range) {
        if (range.empty()) return;
        auto& [words, size, first] = bits_.made();
        if (auto const needed = (range.end + 63) / 64; needed > words.size())
            words.resize(static_cast<std::size_t>(needed));
        first = std::min(first, static_cast<std::size_t>(range.begin / 64));
        while (!range.empty()) {
            auto const count = std::min<std::uint64_t>(64 - range.begin % 64, range.size());
            auto& word = words[static_cast<std::size_t>(range.begin / 64)];
            auto const before = std::popcount(word);
            word |= (~std::uint64_t{0} >> (64 - count)) << range.begin % 64;
            size += static_cast<std::uint64_t>(std::popcount(word) - before);
            range.begin += count;
        }
    }

    void erase(std::uint64_t index) noexcept {
        if (!contains(index)) return;
        bits_->words[static_cast<std::size_t>(index / 64)] &= ~bit(index);
        --bits_->size;
    }

    /// Takes the first one out; there must be one.
    std::uint64_t pop_first() noexcept {
        auto& [words, size, first] = *bits_;
        while (words[first] == 0) ++first;
        auto const index = first * 64 + static_cast<std::uint64_t>(std::countr_zero(words[first]));
        erase(index);
        return index;
    }

    /// Calls `visit(index)` for each from `from` on, the smallest first, until it returns false.
    template <class Visit>
    void each(std::uint64_t from, Visit&& visit) const {
        if (!bits_) return;
        auto const& words = bits_->words;
        auto at = std::max(bits_->first, static_cast<std::size_t>(from / 64));
        if (at >= words.size()) return;
        auto left = words[at];
        if (at == from / 64) left &= ~std::uint64_t{0} << from % 64;
        for (;;) {
            for (; left != 0; left &= left - 1)
                if (!visit(at * 64 + static_cast<std::uint64_t>(std::countr_zero(left)))) return;
            if (++at == words.size()) return;
            left = words[at];
        }
    }

private:
    struct Bits {
        std::vector<std::uint64_t> words;
        std::uint64_t size = 0;
        std::size_t first = SIZE_MAX;  // before this word there are none

        std::uint64_t word(std::uint64_t index) const noexcept { return words[static_cast<std::size_t>(index / 64)]; }
    };

    static constexpr std::uint64_t bit(std::uint64_t index) noexcept { return std::uint64_t{1} << index % 64; }

    Boxed<Bits> bits_;
};

}  // namespace batchpace::engine
