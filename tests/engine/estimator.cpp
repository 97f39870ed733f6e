// SPDX-License-Identifier: BSL-1.0
#include <batchpace/engine/estimator.hpp>

#include <batchpace/engine/forecast.hpp>
#include <batchpace/engine/snapshot.hpp>
#include <batchpace/policy/token_bucket.hpp>

#include "scripted.hpp"

#include "../catch.hpp"

#include <chrono>
#include <optional>
#include <vector>

using namespace scripted;
using batchpace::Permit;
using batchpace::SlidingWindow;
using batchpace::TokenBucket;
using batchpace::engine::AnyLimiter;
using batchpace::engine::Forecast;

namespace {

// A limiter of the host's own, which cannot tell.
class EverySecond {
public:
    time_point earliest(time_point now, std::size_t) const { return std::max(now, next_); }
    Permit take(time_point now, std::size_t cost) {
        next_ = now + 1s;
        return {now, cost};
    }
    void give_back(Permit) {}

private:
    time_point next_ = time_point::min();
};

std::optional<duration> left(Script& s, FakeJob const& job) { return s.progress(job).estimated_time_remaining; }

void check_near(std::optional<duration> time, duration expected, double by = 0.05) {
    REQUIRE(time);
    INFO(static_cast<double>(time->count()) / 1e9 << " s");
    CHECK(std::abs(static_cast<double>((*time - expected).count())) <= by * static_cast<double>(expected.count()));
}

}  // namespace

TEST_CASE("a paced limit tells how long a job takes", "[engine][estimator]") {
    Script s{{}, 1s, AnyLimiter::wrap(TokenBucket{60, 1min})};
    auto& job = s.start(300);
    check_near(left(s, job), 299s);
}

TEST_CASE("behind a limit that cannot tell, the pace so far is what is known", "[engine][estimator]") {
    Script s{{}, 1s, AnyLimiter::wrap(EverySecond{})};
    auto& job = s.start(100, {.concurrency = 4});
    CHECK_FALSE(left(s, job));
    for (int i = 0; i < 20; ++i) {
        s.run_lanes();
        for (auto* lane : s.calling()) s.succeed(*lane);
        s.after(1s);
    }
    check_near(left(s, job), 80s, 0.1);
}

TEST_CASE("a job of the same tenant is served between my calls", "[engine][estimator]") {
    Script s{{}, 1s, AnyLimiter::wrap(TokenBucket{60, 1min})};
    auto& job = s.start(100);
    auto& other = s.start(1'000);
    check_near(left(s, job), 200s);
    check_near(left(s, other), 1100s);
    s.update(other, {.priority = 3});
    check_near(left(s, job), 400s);
    s.pause(other);
    check_near(left(s, job), 100s);
    s.pause(other, false);
    check_near(left(s, job), 400s);
    s.cancel(other);
    check_near(left(s, job), 100s);
}

TEST_CASE("tenants share first, then their jobs", "[engine][estimator]") {
    Script s{{}, 1s, AnyLimiter::wrap(TokenBucket{60, 1min})};
    auto& alone = s.start(300, {.tenant = "a"});
    auto& one = s.start(200, {.tenant = "b"});
    s.start(10'000, {.tenant = "b"});
    check_near(left(s, alone), 600s);
    check_near(left(s, one), 700s);  // half of it until the 600th second, of which half; then all of it
}

TEST_CASE("who is bound elsewhere takes no more than it can", "[engine][estimator]") {
    Script s{{}, 1s, AnyLimiter::wrap(SlidingWindow{100, 1min})};
    auto& job = s.start(800, {.concurrency = 100});
    s.start(10'000, {.concurrency = 100, .rate_limit_per_minute = 20});
    check_near(left(s, job), 10min, 0.1);
}

TEST_CASE("a competitor whose number of items is not known has no end", "[engine][estimator]") {
    Script s{{}, 1s, AnyLimiter::wrap(TokenBucket{60, 1min})};
    auto& job = s.start(100);
    auto& source = s.start_source(std::nullopt);
    s.source_gives(source, 10);
    check_near(left(s, job), 200s);
    CHECK_FALSE(left(s, source));
}

TEST_CASE("of many competitors some are looked at", "[engine][estimator]") {
    Script s{{}, 1s, AnyLimiter::wrap(TokenBucket{60, 1min})};
    auto& job = s.start(10, {.tenant = "a"});
    for (int i = 0; i < 200; ++i) s.start(10, {.tenant = "a"});
    check_near(left(s, job), 2010s);
    for (int i = 0; i < 200; ++i) s.start(10, {.tenant = "t" + std::to_string(i)});
    check_near(left(s, job), 4010s);  // my tenant has one start in 201: two thousand calls are before all of mine
}

TEST_CASE("what is closed for some time opens later", "[engine][estimator]") {
    Script s;
    auto& job = s.start(100, {.concurrency = 2, .rate_limit_per_minute = 10});
    s.run_lanes();
    s.after(1s);
    s.fail(*s.calling().at(0), Failure::throttled("later", 5min));
    check_near(left(s, job), (s.engine.root().closed_until - s.now) + 9min, 0.08);
}

TEST_CASE("when all that is left backs off, that is the time", "[engine][estimator]") {
    Script s{{}, 10min};
    auto& job = s.start(2, {.concurrency = 1});
    s.run_lanes();
    s.after(2s);
    s.succeed(*s.calling().at(0));
    s.run_lanes();
    s.after(2s);
    s.fail(*s.calling().at(0), Failure::transient("again"));
    s.run_lanes();
    check_near(left(s, job), 10min + 2s, 0.01);
}

TEST_CASE("there is no estimate while somebody must do something first", "[engine][estimator]") {
    Script s{{.tier = Tier{"p", 4, 10}}};
    auto& job = s.start(100);
    CHECK(left(s, job));
    s.engine.root().barred = true;
    CHECK_FALSE(left(s, job));
    CHECK_FALSE(Forecast::of(s.engine, 10, {}, {}, s.now).time);
    s.engine.root().barred = false;
    s.engine.root().paused = true;
    CHECK_FALSE(left(s, job));
}

TEST_CASE("retries seen so far are expected of what is left", "[engine][estimator]") {
    Script s{{}, 1ns};
    auto& job = s.start(1'000, {.concurrency = 1, .rate_limit_per_minute = 100'000});
    for (int i = 0; i < 400; ++i) {
        s.run_lanes();
        auto* lane = s.calling().at(0);
        s.after(1s);
        if (i % 4 == 0)
            s.fail(*lane, Failure::transient("again"));
        else
            s.succeed(*lane);
        s.run_lanes();
    }
    // 300 of 400 calls ended an item: those to come need 1 + 1/4 + 1/16 each
    auto const p = s.progress(job);
    auto const items = static_cast<double>(p.waiting + p.running + p.retrying);
    check_near(left(s, job), duration{static_cast<duration::rep>(items * 1.3125 * 1e9)}, 0.06);
    auto const e = Forecast::of(s.engine, 1'000, {}, {.concurrency = 1}, s.now);
    CHECK(e.calls > 1'250);
    CHECK(e.calls < 1'350);
}

TEST_CASE("a job ends at its deadline, and with its calls", "[engine][estimator]") {
    Script s{{.tier = Tier{"p", 4, 10}}};
    auto& deadline = s.start(1'000, {.deadline = 3min});
    CHECK(left(s, deadline) == 3min);
    s.cancel(deadline);
    auto& calls = s.start(1'000, {.max_calls = 20});
    check_near(left(s, calls), 1min, 0.01);
    CHECK(Forecast::of(s.engine, 1'000, {}, {.deadline = 2min}, s.now).time == 2min);
}

TEST_CASE("a forecast knows the tenant's tier and who else runs", "[engine][forecast]") {
    Script s{{}, 1s, AnyLimiter::wrap(SlidingWindow{1'000, 1min})};
    s.start(100, {.concurrency = 10, .tenant = "a"}, Tier{"t", 10, 10});
    auto e = Forecast::of(s.engine, 100, {}, {.concurrency = 10, .tenant = "a"}, s.now);
    check_near(e.time, 20min, 0.06);  // two jobs of a hundred at ten a minute
    CHECK(e.rate_limit_per_minute == 10);
    e = Forecast::of(s.engine, 100, {}, {.concurrency = 10, .tenant = "b"}, s.now);
    CHECK_FALSE(e.time.value_or(0s) > 1s);
    e = Forecast::of(s.engine, 100, Tier{"small", 1, 5}, {.concurrency = 10, .tenant = "a"}, s.now);
    check_near(e.time, 19min, 0.12);
    CHECK(e.concurrency == 1);
}
