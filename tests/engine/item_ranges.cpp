// SPDX-License-Identifier: BSL-1.0
#include <batchpace/engine/item_ranges.hpp>

#include "../catch.hpp"

#include <cstdint>

using batchpace::engine::ItemRange;
using batchpace::engine::ItemRanges;

TEST_CASE("a range knows its size", "[engine][item_ranges]") {
    CHECK(ItemRange{}.empty());
    CHECK(ItemRange{3, 3}.empty());
    CHECK(ItemRange{3, 7}.size() == 4);
    CHECK(ItemRange{3, 7} == ItemRange{3, 7});
    CHECK_FALSE(ItemRange{3, 7} == ItemRange{3, 8});
}

TEST_CASE("items given back are handed out in their order", "[engine][item_ranges]") {
    ItemRanges ranges;
    CHECK(ranges.take(5).empty());
    ranges.give_back({20, 25});
    ranges.give_back({40, 41});
    ranges.give_back({5, 9});
    ranges.give_back({30, 30});  // nothing
    CHECK(ranges.size() == 10);
    CHECK(ranges.take(3) == ItemRange{5, 8});
    CHECK(ranges.take(3) == ItemRange{8, 9});  // never across two ranges
    CHECK(ranges.size() == 6);
    ranges.give_back({8, 9});
    CHECK(ranges.take(1) == ItemRange{8, 9});
    CHECK(ranges.take(64) == ItemRange{20, 25});
    CHECK(ranges.take(64) == ItemRange{40, 41});
    CHECK(ranges.empty());
    CHECK(ranges.take(1).empty());
}

TEST_CASE("a whole range is taken where any number will do", "[engine][item_ranges]") {
    ItemRanges ranges;
    ranges.give_back({7, 9});
    ranges.give_back({1, 4});
    CHECK(ranges.take(UINT64_MAX) == ItemRange{1, 4});
    CHECK(ranges.take(UINT64_MAX) == ItemRange{7, 9});
    CHECK(ranges.empty());
}
