// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/engine/boxed.hpp>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace batchpace::engine {

/// A contiguous run of a job's items, [begin, end).
struct ItemRange {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;

    std::uint64_t size() const noexcept { return end - begin; }
    bool empty() const noexcept { return begin == end; }
    friend bool operator==(ItemRange const&, ItemRange const&) = default;
};

/// Items that lanes gave back unstarted, handed out again in their order. There are at most as many ranges as lanes.
class ItemRanges {
public:
    void give_back(ItemRange range) {
        if (range.empty()) return;
        auto& [ranges, count] = back_.made();
        count += range.size();
        ranges.insert(std::lower_bound(ranges.begin(), ranges.end(), range, later), range);
    }

    /// Up to `most` items from the first range.
    ItemRange take(std::uint64_t most) noexcept {
        if (empty()) return {};
        auto& [ranges, count] = *back_;
        auto& first = ranges.back();
        ItemRange const taken{first.begin, first.begin + std::min(most, first.size())};
        first.begin = taken.end;
        if (first.empty()) ranges.pop_back();
        count -= taken.size();
        return taken;
    }

    std::uint64_t size() const noexcept { return back_ ? back_->count : 0; }
    bool empty() const noexcept { return size() == 0; }

private:
    struct Back {
        std::vector<ItemRange> ranges;
        std::uint64_t count = 0;
    };

    // Latest first, so that the first range is taken off the end.
    static bool later(ItemRange const& a, ItemRange const& b) noexcept { return a.begin > b.begin; }

    Boxed<Back> back_;
};

}  // namespace batchpace::engine
