// SPDX-License-Identifier: BSL-1.0
#include <batchpace/engine/snapshot.hpp>

#include "scripted.hpp"

#include "../catch.hpp"

#include <chrono>

using namespace scripted;
using batchpace::SlidingWindow;
using batchpace::engine::AnyLimiter;
using Reason = WaitingFor::Reason;
using Level = WaitingFor::Scope;

TEST_CASE("a snapshot says what becomes of every item", "[engine][snapshot]") {
    Script s{{}, 1h};
    auto& job = s.start(10, {.concurrency = 3, .tenant = "t", .label = "photos"});
    auto p = s.progress(job);
    CHECK(p.status == JobStatus::pending);
    CHECK(p.waiting == 10);
    CHECK(p.percentage == 0);
    CHECK(p.label == "photos");
    CHECK(p.tenant == "t");
    CHECK(p.job_id == job.id);
    CHECK_FALSE(p.started_at);
    s.run_lanes();
    s.succeed(*s.at(job, 0));
    s.fail(*s.at(job, 1), Failure::permanent("broken"));
    s.fail(*s.at(job, 2), Failure::transient("again"));
    p = s.progress(job);
    CHECK(p.status == JobStatus::processing);
    CHECK(p.successful == 1);
    CHECK(p.failed == 1);
    CHECK(p.retrying == 1);
    CHECK(p.running == 0);
    CHECK(p.waiting == 7);
    CHECK(p.percentage == 20);
    CHECK(p.error_count == 1);
    CHECK(p.errors.at(0).error == "broken");
    CHECK(p.error_distribution.at("broken") == 1);
    s.cancel(job);
    p = s.progress(job);
    CHECK(p.cancelled == 8);
    CHECK(p.stop_reason == StopReason::cancelled);
    CHECK_FALSE(p.waiting_for);
    CHECK_FALSE(p.estimated_time_remaining);
    s.run_lanes();
    CHECK(s.progress(job).finished());
    CHECK(s.first_fault == "");
}

TEST_CASE("a snapshot copies no more errors than asked for", "[engine][snapshot]") {
    Script s;
    auto& job = s.start(5, {.concurrency = 5, .keep_errors = 3});
    s.run_lanes();
    for (auto* lane : s.calling()) s.fail(*lane, Failure::permanent("x"));
    CHECK(Snapshot::of(s.engine, job, s.now, 0).errors.empty());
    CHECK(Snapshot::of(s.engine, job, s.now, 2).errors.size() == 2);
    CHECK(Snapshot::of(s.engine, job, s.now, 100).errors.size() == 3);
    CHECK(Snapshot::of(s.engine, job, s.now, 0).error_count == 5);
}

TEST_CASE("percentage is a hundred only at the end", "[engine][snapshot]") {
    Script s;
    auto& job = s.start(300, {.concurrency = 1});
    for (int i = 0; i < 299; ++i) {
        s.run_lanes();
        s.succeed(*s.calling().at(0));
    }
    CHECK(s.progress(job).percentage == 99);
    s.run_lanes();
    s.succeed(*s.calling().at(0));
    CHECK(s.progress(job).percentage == 100);
    s.run_lanes();
    CHECK(job.finished_at);
}

TEST_CASE("a job says why nothing of it starts", "[engine][snapshot]") {
    Script s{{.max_in_flight = 2}, 1h};
    auto& first = s.start(5, {.concurrency = 2, .tenant = "a"});
    auto& second = s.start(5, {.concurrency = 2, .rate_limit_per_minute = 1, .tenant = "b"});
    s.run_lanes();
    // Its lanes are busy, or the other's are.
    CHECK(s.progress(first).waiting_for == WaitingFor{Reason::concurrency, Level::processor, std::nullopt});
    for (auto* lane : s.calling(&first)) s.succeed(*lane);
    s.run_lanes();
    REQUIRE(s.calling(&second).size() == 1);
    s.succeed(*s.calling(&first).at(0));
    s.pause(first);
    s.run_lanes();
    CHECK(s.progress(first).waiting_for == WaitingFor{Reason::paused, Level::job, std::nullopt});
    CHECK(s.progress(second).waiting_for == WaitingFor{Reason::rate, Level::job, s.wall(s.now + 1min)});
    s.fail(*s.calling(&second).at(0), Failure::throttled("429", 2h));
    s.run_lanes();
    CHECK(s.progress(second).waiting_for ==
          WaitingFor{Reason::throttled, Level::processor, s.wall(s.engine.root().closed_until)});
    CHECK(s.engine.root().closed_until >= s.now + 2h);
    CHECK(s.first_fault == "");
}

TEST_CASE("a running job under its own concurrency waits for nothing", "[engine][snapshot]") {
    Script s;
    auto& job = s.start(5, {.concurrency = 2});
    s.run_lanes();
    CHECK_FALSE(s.progress(job).waiting_for);
    s.admitted_only(job, true);
    CHECK_FALSE(s.progress(job).waiting_for);
    s.fail(*s.at(job, 0), Failure::transient("again"));
    s.succeed(*s.at(job, 1));
    for (int i = 0; i < 3; ++i) {
        s.run_lanes();
        for (auto* lane : s.calling()) s.succeed(*lane);
    }
    s.run_lanes();
    CHECK(s.progress(job).waiting_for->reason == Reason::backoff);
}

TEST_CASE("a job is stalled when nothing has ended for long, and not where that is known why", "[engine][snapshot]") {
    Script s;
    auto& job = s.start(5, {.concurrency = 1, .attempt_timeout = 10h, .stalled_after = 1h});
    s.run_lanes();
    s.after(1h - 1s);
    CHECK_FALSE(s.progress(job).stalled);
    s.after(1s);
    CHECK(s.progress(job).stalled);
    s.pause(job);
    CHECK_FALSE(s.progress(job).stalled);
    s.pause(job, false);
    CHECK_FALSE(s.progress(job).stalled);  // what it spent paused does not count: it has an hour again
    s.after(1h);
    CHECK(s.progress(job).stalled);
    s.pause_tenant("");
    CHECK_FALSE(s.progress(job).stalled);
    s.pause_tenant("", false);
    s.pause_all();
    s.after(1h);
    CHECK_FALSE(s.progress(job).stalled);
    s.pause_all(false);
    s.after(1h);
    CHECK(s.progress(job).stalled);
    s.succeed(*s.calling().at(0));
    s.run_lanes();
    CHECK_FALSE(s.progress(job).stalled);
    s.update(job, {.rate_limit_per_minute = 1});
    s.succeed(*s.calling().at(0));
    s.run_lanes();
    s.succeed(*s.calling().at(0));
    s.run_lanes();
    s.late(2h);
    s.run_lanes();
    CHECK(s.first_fault == "");
}

TEST_CASE("the time left is absent where nothing can be said", "[engine][snapshot]") {
    Script s;
    auto& job = s.start(100, {.concurrency = 4});
    CHECK_FALSE(s.progress(job).estimated_time_remaining);
    s.run_lanes();
    s.after(2s);
    for (auto* lane : s.calling()) s.succeed(*lane);
    s.run_lanes();
    auto const left = s.progress(job).estimated_time_remaining;
    REQUIRE(left);
    CHECK(*left >= 43s);
    CHECK(*left <= 53s);  // 96 items of 2 s on 4 lanes
    s.pause(job);
    CHECK_FALSE(s.progress(job).estimated_time_remaining);
    auto& source = s.start_source(std::nullopt);
    s.source_gives(source, 10);
    CHECK_FALSE(s.progress(source).estimated_time_remaining);
}

TEST_CASE("the time left knows the limits of every scope", "[engine][snapshot]") {
    Script s{{}, 1s, AnyLimiter::wrap(SlidingWindow{10, 1min})};
    auto& job = s.start(100, {.concurrency = 4, .tenant = "t"}, Tier{"t", 2, 5});
    auto const left = s.progress(job).estimated_time_remaining;
    REQUIRE(left);
    CHECK(*left == 19min);  // a hundred at five a minute, the first five now
}
