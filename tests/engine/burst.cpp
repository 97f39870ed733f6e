// SPDX-License-Identifier: BSL-1.0
#include <batchpace/engine/burst.hpp>

#include "../catch.hpp"

#include <chrono>

using batchpace::engine::Burst;
using namespace std::chrono_literals;

TEST_CASE("a burst starts at one item and doubles while it is short", "[engine][burst]") {
    Burst burst;
    CHECK(burst.size() == 1);
    for (std::uint64_t size = 2; size <= Burst::largest; size *= 2) {
        burst.record(burst.size(), 99us);
        CHECK(burst.size() == size);
    }
    burst.record(burst.size(), 0us);
    CHECK(burst.size() == Burst::largest);
}

TEST_CASE("a long burst halves it, down to one", "[engine][burst]") {
    Burst burst;
    while (burst.size() < Burst::largest) burst.record(burst.size(), 1us);
    burst.record(Burst::largest, 500us);  // neither short nor long
    CHECK(burst.size() == Burst::largest);
    burst.record(Burst::largest, 501us);
    CHECK(burst.size() == Burst::largest / 2);
    burst.record(Burst::looks_after, 501us);  // one that was cut short: what it has done is what counts
    CHECK(burst.size() == Burst::looks_after / 2);
    for (std::uint64_t size = Burst::looks_after / 4; size > 1; size /= 2) {
        burst.record(burst.size(), 1s);
        CHECK(burst.size() == size);
    }
    burst.record(burst.size(), 1s);
    CHECK(burst.size() == 1);
    burst.record(burst.size(), 1s);
    CHECK(burst.size() == 1);
}

TEST_CASE("between short and long it stays, and one cut short does not make it grow", "[engine][burst]") {
    Burst burst;
    burst.record(1, 100us);
    CHECK(burst.size() == 1);
    burst.record(1, 1us);
    burst.record(1, 1us);  // one of two
    CHECK(burst.size() == 2);
    burst.record(2, 1us);
    CHECK(burst.size() == 4);
    burst.reset();
    CHECK(burst.size() == 1);
}
