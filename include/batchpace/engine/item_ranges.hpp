// SPDX-License-Identifier: BSL-1.0
#pragma once

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
        count_ += range.size();
        ranges_.insert(std::lower_bound(ranges_.begin(), ranges_.end(), range, later), range);
    }

    /// Up to `most` items from the first range.
    ItemRange take(std::uint64_t most) noexcept {
        if (ranges_.empty()) return {};
        auto& first = ranges_.back();
        ItemRange const taken{first.begin, std::min(first.end, first.begin + most)};
        first.begin = taken.end;
        if (first.empty()) ranges_.pop_back();
        count_ -= taken.size();
        return taken;
    }

    std::uint64_t size() const noexcept { return count_; }
    bool empty() const noexcept { return count_ == 0; }
    std::vector<ItemRange> const& ranges() const noexcept { return ranges_; }
    void clear() noexcept {
        ranges_.clear();
        count_ = 0;
    }

private:
    // Latest first, so that the first range is taken off the end.
    static bool later(ItemRange const& a, ItemRange const& b) noexcept { return a.begin > b.begin; }

    std::vector<ItemRange> ranges_;
    std::uint64_t count_ = 0;
};

}  // namespace batchpace::engine
