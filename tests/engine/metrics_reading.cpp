// SPDX-License-Identifier: BSL-1.0
#include <batchpace/engine/metrics_reading.hpp>

#include "scripted.hpp"

#include "../catch.hpp"

#include <batchpace/policy/circuit_breaker.hpp>
#include <batchpace/policy/retry_budget.hpp>
#include <batchpace/policy/sliding_window.hpp>

using namespace scripted;
using batchpace::CircuitBreaker;
using batchpace::ProcessorMetrics;
using batchpace::RetryBudget;
using batchpace::SlidingWindow;
using batchpace::engine::AnyLimiter;
using batchpace::engine::MetricsReading;
using Reason = WaitingFor::Reason;
using Level = WaitingFor::Scope;

namespace {

ProcessorMetrics read(Script& s) {
    MetricsReading reading;
    while (reading.step(s.engine, s.now)) {
    }
    return reading.result();
}

std::uint64_t waiting(ProcessorMetrics const& m) {
    std::uint64_t sum = 0;
    m.waiting_for.each([&](Reason, std::uint64_t count) { sum += count; });
    return sum;
}

}  // namespace

TEST_CASE("every reason has its number", "[engine][metrics]") {
    ProcessorMetrics m;
    std::size_t reasons = 0;
    m.waiting_for.each([&](Reason reason, std::uint64_t count) {
        CHECK(to_string(reason) != "unknown");
        CHECK(count == 0);
        ++reasons;
    });
    CHECK(reasons >= 8);
    m.waiting_for[Reason::source] = 7;
    CHECK(waiting(m) == 7);
    std::size_t levels = 0;
    m.permits.each([&](Level, auto const&) { ++levels; });
    CHECK(levels == 3);
}

TEST_CASE("attempts are counted by what came of them", "[engine][metrics]") {
    Script s{{.abandon_grace = 3s}, 1h};
    auto& job = s.start(6, {.concurrency = 6, .attempt_timeout = 10s});
    s.run_lanes();
    s.after(1s);
    s.succeed(*s.at(job, 0));
    s.fail(*s.at(job, 1), Failure::transient("again"));
    s.fail(*s.at(job, 2), Failure::permanent("no"));
    s.fail(*s.at(job, 3), Failure::throttled("wait", 1h));
    s.run_lanes();
    s.after(10s);
    s.fail(*s.at(job, 4), Failure::transient("interrupted"));  // it was asked to stop
    s.run_lanes();
    s.after(5s);  // and item 5 is abandoned
    auto const m = read(s);
    CHECK(m.attempts.successful == 1);
    CHECK(m.attempts.transient == 1);
    CHECK(m.attempts.permanent == 1);
    CHECK(m.attempts.throttled == 1);
    CHECK(m.attempts.timed_out == 1);
    CHECK(m.attempts.abandoned == 1);
    CHECK(m.attempts.stopped == 0);
    CHECK(s.engine.stats.attempts_failed == 5);
    CHECK(m.items.successful == 1);
    CHECK(m.items.failed == 1);
    CHECK(m.items.cancelled == 0);
    CHECK(m.retries == 4);  // all but the good one and the permanent one
    CHECK(m.abandoned == 1);
    CHECK(m.in_flight == 0);
    CHECK(m.queue_depth == 4);
    CHECK(m.waiting_for[Reason::backoff] == 4);
    CHECK(m.active_jobs == 1);
    CHECK(m.jobs_started == 1);
    CHECK(m.attempt_duration.count() == 5);  // the abandoned one has no duration
    CHECK(m.attempt_duration.sum().count() == Approx(4 + 11));
    CHECK(s.first_fault == "");
}

TEST_CASE("attempts that end because their job was cancelled are no time-outs", "[engine][metrics]") {
    Script s;
    auto& job = s.start(10, {.concurrency = 2});
    s.run_lanes();
    s.cancel(job);
    CHECK(read(s).in_flight == 2);
    CHECK(read(s).queue_depth == 0);
    CHECK(read(s).active_jobs == 1);
    s.fail(*s.lanes.at(0), Failure::transient("stopped"));
    s.succeed(*s.lanes.at(1));
    s.run_lanes();
    auto const m = read(s);
    CHECK(m.attempts.stopped == 1);
    CHECK(m.attempts.timed_out == 0);
    CHECK(m.attempts.successful == 1);
    CHECK(m.items.cancelled == 9);
    CHECK(m.active_jobs == 0);
    CHECK(m.finished_jobs == 1);
    CHECK(m.queue_depth == 0);
}

TEST_CASE("items that wait are counted by reason, and add up to the queue's depth", "[engine][metrics]") {
    Script s{{.max_in_flight = 5}, 1h};
    auto& limited = s.start(10, {.concurrency = 5, .rate_limit_per_minute = 1, .tenant = "a"});
    auto& paused = s.start(20, {.concurrency = 5, .tenant = "b"});
    s.pause(paused);
    auto& source = s.start_source(30, {.concurrency = 5, .tenant = "c"});
    s.start(40, {.concurrency = 1, .tenant = "d"});
    s.run_lanes();
    auto m = read(s);
    CHECK(m.in_flight == 2);
    CHECK(m.queue_depth == 9 + 20 + 30 + 39);
    CHECK(waiting(m) == m.queue_depth);
    CHECK(m.waiting_for[Reason::rate] == 9);
    CHECK(m.waiting_for[Reason::paused] == 20);
    CHECK(m.waiting_for[Reason::source] == 30);
    CHECK(m.waiting_for[Reason::concurrency] == 39);  // its own lane is busy
    s.fail(*s.at(limited, 0), Failure::transient("again"));
    s.run_lanes();
    m = read(s);
    CHECK(m.waiting_for[Reason::backoff] == 1);
    CHECK(m.waiting_for[Reason::rate] == 9);
    CHECK(waiting(m) == m.queue_depth);
    s.cancel(source);
    s.pause_all();
    m = read(s);
    CHECK(m.waiting_for[Reason::paused] == 9 + 20 + 39);
    CHECK(waiting(m) == m.queue_depth);
}

TEST_CASE("permits are counted at the levels that have a limit", "[engine][metrics]") {
    Script s{{}, 1h, AnyLimiter::wrap(SlidingWindow{100, 1min})};
    auto& job = s.start(10, {.concurrency = 10, .rate_limit_per_minute = 3});
    s.run_lanes();
    auto m = read(s);
    CHECK(m.permits[Level::processor].used == 3);
    CHECK(m.permits[Level::tenant].used == 0);
    CHECK(m.permits[Level::job].used == 3);
    CHECK(m.permits[Level::job].refused > 0);
    CHECK(m.permits[Level::processor].refused == 0);
    s.after(1min);
    REQUIRE(s.coming(job) > 0);
    for (auto& lane : s.lanes)
        if (lane->phase == Lane::Phase::coming) {
            s.claim(*lane);
            break;
        }
    s.pause(job);  // between the permit and the call
    s.run_lanes();
    m = read(s);
    CHECK(m.permits[Level::processor].used == 4);
    CHECK(m.permits[Level::processor].given_back == 1);
    CHECK(m.permits[Level::job].given_back == 1);
    CHECK(m.permits[Level::tenant].given_back == 0);
    CHECK(s.first_fault == "");
}

TEST_CASE("where nobody asks, nothing is refused", "[engine][metrics]") {
    Script s{{}, 1h};
    s.engine.root().closed_until = s.now + 1min;
    for (int i = 0; i < 10; ++i) s.tick();
    CHECK(read(s).permits[Level::processor].refused == 0);
    s.start(1);
    CHECK(read(s).permits[Level::processor].refused > 0);
}

TEST_CASE("a burst is one sample, with its mean for each of its items", "[engine][metrics]") {
    Script s;
    auto& job = s.start(1'000, {.concurrency = 1});
    while (!job.finished_at) {
        s.run_lanes();
        for (auto* lane : s.calling()) {
            s.now += 10us;
            while (lane->phase == Lane::Phase::calling) s.succeed(*lane);
        }
    }
    auto const m = read(s);
    CHECK(m.attempt_duration.count() == 1'000);
    CHECK(m.attempt_duration.count(0) == 1'000);
    auto const took = std::chrono::duration<double>{job.finished - job.started}.count();
    CHECK(m.attempt_duration.sum().count() == Approx(took).margin(1e-9 * 1'000));  // an item's share in whole nanoseconds
    CHECK(m.attempts.successful == 1'000);
}

TEST_CASE("breaker and budget are there where the host has them", "[engine][metrics]") {
    Script s{{}, 1s};
    CHECK_FALSE(read(s).circuit_breaker);
    CHECK_FALSE(read(s).retry_budget);
    s.engine.use(CircuitBreaker{{.window = 2, .minimum = 2}});
    s.engine.retry_budget = RetryBudget{0.1, 60, 5};
    auto& job = s.start(5, {.concurrency = 2});
    CHECK(read(s).circuit_breaker == CircuitBreaker::State::closed);
    CHECK(read(s).retry_budget == 5);
    s.run_lanes();
    for (auto* lane : s.calling(&job)) s.fail(*lane, Failure::transient("down"));
    s.run_lanes();
    auto const m = read(s);
    CHECK(m.circuit_breaker == CircuitBreaker::State::open);
    CHECK(m.retry_budget == 3);
    CHECK(m.waiting_for[Reason::breaker] == 3);
    CHECK(m.waiting_for[Reason::backoff] == 2);
}

TEST_CASE("jobs are read in slices, each once, and it comes to an end while jobs are started", "[engine][metrics]") {
    Script s;
    s.pause_all();
    // Without the script's check of every job after every step.
    std::vector<std::shared_ptr<FakeJob>> jobs;
    auto const start = [&](std::uint64_t count) {
        for (; count > 0; --count) {
            auto& tenant = s.engine.tenant("", {}, s.now);
            auto const id = batchpace::JobId::make(1, 0, jobs.size() + 1);
            jobs.push_back(std::make_shared<FakeJob>(id, JobOptions{}, tenant, 100));
            jobs.back()->give(2);
            jobs.back()->append(2);
            s.engine.add(jobs.back(), s.now);
            s.engine.accept(*jobs.back(), s.now);
        }
    };
    start(1'000);
    for (std::size_t i = 0; i < 1'000; i += 3) s.engine.cancel(*jobs[i], s.now);
    MetricsReading reading;
    int steps = 1;
    for (; reading.step(s.engine, s.now); ++steps) start(300);  // more than a slice
    CHECK(steps == 4);
    CHECK(reading.result().active_jobs == 666);
    CHECK(reading.result().queue_depth == 2 * 666);
    CHECK(reading.result().waiting_for[Reason::paused] == 2 * 666);
    // A job that is dropped between two slices is no trouble, whichever it is.
    MetricsReading other;
    REQUIRE(other.step(s.engine, s.now));
    for (std::size_t i = 0; i < 1'000; i += 3) s.engine.registry.remove(jobs[i]->id);
    while (other.step(s.engine, s.now)) {
    }
    CHECK(other.result().queue_depth == 2 * s.engine.registry.active());
}
