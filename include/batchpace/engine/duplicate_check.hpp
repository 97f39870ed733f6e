// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace batchpace::engine {

/// Item types that can be compared, so that a repeated one is found. Others are never refused.
template <class Item>
concept comparable_item = std::equality_comparable<Item> && requires(Item const& item) {
    { std::hash<Item>{}(item) } -> std::convertible_to<std::size_t>;
};

/// Finds the first item that stands twice in a batch, in slices of the caller's choosing.
/// A hash table of at most 16 bytes an item that lives as long as the check.
template <class Item>
class DuplicateCheck {
public:
    explicit DuplicateCheck(std::vector<Item> const& items) : items_{items} {
        if constexpr (comparable_item<Item>) {
            // 8 bytes an entry, between 50 and 100 % more entries than items; at most 16 bytes an item for large batches.
            auto const size = std::bit_ceil(items.size() + 1);
            slots_.resize(size / 4 * 3 > items.size() ? size : size * 2);
            mask_ = slots_.size() - 1;
        } else {
            next_ = items.size();
        }
    }

    /// Looks at up to `count` more items; the place of the first duplicate, if one was found.
    std::optional<std::size_t> look(std::size_t count) {
        if constexpr (comparable_item<Item>) {
            for (; count > 0 && next_ < items_.size(); --count, ++next_) {
                auto const& item = items_[next_];
                auto const hash = mix(std::hash<Item>{}(item));
                for (auto at = static_cast<std::size_t>(hash) & mask_;; at = (at + 1) & mask_) {
                    auto& slot = slots_[at];
                    if (slot.number == 0) {
                        slot = {static_cast<std::uint32_t>(hash >> 32), static_cast<std::uint32_t>(next_ + 1)};
                        break;
                    }
                    if (slot.hash == static_cast<std::uint32_t>(hash >> 32) && items_[slot.number - 1] == item)
                        return next_;
                }
            }
        }
        return std::nullopt;
    }

    bool done() const noexcept { return next_ >= items_.size(); }

private:
    struct Slot {
        std::uint32_t hash = 0;    // the half that does not choose the place
        std::uint32_t number = 0;  // of the item, from 1; a batch of more than 2^32 items is refused before
    };

    // std::hash of a number may be the number: spread it (the finisher of splitmix64).
    static std::uint64_t mix(std::uint64_t z) noexcept {
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31);
    }

    std::vector<Item> const& items_;
    std::vector<Slot> slots_;
    std::size_t mask_ = 0;
    std::size_t next_ = 0;
};

}  // namespace batchpace::engine
