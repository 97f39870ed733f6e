// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace batchpace {

namespace detail {

// A function `item_id(item)` beside a host's own type is found by its argument.
template <class Item>
concept has_item_id = requires(Item const& item) {
    { item_id(item) } -> std::convertible_to<std::string>;
};

struct ItemIdOf {
    /// How an item is named in errors and results: a string is its own name, a number its digits; for any other type
    /// write `std::string item_id(Item const&)` in its namespace. Without that the name is its place, "#17".
    template <class Item>
    std::string operator()(Item const& item, std::uint64_t index) const {
        if constexpr (has_item_id<Item>)
            return item_id(item);
        else if constexpr (std::convertible_to<Item const&, std::string_view>)
            return std::string{std::string_view{item}};
        else if constexpr (std::integral<Item>)
            return std::to_string(item);
        else
            return '#' + std::to_string(index);
    }
};

}  // namespace detail

/// The name of an item: `batchpace::item_id_of(item, index)`.
inline constexpr detail::ItemIdOf item_id_of{};

}  // namespace batchpace
