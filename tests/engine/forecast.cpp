// SPDX-License-Identifier: BSL-1.0
#include <batchpace/engine/forecast.hpp>

#include "scripted.hpp"

#include "../catch.hpp"

#include <chrono>

using namespace scripted;
using batchpace::SlidingWindow;
using batchpace::engine::AnyLimiter;
using batchpace::engine::Forecast;

TEST_CASE("without a limit or a measured duration there is no estimate", "[engine][forecast]") {
    Script s;
    auto const e = Forecast::of(s.engine, 100, {}, {.concurrency = 4}, s.now);
    CHECK_FALSE(e.time);
    CHECK(e.calls == 100);
    CHECK(e.concurrency == 4);
    CHECK_FALSE(e.rate_limit_per_minute);
    CHECK_FALSE(e.tier);
    CHECK_FALSE(Forecast::of(s.engine, 0, Tier::free(), {}, s.now).time);
}

TEST_CASE("the tightest limit decides and is named", "[engine][forecast]") {
    Script s{{}, 1s, AnyLimiter::wrap(SlidingWindow{100, 1min})};
    auto e = Forecast::of(s.engine, 300, {}, {}, s.now);
    CHECK(e.time == duration{2min});
    CHECK(e.rate_limit_per_minute == 100);
    e = Forecast::of(s.engine, 300, Tier{"t", 3, 50}, {}, s.now);
    CHECK(e.time == duration{5min});
    CHECK(e.rate_limit_per_minute == 50);
    CHECK(e.concurrency == 3);
    CHECK(e.tier == Tier{"t", 3, 50});
    e = Forecast::of(s.engine, 300, Tier{"t", 3, 50}, {.rate_limit_per_minute = 10}, s.now);
    CHECK(e.time == duration{29min});
    CHECK(e.rate_limit_per_minute == 10);
}

TEST_CASE("the estimate knows how full the processor's window is", "[engine][forecast]") {
    Script s{{.tier = Tier{"p", 4, 10}, .max_in_flight = 7}};
    auto& job = s.start(10, {.concurrency = 4});
    CHECK(s.finish(job));
    auto const e = Forecast::of(s.engine, 5, {}, {.concurrency = 50}, s.now);
    REQUIRE(e.time);
    CHECK(*e.time >= 59s);
    CHECK(*e.time <= 61s);  // and the call itself
    CHECK(e.concurrency == 4);
    CHECK(e.tier == Tier{"p", 4, 10});
    CHECK(e.rate_limit_per_minute == 10);
}

TEST_CASE("durations of jobs before it are used", "[engine][forecast]") {
    Script s;
    auto& job = s.start(8, {.concurrency = 4});
    CHECK(s.finish(job, 3s));
    CHECK(s.engine.pace().mean() == 3s);
    auto const e = Forecast::of(s.engine, 100, {}, {.concurrency = 10}, s.now);
    CHECK(e.time == duration{30s});
    CHECK_FALSE(e.rate_limit_per_minute);
}
