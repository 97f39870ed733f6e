// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/engine/item_ranges.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace batchpace::engine {

/// A set of items at a bit each, whether it holds few of them or nearly all; nothing as long as it holds none.
class ItemSet {
public:
    bool empty() const noexcept { return size_ == 0; }
    std::uint64_t size() const noexcept { return size_; }

    bool contains(std::uint64_t index) const noexcept {
        return index / 64 < words_.size() && (word(index) & bit(index)) != 0;
    }

    void insert(ItemRange range) {
        if (range.empty()) return;
        if (auto const needed = (range.end + 63) / 64; needed > words_.size())
            words_.resize(static_cast<std::size_t>(needed));
        first_ = std::min(first_, static_cast<std::size_t>(range.begin / 64));
        while (!range.empty()) {
            auto const count = std::min<std::uint64_t>(64 - range.begin % 64, range.size());
            auto& word = words_[static_cast<std::size_t>(range.begin / 64)];
            auto const before = std::popcount(word);
            word |= (~std::uint64_t{0} >> (64 - count)) << range.begin % 64;
            size_ += static_cast<std::uint64_t>(std::popcount(word) - before);
            range.begin += count;
        }
    }

    void erase(std::uint64_t index) noexcept {
        if (!contains(index)) return;
        words_[static_cast<std::size_t>(index / 64)] &= ~bit(index);
        --size_;
    }

    /// Takes the first one out; there must be one.
    std::uint64_t pop_first() noexcept {
        while (words_[first_] == 0) ++first_;
        auto const index = first_ * 64 + static_cast<std::uint64_t>(std::countr_zero(words_[first_]));
        erase(index);
        return index;
    }

    /// Calls `visit(index)` for each, the smallest first.
    template <class Visit>
    void each(Visit&& visit) const {
        for (auto at = first_; at < words_.size(); ++at)
            for (auto left = words_[at]; left != 0; left &= left - 1)
                visit(at * 64 + static_cast<std::uint64_t>(std::countr_zero(left)));
    }

private:
    static constexpr std::uint64_t bit(std::uint64_t index) noexcept { return std::uint64_t{1} << index % 64; }
    std::uint64_t word(std::uint64_t index) const noexcept { return words_[static_cast<std::size_t>(index / 64)]; }

    std::vector<std::uint64_t> words_;
    std::uint64_t size_ = 0;
    std::size_t first_ = SIZE_MAX;  // before this word there are none
};

}  // namespace batchpace::engine
