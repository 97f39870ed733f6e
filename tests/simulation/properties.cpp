// SPDX-License-Identifier: BSL-1.0
// Whole systems, each drawn from one seed; every guarantee is checked after every event (world.hpp).

#include "seeds.hpp"
#include "world.hpp"

using namespace batchpace_tests;

TEST_CASE("the guarantees hold for coroutines under no processor limit", "[seeds]") {
    for_each_seed([](std::uint64_t seed) { World<true, false>{seed}.run(); });
}

TEST_CASE("the guarantees hold for coroutines under a processor limit", "[seeds]") {
    for_each_seed([](std::uint64_t seed) { World<true, true>{seed}.run(); });
}

TEST_CASE("the guarantees hold for batched calls under no processor limit", "[seeds]") {
    for_each_seed([](std::uint64_t seed) { World<true, false, Calls::batched>{seed}.run(); });
}

TEST_CASE("the guarantees hold for batched calls under a processor limit", "[seeds]") {
    for_each_seed([](std::uint64_t seed) { World<true, true, Calls::batched>{seed}.run(); });
}

TEST_CASE("the guarantees hold for synchronous annotators under no processor limit", "[seeds]") {
    for_each_seed([](std::uint64_t seed) { World<false, false>{seed}.run(); });
}

TEST_CASE("the guarantees hold for synchronous annotators under a processor limit", "[seeds]") {
    for_each_seed([](std::uint64_t seed) { World<false, true>{seed}.run(); });
}

TEST_CASE("the guarantees hold for completions under no processor limit", "[seeds]") {
    for_each_seed([](std::uint64_t seed) { World<true, false, Calls::by_completion>{seed}.run(); });
}

TEST_CASE("the guarantees hold for completions under a processor limit", "[seeds]") {
    for_each_seed([](std::uint64_t seed) { World<true, true, Calls::by_completion>{seed}.run(); });
}
