// SPDX-License-Identifier: BSL-1.0
#include <batchpace/policy/eta.hpp>

#include <batchpace/policy/sliding_window.hpp>

#include "../catch.hpp"

#include <limits>

using batchpace::duration;
using batchpace::Eta;
using batchpace::SlidingWindow;
using batchpace::time_point;
using namespace std::chrono_literals;

TEST_CASE("lanes bound a job without a limit", "[policy][eta]") {
    CHECK(Eta::time_left({.items_left = 100, .in_flight = 5, .concurrency = 5, .mean_duration = 2s}) == duration{40s});
    CHECK(Eta::time_left({.items_left = 100, .concurrency = 5, .mean_duration = 2s, .attempts_per_item = 1.5}) ==
          duration{60s});
    // the last items cannot be shared among more lanes than there are items
    CHECK(Eta::time_left({.items_left = 1, .in_flight = 1, .concurrency = 5, .mean_duration = 2s}) == duration{2s});
}

TEST_CASE("a rate limit bounds a job with lanes to spare", "[policy][eta]") {
    SlidingWindow limiter{10, 60s};
    time_point const begin{};
    limiter.take(begin, 10);
    auto const now = begin + 2s;
    Eta::Input input{.items_left = 90, .concurrency = 5, .mean_duration = 1s, .elapsed = 2s, .processed = 10};
    CHECK(Eta::calls_left(input) == 90);
    input.last_start_in = limiter.last_of(now, Eta::calls_left(input)) - now;
    CHECK(Eta::time_left(input) == duration{539s});  // the naive estimate is 18 s
    input.mean_duration.reset();
    CHECK(Eta::time_left(input) == duration{538s});
}

TEST_CASE("the slower of the two bounds decides", "[policy][eta]") {
    Eta::Input input{.items_left = 10, .concurrency = 2, .mean_duration = 4s, .last_start_in = 3s};
    CHECK(Eta::time_left(input) == duration{20s});
    input.last_start_in = 30s;
    CHECK(Eta::time_left(input) == duration{34s});
}

TEST_CASE("the pace so far is used where nothing else is known", "[policy][eta]") {
    CHECK(Eta::time_left({.items_left = 30, .concurrency = 5, .elapsed = 10s, .processed = 10}) == duration{30s});
    CHECK(Eta::time_left({.items_left = 30, .concurrency = 5, .mean_duration = 0s, .elapsed = 10s, .processed = 10}) ==
          duration{30s});
}

TEST_CASE("what is not known is absent, and work left is never 0", "[policy][eta]") {
    CHECK_FALSE(Eta::time_left({.items_left = 30}));
    CHECK_FALSE(Eta::time_left({.items_left = 30, .concurrency = 5, .elapsed = 10s}));
    CHECK_FALSE(Eta::time_left({.items_left = 30, .concurrency = 5, .last_start_in = 0s}));
    CHECK_FALSE(Eta::time_left({.items_left = std::numeric_limits<std::uint64_t>::max(), .concurrency = 1, .mean_duration = 1h}));
    CHECK(Eta::time_left({.items_left = 1, .concurrency = 5, .mean_duration = 1ns}) == duration{1ms});
    CHECK(Eta::time_left({}) == duration::zero());
}

TEST_CASE("running attempts need no permit, retries to come do", "[policy][eta]") {
    CHECK(Eta::calls_left({.items_left = 10, .in_flight = 4}) == 6);
    CHECK(Eta::calls_left({.items_left = 3, .in_flight = 3}) == 0);
    CHECK(Eta::calls_left({.items_left = 3, .in_flight = 9}) == 0);
    CHECK(Eta::calls_left({.items_left = 10, .in_flight = 4, .attempts_per_item = 1.5}) == 11);
    CHECK(Eta::calls_left({.items_left = 10, .attempts_per_item = std::numeric_limits<double>::quiet_NaN()}) == 10);
    CHECK(Eta::calls_left({.items_left = 10, .attempts_per_item = 0.2}) == 10);
}
