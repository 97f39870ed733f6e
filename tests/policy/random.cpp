// SPDX-License-Identifier: BSL-1.0
#include <batchpace/policy/random.hpp>

#include "../catch.hpp"

#include <array>
#include <cstdint>
#include <random>

using batchpace::duration;
using batchpace::Random;

static_assert(std::uniform_random_bit_generator<Random>);

TEST_CASE("a seed gives the numbers of the published algorithms", "[policy][random]") {
    // splitmix64 from 0 is 0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4, 0x06c45d188009454f, 0xf88bb8a8724c81ec; the first
    // number of xoshiro256** is rotl(s[1] * 5, 7) * 9.
    Random random{0};
    CHECK(random() == 0x99ec5f36cb75f2b4U);
    CHECK(random() == 0xbf6e1f784956452aU);
    CHECK(random() == 0x1a5f849d4933e6e0U);
    constexpr auto at_compile_time = [] { return Random{0}(); }();
    STATIC_REQUIRE(at_compile_time == 0x99ec5f36cb75f2b4U);
}

TEST_CASE("the same seed gives the same numbers, another one others", "[policy][random]") {
    Random a{42};
    Random b{42};
    Random c{43};
    int same = 0;
    for (int i = 0; i < 1000; ++i) {
        auto const number = a();
        CHECK(number == b());
        same += number == c();
    }
    CHECK(same == 0);
}

TEST_CASE("below stays below its bound and reaches every number about equally often", "[policy][random]") {
    Random random{1};
    std::array<int, 7> seen{};
    for (int i = 0; i < 70'000; ++i) ++seen.at(random.below(std::uint64_t{7}));
    for (int count : seen) {
        CHECK(count > 9'600);
        CHECK(count < 10'400);
    }
}

TEST_CASE("below has no favourites where the bound does not divide the range", "[policy][random]") {
    // Without rejection the lower half of this range would come twice as often.
    constexpr auto bound = (std::uint64_t{1} << 63) + (std::uint64_t{1} << 62);
    Random random{2};
    int low = 0;
    for (int i = 0; i < 30'000; ++i) low += random.below(bound) < bound / 3;
    CHECK(low > 9'600);
    CHECK(low < 10'400);
}

TEST_CASE("below nothing is nothing", "[policy][random]") {
    Random random{3};
    CHECK(random.below(std::uint64_t{0}) == 0);
    CHECK(random.below(std::uint64_t{1}) == 0);
    CHECK(random.below(duration::zero()) == duration::zero());
    CHECK(random.below(duration{-5}) == duration::zero());
    for (int i = 0; i < 1000; ++i) {
        auto const d = random.below(duration::max());
        CHECK(d >= duration::zero());
        CHECK(d < duration::max());
    }
}
