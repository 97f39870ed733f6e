// SPDX-License-Identifier: BSL-1.0
#include <batchpace/engine/duplicate_check.hpp>

#include <batchpace/policy/random.hpp>

#include "../catch.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

using batchpace::engine::DuplicateCheck;

namespace {
struct SameHash {
    int number;
    friend bool operator==(SameHash const&, SameHash const&) = default;
};
}  // namespace

template <>
struct std::hash<SameHash> {
    std::size_t operator()(SameHash const&) const noexcept { return 42; }
};

TEST_CASE("items are compared where their hashes are equal", "[engine][duplicate_check]") {
    std::vector<SameHash> items;
    for (int i = 0; i < 50; ++i) items.push_back({i});
    CHECK_FALSE(DuplicateCheck<SameHash>{items}.look(items.size()));
    items.push_back({17});
    CHECK(DuplicateCheck<SameHash>{items}.look(items.size()) == 50U);
}

TEST_CASE("a batch without duplicates has none", "[engine][duplicate_check]") {
    for (std::size_t count : {0U, 1U, 2U, 3U, 6U, 7U, 8U, 1'000U, 1'023U, 1'024U}) {
        std::vector<std::string> items;
        for (std::size_t i = 0; i < count; ++i) items.push_back("image-" + std::to_string(i));
        DuplicateCheck<std::string> check{items};
        CHECK_FALSE(check.look(items.size()));
        CHECK(check.done());
    }
}

TEST_CASE("the second of two equal items is found", "[engine][duplicate_check]") {
    std::vector<std::string> const items{"a", "b", "c", "b", "a"};
    DuplicateCheck<std::string> check{items};
    CHECK(check.look(100) == 3U);
    std::vector<std::string> const empty_ones{"", "x", ""};
    CHECK(DuplicateCheck<std::string>{empty_ones}.look(3) == 2U);
}

TEST_CASE("the check goes on where it stopped", "[engine][duplicate_check]") {
    std::vector<int> const items{4, 8, 15, 16, 23, 4};
    DuplicateCheck<int> check{items};
    CHECK_FALSE(check.look(2));
    CHECK_FALSE(check.done());
    CHECK_FALSE(check.look(3));
    CHECK_FALSE(check.done());
    CHECK(check.look(1) == 5U);
}

TEST_CASE("numbers whose hashes are themselves do not clash", "[engine][duplicate_check]") {
    std::vector<std::uint64_t> items;
    for (std::uint64_t i = 0; i < 3'000; ++i) items.push_back(i << 32);  // equal low halves
    DuplicateCheck<std::uint64_t> check{items};
    CHECK_FALSE(check.look(items.size()));
    items.push_back(std::uint64_t{1'234} << 32);
    CHECK(DuplicateCheck<std::uint64_t>{items}.look(items.size()) == 3'000U);
}

TEST_CASE("the check agrees with a set", "[engine][duplicate_check]") {
    batchpace::Random random{11};
    for (int round = 0; round < 200; ++round) {
        std::vector<std::uint64_t> items(random.below(60));
        for (auto& item : items) item = random.below(400);
        std::optional<std::size_t> wanted;
        std::set<std::uint64_t> seen;
        for (std::size_t i = 0; i < items.size() && !wanted; ++i)
            if (!seen.insert(items[i]).second) wanted = i;
        CHECK(DuplicateCheck<std::uint64_t>{items}.look(items.size()) == wanted);
    }
}

TEST_CASE("items that cannot be compared are never refused", "[engine][duplicate_check]") {
    struct Opaque {};
    std::vector<Opaque> const items(3);
    DuplicateCheck<Opaque> check{items};
    CHECK(check.done());
    CHECK_FALSE(check.look(3));
}
