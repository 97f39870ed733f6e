// SPDX-License-Identifier: BSL-1.0
#include <batchpace/engine/item_set.hpp>

#include <batchpace/policy/random.hpp>

#include "../catch.hpp"

#include <cstddef>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

using batchpace::engine::ItemRange;
using batchpace::engine::ItemSet;

TEST_CASE("a set of items does what a set does", "[engine][item_set]") {
    batchpace::Random random{7};
    ItemSet items;
    std::set<std::uint64_t> expected;
    for (int step = 0; step < 4'000; ++step) {
        auto const index = random.below(std::uint64_t{500});
        switch (random.below(std::uint64_t{4})) {
            case 0: {
                auto const end = index + random.below(std::uint64_t{200});
                items.insert({index, end});
                for (auto i = index; i < end; ++i) expected.insert(i);
                break;
            }
            case 1:
                items.erase(index);
                expected.erase(index);
                break;
            case 2:
                for (auto most = random.below(std::uint64_t{150}); most > 0 && !expected.empty(); --most) {
                    REQUIRE(items.pop_first() == *expected.begin());
                    expected.erase(expected.begin());
                }
                break;
            default: REQUIRE(items.contains(index) == expected.contains(index));
        }
        REQUIRE(items.size() == expected.size());
        REQUIRE(items.empty() == expected.empty());
        // From anywhere on, and no more than are asked for.
        for (auto const& [from, most] : {std::pair<std::uint64_t, std::size_t>{0, SIZE_MAX}, {index, 3}}) {
            std::vector<std::uint64_t> seen, wanted;
            items.each(from, [&, most = most](std::uint64_t i) {
                seen.push_back(i);
                return seen.size() < most;
            });
            for (auto i = expected.lower_bound(from); i != expected.end() && wanted.size() < most; ++i) wanted.push_back(*i);
            REQUIRE(seen == wanted);
        }
    }
}

TEST_CASE("an empty set of items holds nothing", "[engine][item_set]") {
    ItemSet items;
    CHECK(items.empty());
    CHECK_FALSE(items.contains(0));
    CHECK_FALSE(items.contains(UINT64_MAX));
    items.erase(3);
    items.insert({5, 5});
    CHECK(items.size() == 0);
    int visits = 0;
    items.each(0, [&](std::uint64_t) {
        ++visits;
        return true;
    });
    CHECK(visits == 0);
}
