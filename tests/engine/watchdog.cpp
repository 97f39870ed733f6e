// SPDX-License-Identifier: BSL-1.0
#include <batchpace/engine/watchdog.hpp>

#include "scripted.hpp"

#include "../catch.hpp"

#include <chrono>

using namespace scripted;
using batchpace::engine::Watchdog;
using Verdict = Watchdog::Verdict;

namespace {

// A lane with a block of so many items, at the first of them, claimed at `now`.
struct Watched {
    explicit Watched(std::uint64_t items) {
        job.give(items);
        job.append(items);
        job.accepted = true;
        REQUIRE(job.claim(lane, now, items));
        REQUIRE(lane.word.try_start());
    }
    Verdict look() { return Watchdog::look(lane, lane.word.load(), 10s, 5s, now); }
    Verdict look_after(duration d) {
        now += d;
        return look();
    }

    Scope tenant{Scope::Level::tenant, nullptr};
    FakeJob job{batchpace::JobId::make(1, 0, 1), {}, tenant, 100};
    Lane lane{job};
    time_point now{1h};
};

}  // namespace

TEST_CASE("the watchdog looks a hundred times a time-out, at most a hundred times a second", "[engine][watchdog]") {
    CHECK(Watchdog::tick(60s) == 600ms);
    CHECK(Watchdog::tick(1s) == 10ms);
    CHECK(Watchdog::tick(1ms) == 10ms);
    CHECK(Watchdog::tick(duration::max()) == duration::max() / 100);
}

TEST_CASE("a single item is timed from its claim", "[engine][watchdog]") {
    auto const held = std::make_unique<Watched>(1);
    auto& w = *held;
    CHECK(w.look_after(9s) == Verdict{});
    CHECK(w.look_after(1s) == Verdict{.ask_to_stop = true});
    w.lane.stop_asked = true;
    w.lane.stop_asked_at = w.now;
    CHECK(w.look_after(4s) == Verdict{});
    CHECK(w.look_after(1s) == Verdict{.abandon = true});
}

TEST_CASE("an item of a burst is timed from the first look at it", "[engine][watchdog]") {
    auto const held = std::make_unique<Watched>(4);
    auto& w = *held;
    CHECK(w.look_after(3s) == Verdict{});
    REQUIRE(w.lane.word.try_start());
    CHECK(w.look_after(9s) == Verdict{});  // another one: it has just been seen
    CHECK(w.look_after(1s) == Verdict{.take_back = true});
    w.job.take_back(w.lane);
    CHECK(w.look_after(8s) == Verdict{});
    CHECK(w.look_after(1s) == Verdict{.ask_to_stop = true});
}

TEST_CASE("without a grace an attempt is given up as soon as it is asked to stop", "[engine][watchdog]") {
    auto const held = std::make_unique<Watched>(1);
    auto& w = *held;
    CHECK(Watchdog::look(w.lane, w.lane.word.load(), 10s, 0s, w.now + 10s) == Verdict{.ask_to_stop = true, .abandon = true});
    w.lane.stop_asked = true;
    w.lane.stop_asked_at = w.now + 10s;
    CHECK(Watchdog::look(w.lane, w.lane.word.load(), 10s, 0s, w.now + 10s) == Verdict{.abandon = true});
}
