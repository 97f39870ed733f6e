// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace batchpace::detail {

/// One value for each enumerator of `Enum`, which counts from 0 without a gap and has a `to_string`. How many there are
/// is asked of that, so that whoever adds an enumerator (and the compiler sees to its name) need not come here.
template <class Enum, class T>
class EnumArray {
public:
    static constexpr std::size_t size() noexcept {
        std::size_t count = 0;
        while (to_string(static_cast<Enum>(count)) != std::string_view{"unknown"}) ++count;
        return count;
    }

    constexpr T& operator[](Enum which) noexcept { return values_[static_cast<std::size_t>(which)]; }
    constexpr T const& operator[](Enum which) const noexcept { return values_[static_cast<std::size_t>(which)]; }

    /// Calls `visit(enumerator, value)` for each.
    template <class Visit>
    constexpr void each(Visit&& visit) const {
        for (std::size_t i = 0; i < size(); ++i) visit(static_cast<Enum>(i), values_[i]);
    }

private:
    std::array<T, size()> values_{};
};

}  // namespace batchpace::detail
