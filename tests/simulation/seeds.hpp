// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

#include "catch.hpp"

namespace batchpace_tests {

/// The seeds to try: BATCHPACE_SEED alone (to replay a failure), else 1 … BATCHPACE_SEEDS.
inline std::vector<std::uint64_t> seeds(std::uint64_t share = 1) {
    if (char const* one = std::getenv("BATCHPACE_SEED")) return {std::strtoull(one, nullptr, 10)};
    char const* many = std::getenv("BATCHPACE_SEEDS");
    auto const count = (many != nullptr ? std::strtoull(many, nullptr, 10) : 200) / share;
    std::vector<std::uint64_t> all;
    for (std::uint64_t seed = 1; seed <= (count == 0 ? 1 : count); ++seed) all.push_back(seed);
    return all;
}

/// Runs `scenario(seed)` for every seed; the first one that throws fails the test and is printed.
template <class Scenario>
void for_each_seed(Scenario scenario, std::uint64_t share = 1) {
    for (auto const seed : seeds(share)) {
        std::string failed;
        try {
            scenario(seed);
        } catch (std::exception const& e) {
            failed = e.what();
        }
        INFO("replay it with BATCHPACE_SEED=" << seed);
        INFO(failed);
        REQUIRE(failed.empty());
    }
}

}  // namespace batchpace_tests
