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

namespace {

bool near(std::optional<duration> left, duration expected, duration by) {
    return left && *left >= expected - by && *left <= expected + by;
}

}  // namespace

TEST_CASE("lanes bound a job without a limit", "[policy][eta]") {
    // 95 calls to start and 5 that are half done, on 5 lanes; the last one runs on when the others have ended
    CHECK(near(Eta::time_left({.waiting = 95, .running = 5, .concurrency = 5, .mean_duration = 2s}), 39800ms, 1ms));
    // one lane after another: exactly
    CHECK(Eta::time_left({.waiting = 10, .concurrency = 1, .mean_duration = 2s}) == duration{20s});
    // the last items cannot be shared among more lanes than there are items
    CHECK(Eta::time_left({.running = 1, .concurrency = 5, .mean_duration = 2s}) == duration{1s});
    CHECK(Eta::time_left({.running = 1, .concurrency = 5, .mean_duration = 2s, .running_left = 500ms}) == duration{500ms});
    // of ten calls that vary like an exponential the longest takes 2.93 times the mean
    CHECK(near(Eta::time_left({.running = 10, .concurrency = 10, .mean_duration = 2s, .variation = 1.0}), 5860ms, 20ms));
}

TEST_CASE("calls that carry several items are fewer", "[policy][eta]") {
    Eta::Input input{.waiting = 160, .items_per_call = 16, .concurrency = 1, .mean_duration = 2s};
    CHECK(Eta::whole(Eta::calls_left(input)) == 10);
    CHECK(Eta::time_left(input) == duration{20s});
    input.running = 16;  // one call, half done
    CHECK(Eta::time_left(input) == duration{21s});
}

TEST_CASE("a rate limit bounds a job with lanes to spare", "[policy][eta]") {
    SlidingWindow limiter{10, 60s};
    time_point const begin{};
    limiter.take(begin, 10);
    auto const now = begin + 2s;
    Eta::Input input{.waiting = 90, .concurrency = 5, .mean_duration = 1s, .elapsed = 2s, .processed = 10};
    CHECK(Eta::whole(Eta::calls_left(input)) == 90);
    input.last_start_in = limiter.last_of(now, Eta::whole(Eta::calls_left(input))) - now;
    CHECK(Eta::time_left(input) == duration{539s});  // the naive estimate is 18 s
    input.mean_duration.reset();
    CHECK(Eta::time_left(input) == duration{538s});
}

TEST_CASE("the slowest of the bounds decides", "[policy][eta]") {
    Eta::Input input{.waiting = 10, .concurrency = 1, .mean_duration = 4s, .last_start_in = 3s};
    CHECK(Eta::time_left(input) == duration{40s});
    input.last_start_in = 50s;
    CHECK(Eta::time_left(input) == duration{54s});
    input.at_least = 2min;
    CHECK(Eta::time_left(input) == duration{2min});
}

TEST_CASE("while nothing may start, the lanes' work waits too", "[policy][eta]") {
    CHECK(Eta::time_left({.waiting = 10, .concurrency = 1, .mean_duration = 4s, .blocked_for = 1min}) == duration{100s});
}

TEST_CASE("the pace so far is used where nothing else is known", "[policy][eta]") {
    CHECK(Eta::time_left({.waiting = 30, .concurrency = 5, .elapsed = 10s, .processed = 10}) == duration{30s});
    CHECK(Eta::time_left({.waiting = 30, .concurrency = 5, .mean_duration = 0s, .elapsed = 10s, .processed = 10}) ==
          duration{30s});
}

TEST_CASE("where a limit cannot tell, the job will be no faster than so far", "[policy][eta]") {
    Eta::Input input{.waiting = 30, .concurrency = 5, .mean_duration = 1s, .blind = true};
    CHECK_FALSE(Eta::time_left(input));  // nothing has ended yet
    input.elapsed = 20s;
    input.processed = 10;
    CHECK(Eta::time_left(input) == duration{60s});
    input.elapsed = 1s;
    CHECK(*Eta::time_left(input) >= 6s);  // the lanes still need their time
}

TEST_CASE("what is not known is absent, and work left is never 0", "[policy][eta]") {
    CHECK_FALSE(Eta::time_left({.waiting = 30}));
    CHECK_FALSE(Eta::time_left({.waiting = 30, .concurrency = 5, .elapsed = 10s}));
    CHECK_FALSE(Eta::time_left({.waiting = 30, .concurrency = 5, .last_start_in = 0s}));
    CHECK_FALSE(Eta::time_left({.waiting = std::numeric_limits<std::uint64_t>::max(), .concurrency = 1, .mean_duration = 1h}));
    CHECK(Eta::time_left({.waiting = 1, .concurrency = 5, .mean_duration = 1ns}) == duration{1ms});
    CHECK(Eta::time_left({}) == duration::zero());
}

TEST_CASE("running attempts need no permit, retries to come do", "[policy][eta]") {
    CHECK(Eta::calls_left({.waiting = 6, .running = 4}) == 6.0);
    CHECK(Eta::calls_left({.running = 3}) == 0.0);
    // every fifth attempt is followed by another: 1 + 0.2 + 0.04 for an item that has three
    CHECK(Eta::calls_left({.waiting = 100, .retry_rate = 0.2, .max_attempts = 3}) == Approx(124.0));
    CHECK(Eta::calls_left({.retrying = 100, .retry_rate = 0.2, .max_attempts = 3}) == Approx(120.0));
    CHECK(Eta::calls_left({.running = 100, .retry_rate = 0.2, .max_attempts = 3}) == Approx(24.0));
    CHECK(Eta::calls_left({.waiting = 10, .retry_rate = 1.0, .max_attempts = 3}) == Approx(30.0));
    CHECK(Eta::calls_left({.waiting = 10, .running = 5, .retry_rate = 0.5, .max_attempts = 1}) == Approx(10.0));
    CHECK(Eta::calls_left({.retrying = 4, .max_attempts = 1}) == 4.0);  // turned away: that costs no attempt
    CHECK(Eta::calls_left({.waiting = 10, .retry_rate = std::numeric_limits<double>::quiet_NaN(), .max_attempts = 3}) == 10.0);
    CHECK(Eta::calls_left({.waiting = 10, .most_calls = 7}) == 7.0);
    CHECK(Eta::whole(0.2) == 0);
    CHECK(Eta::whole(2.5) == 3);
    CHECK(Eta::whole(1e30) == 1'000'000'000'000'000'000);
}
