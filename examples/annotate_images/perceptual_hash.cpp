// SPDX-License-Identifier: BSL-1.0
#include "perceptual_hash.hpp"

#include <algorithm>
#include <cstddef>

namespace annotate_images {
namespace {

constexpr int columns = 9;
constexpr int rows = 8;

/// Where a side of `length` pixels is cut: every cell gets at least one pixel, also of a side shorter than its cells.
struct Cut {
    int from, to;
};
Cut cut(int length, int cells, int cell) noexcept {
    auto const at = [&](int border) { return static_cast<int>(std::int64_t{length} * border / cells); };
    auto const from = std::min(at(cell), length - 1);
    return {from, std::max(at(cell + 1), from + 1)};
}

/// Mean brightness of a cell in 256ths, so that smooth areas still differ.
std::int64_t brightness_of(Picture const& picture, Cut across, Cut down) noexcept {
    std::int64_t sum = 0;
    for (int y = down.from; y < down.to; ++y) {
        auto const* row = picture.row(y);
        for (int x = across.from; x < across.to; ++x) sum += brightness(row + 3 * static_cast<std::size_t>(x));
    }
    return sum * 256 / (std::int64_t{across.to - across.from} * (down.to - down.from));
}

}  // namespace

std::uint64_t perceptual_hash(Picture const& picture) {
    std::uint64_t hash = 0;
    for (int row = 0; row < rows; ++row) {
        auto const down = cut(picture.height(), rows, row);
        auto left = brightness_of(picture, cut(picture.width(), columns, 0), down);
        for (int column = 1; column < columns; ++column) {
            auto const right = brightness_of(picture, cut(picture.width(), columns, column), down);
            hash = hash << 1 | (left > right ? 1U : 0U);
            left = right;
        }
    }
    return hash;
}

}  // namespace annotate_images
