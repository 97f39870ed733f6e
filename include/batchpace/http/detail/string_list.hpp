// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace batchpace::http::detail {

/// The strings of a JSON array while it is read. Room is made for as many as the bytes that are left will hold, going
/// by those read so far: doubling would need three times the final size for a moment.
class StringList {
public:
    StringList(std::vector<std::string>& items, std::size_t max_items, std::size_t max_length)
        : items_{items}, max_items_{max_items}, max_length_{max_length} {}

    std::size_t max_items() const noexcept { return max_items_; }
    std::size_t max_length() const noexcept { return max_length_; }

    /// The array begins, with `left` bytes after its bracket.
    void begin(std::size_t left) noexcept { left_at_begin_ = left; }
    /// @param left bytes not read after this item
    void add(std::string const& item, std::size_t left) {
        if (items_.size() == items_.capacity()) grow(left);
        items_.push_back(item);  // a copy has no room to spare
    }
    /// Frees all; nothing is kept of a request that is refused.
    void drop() noexcept { std::vector<std::string>{}.swap(items_); }

private:
    void grow(std::size_t left) {
        auto const count = items_.size();
        auto want = std::max<std::size_t>(count * 8, 32);
        // A thousand are a sample to go by; a guess from fewer could be far too high, and cost many times the body.
        if (count > 1'000) {
            auto const more = left * (count + 1) / (left_at_begin_ - left) + 1;
            want = std::max(count + count / 4, count + more + more / 16 + 8);
        }
        items_.reserve(std::min(want, max_items_));
    }

    std::vector<std::string>& items_;
    std::size_t max_items_;
    std::size_t max_length_;
    std::size_t left_at_begin_ = 0;
};

}  // namespace batchpace::http::detail
