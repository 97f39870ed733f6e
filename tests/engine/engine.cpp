// SPDX-License-Identifier: BSL-1.0
// The state table of docs/design.md, row by row. The script checks counts, caps, limits and permits after every step.
#include <batchpace/engine/engine.hpp>

#include "scripted.hpp"

#include "../catch.hpp"

#include <cstdint>
#include <string>
#include <vector>

using namespace scripted;
using batchpace::JobUpdate;
using batchpace::SlidingWindow;
using batchpace::engine::AnyLimiter;
using Items = std::vector<std::uint64_t>;

namespace {

// Everything is over: nothing was wrong on the way, nothing is left, nothing ticks.
void require_rest(Script& s) {
    s.run_lanes();
    s.check();
    REQUIRE(s.first_fault == "");
    CHECK(s.idle());
}

JobOptions lanes(int concurrency) { return {.concurrency = concurrency}; }

auto const again = Failure::transient("again");

}  // namespace

// ---- start, claim, settle, finish -----------------------------------------------------------------------------------

TEST_CASE("a job starts, runs and finishes", "[engine]") {
    Script s;
    auto& job = s.start(3, lanes(2));
    CHECK(job.status == JobStatus::pending);
    CHECK(s.coming(job) == 2);  // as many as it may have
    CHECK_FALSE(job.started_at);
    s.run_lanes();
    CHECK(job.status == JobStatus::processing);
    CHECK(job.started_at);
    CHECK(s.items_at(job) == Items{0, 1});
    s.after(2s);
    s.succeed(*s.at(job, 0));
    s.run_lanes();
    CHECK(s.items_at(job) == Items{1, 2});
    s.succeed(*s.at(job, 1));
    s.run_lanes();
    CHECK(job.finishes == 0);
    s.after(1s);
    s.succeed(*s.at(job, 2));
    CHECK(job.finishes == 0);  // the lane has still to come back
    s.run_lanes();
    CHECK(job.status == JobStatus::completed);
    CHECK(job.finishes == 1);
    CHECK(job.finished_at == s.engine.wall(s.now));
    CHECK(s.engine.stats.successful == 3);
    CHECK(s.engine.registry.active() == 0);
    require_rest(s);
}

TEST_CASE("a job is completed where some failed and failed where all did", "[engine]") {
    Script s;
    auto& some = s.start(2, lanes(2));
    auto& none = s.start(2, lanes(2));
    s.run_lanes();
    s.succeed(*s.at(some, 0));
    s.fail(*s.at(some, 1), Failure::permanent("broken"));
    s.fail(*s.at(none, 0), Failure::permanent("broken"));
    s.fail(*s.at(none, 1), Failure::permanent("broken too"));
    s.run_lanes();
    CHECK(some.status == JobStatus::completed);
    CHECK(none.status == JobStatus::failed);
    CHECK(none.stop_reason == StopReason::none);
    CHECK(none.ledger.errors().at(1).error == "broken too");
    CHECK(s.engine.stats.failed == 3);
    require_rest(s);
}

TEST_CASE("fast items are run in bursts that share what is left", "[engine]") {
    Script s;
    auto& job = s.start(4'000, lanes(2));
    std::uint64_t largest = 0;
    while (!job.finished_at) {
        s.run_lanes();
        for (auto* lane : s.calling()) {
            largest = std::max(largest, lane->block.size());
            s.now += 1us;
            while (lane->phase == Lane::Phase::calling) s.succeed(*lane);
        }
    }
    CHECK(largest == batchpace::engine::Burst::largest);
    CHECK(job.ended(End::successful) == 4'000);
    require_rest(s);
}

TEST_CASE("a failure in the middle of a burst costs only its item", "[engine]") {
    Script s;
    auto& job = s.start(200, {.concurrency = 1, .max_attempts = 1});
    std::uint64_t called = 0;
    while (!job.finished_at) {
        s.run_lanes();
        for (auto* lane : s.calling()) {
            s.now += 1us;
            if (++called % 5 == 0)
                s.fail(*lane, again);
            else
                s.succeed(*lane);
        }
    }
    CHECK(job.ended(End::successful) == 160);
    CHECK(job.ended(End::failed) == 40);
    CHECK(called == 200);
    require_rest(s);
}

// ---- failure, retry, due --------------------------------------------------------------------------------------------

TEST_CASE("a failed item waits for its backoff without a lane and is tried again first", "[engine]") {
    Script s{{}, 5s};
    auto& job = s.start(4, lanes(1));
    s.run_lanes();
    s.fail(*s.at(job, 0), again);
    CHECK(s.progress(job).retrying == 1);
    s.run_lanes();
    CHECK(s.items_at(job) == Items{1});
    s.after(5s);
    s.succeed(*s.at(job, 1));
    s.run_lanes();
    CHECK(s.items_at(job) == Items{0});  // due: before the fresh ones
    CHECK(s.at(job, 0)->attempt_number == 2);
    s.succeed(*s.at(job, 0));
    CHECK(s.finish(job));
    CHECK(job.attempts == std::vector<int>{2, 1, 1, 1});
    require_rest(s);
}

TEST_CASE("with only backoffs left the engine asks for a tick when one is due", "[engine]") {
    Script s{{}, 5s};
    auto& job = s.start(1, lanes(3));
    s.run_lanes();
    s.fail(*s.at(job, 0), again);
    s.run_lanes();
    CHECK(s.lanes.empty());
    CHECK(s.engine.next_time() == s.now + 5s);
    CHECK(s.progress(job).waiting_for->reason == WaitingFor::Reason::backoff);
    CHECK(s.progress(job).waiting_for->until == s.wall(s.now + 5s));
    s.after(5s);
    CHECK(s.coming(job) == 1);  // one item, one lane
    CHECK(s.finish(job));
    require_rest(s);
}

TEST_CASE("no more attempts than allowed, and none after a permanent failure", "[engine]") {
    Script s{{}, 0s};
    auto& job = s.start(2, {.concurrency = 1, .max_attempts = 3});
    s.run_lanes();
    s.fail(*s.at(job, 0), Failure::permanent("not an image"));
    for (int i = 0; i < 3; ++i) {
        s.run_lanes();
        REQUIRE(s.items_at(job) == Items{1});
        s.fail(*s.at(job, 1), Failure::transient("attempt " + std::to_string(i + 1)));
    }
    s.run_lanes();
    CHECK(job.attempts == std::vector<int>{1, 3});
    CHECK(job.ledger.errors().at(0).attempt_number == 1);
    CHECK(job.ledger.errors().at(0).item_id == "item 0");
    CHECK(job.ledger.errors().at(1).attempt_number == 3);
    CHECK(job.ledger.errors().at(1).error == "attempt 3");
    CHECK(job.status == JobStatus::failed);
    require_rest(s);
}

TEST_CASE("retry-after is obeyed in full", "[engine]") {
    Script s{{}, 1s};
    auto& job = s.start(1);
    s.run_lanes();
    s.fail(*s.at(job, 0), Failure::transient("busy", 30s));
    s.run_lanes();
    CHECK(s.engine.next_time() >= s.now + 30s);
    CHECK(s.engine.next_time() <= s.now + 33s);  // up to a tenth on top
    CHECK(s.finish(job));
    require_rest(s);
}

TEST_CASE("a retry policy that gives up ends the item, also one that throws", "[engine]") {
    Script s;
    bool throws = GENERATE(false, true);
    Engine engine{{},
                  nullptr,
                  [throws](Failure const&, int, batchpace::Random&) -> std::optional<duration> {
                      if (throws) throw 1;
                      return std::nullopt;
                  },
                  1};
    Scope& tenant = engine.tenant("", {}, s.now);
    auto const job = std::make_shared<FakeJob>(batchpace::JobId::make(1, 0, 1), lanes(1), tenant, 10);
    engine.add(job, s.now);
    job->give(1);
    job->append(1);
    engine.accept(*job, s.now);
    Lane lane{*job};
    REQUIRE(engine.claim(lane, s.now));
    REQUIRE(lane.word.try_start());
    CHECK(engine.attempt_failed(lane, again, s.now));
    lane.word.end();
    lane.ended_at = s.now;
    CHECK_FALSE(engine.claim(lane, s.now));
    CHECK(job->status == JobStatus::failed);
    CHECK(job->ended(End::failed) == 1);
    CHECK(engine.stats.hook_exceptions == (throws ? 1U : 0U));
}

TEST_CASE("times beyond the end of time are the end of time", "[engine]") {
    Script s{{}, duration::max()};
    auto& waits = s.start(1, {.concurrency = 1, .deadline = duration::max()});
    auto& throttled = s.start(1, lanes(1));
    s.run_lanes();
    s.fail(*s.at(waits, 0), again);
    s.fail(*s.at(throttled, 0), Failure::throttled("go away", duration::max()));
    s.run_lanes();
    CHECK(s.engine.next_time() == time_point::max());
    CHECK(s.progress(waits).retrying == 1);
    s.cancel(waits);
    s.cancel(throttled);
    require_rest(s);
}

// ---- throttled ------------------------------------------------------------------------------------------------------

TEST_CASE("a throttled attempt closes the processor and costs no attempt", "[engine]") {
    Script s{{}, 1s};
    auto& job = s.start(3, {.concurrency = 2, .max_attempts = 1});
    auto& other = s.start(1, {.concurrency = 1, .tenant = "other"});
    s.run_lanes();
    s.fail(*s.at(job, 0), Failure::throttled("429", 20s));
    auto const until = s.engine.root().closed_until;
    CHECK(until >= s.now + 20s);
    CHECK(until <= s.now + 22s);  // up to a tenth on top: who was turned away together does not come back together
    s.succeed(*s.at(job, 1));
    s.run_lanes();
    CHECK(s.coming(job) == 0);  // nothing starts
    CHECK(s.progress(job).waiting_for ==
          WaitingFor{WaitingFor::Reason::throttled, WaitingFor::Scope::processor, s.wall(until)});
    CHECK(s.items_at(other) == Items{0});  // what runs, runs on
    s.succeed(*s.at(other, 0));
    s.run_lanes();
    CHECK(other.status == JobStatus::completed);
    CHECK(s.engine.next_time() == until);
    s.after(until - s.now);
    s.run_lanes();
    CHECK(s.items_at(job) == Items{0, 2});
    CHECK(s.at(job, 0)->attempt_number == 1);
    CHECK(s.finish(job));
    CHECK(job.status == JobStatus::completed);
    CHECK(job.ended(End::failed) == 0);
    require_rest(s);
}

TEST_CASE("a throttled attempt closes the scope it names", "[engine]") {
    Script s{{}, 1s};
    auto& job = s.start(3, {.concurrency = 1, .tenant = "a"});
    auto& sibling = s.start(3, {.concurrency = 1, .tenant = "a"});
    auto& stranger = s.start(3, {.concurrency = 1, .tenant = "b"});
    s.run_lanes();
    auto const which = GENERATE(WaitingFor::Scope::tenant, WaitingFor::Scope::job);
    s.fail(*s.at(job, 0), Failure::throttled("429", 20s).closing(which));
    s.succeed(*s.at(sibling, 0));
    s.succeed(*s.at(stranger, 0));
    s.run_lanes();
    CHECK(s.items_at(job).empty());
    CHECK(s.progress(job).waiting_for->reason == WaitingFor::Reason::throttled);
    CHECK(s.progress(job).waiting_for->scope == which);
    CHECK(s.items_at(sibling).empty() == (which == WaitingFor::Scope::tenant));
    CHECK(s.items_at(stranger) == Items{1});
    s.after(22s);
    s.run_lanes();
    CHECK(s.items_at(job) == Items{0});
    CHECK(s.items_at(sibling) == Items{1});
    CHECK(s.finish(job));
    CHECK(s.finish(sibling));
    CHECK(s.finish(stranger));
    require_rest(s);
}

TEST_CASE("whatever names a time closes its scope and costs no attempt", "[engine]") {
    Script s{{}, 1s};
    auto& job = s.start(2, {.concurrency = 1, .max_attempts = 1});
    s.run_lanes();
    s.fail(*s.at(job, 0), Failure::transient("503", 20s));
    s.run_lanes();
    CHECK(s.items_at(job).empty());
    CHECK(s.progress(job).waiting_for->reason == WaitingFor::Reason::throttled);
    CHECK(s.finish(job));
    CHECK(job.status == JobStatus::completed);
    CHECK(job.ended(End::failed) == 0);
    require_rest(s);
}

TEST_CASE("a job that others come before waits for fairness", "[engine]") {
    Script s{{.tier = Tier{"t", 1, 0}}};
    std::vector<FakeJob*> const jobs{&s.start(3, lanes(1)), &s.start(3, lanes(1)), &s.start(3, lanes(1))};
    s.run_lanes();
    for (int start = 0; start < 6; ++start) {
        // One runs; of the others one is next, when the cap opens, and says so; the rest wait for its turn, too.
        FakeJob* next = nullptr;
        for (auto* job : jobs) {
            auto const why = s.progress(*job).waiting_for;
            if (!why) continue;  // it runs, or has nothing left
            CHECK(why->scope == WaitingFor::Scope::processor);
            if (why->reason == WaitingFor::Reason::fairness) continue;
            CHECK(why->reason == WaitingFor::Reason::concurrency);
            CHECK(next == nullptr);
            next = job;
        }
        REQUIRE(next != nullptr);
        s.succeed(*s.calling().at(0));
        s.run_lanes();
        CHECK(s.calling(next).size() == 1);
    }
    for (auto* job : jobs) CHECK(s.finish(*job));
    require_rest(s);
}

TEST_CASE("a throttled attempt ends its burst", "[engine]") {
    Script s{{}, 1s};
    auto& job = s.start(300, lanes(1));
    s.run_lanes();
    while (s.calling().at(0)->block.size() < 8) {
        s.now += 1us;
        s.succeed(*s.calling().at(0));
        s.run_lanes();
    }
    auto& lane = *s.calling().at(0);
    auto const block = lane.block;
    s.fail(lane, Failure::throttled("429", 2s));
    CHECK(lane.phase == Lane::Phase::coming);
    s.run_lanes();
    CHECK(s.lanes.empty());
    s.after(2200ms);
    s.run_lanes();
    CHECK(s.items_at(job) == Items{block.begin});  // it first, then the rest of its block, in order
    s.succeed(*s.calling().at(0));
    s.run_lanes();
    CHECK(s.items_at(job) == Items{block.begin + 1});
    CHECK(s.finish(job));
    require_rest(s);
}

TEST_CASE("beyond max_throttles being throttled counts as a failure", "[engine]") {
    Script s{{.max_throttles = 2}, 1s};
    auto& job = s.start(1, {.max_attempts = 2});
    for (int i = 0; i < 4; ++i) {
        s.run_lanes();
        REQUIRE(s.at(job, 0) != nullptr);
        CHECK(s.at(job, 0)->attempt_number == (i < 3 ? 1 : 2));
        s.fail(*s.at(job, 0), Failure::throttled("429"));
        s.run_lanes();
        s.after(1100ms);
    }
    CHECK(job.status == JobStatus::failed);
    CHECK(job.attempts.at(0) == 4);
    CHECK(job.ledger.errors().at(0).kind == batchpace::FailureKind::throttled);
    require_rest(s);
}

TEST_CASE("the service is left alone also where the job that was told so had been cancelled", "[engine]") {
    Script s;
    auto& job = s.start(1);
    auto& other = s.start(5, lanes(1));
    s.run_lanes();
    s.cancel(job);
    s.fail(*s.at(job, 0), Failure::throttled("429", 20s));
    s.succeed(*s.at(other, 0));
    s.run_lanes();
    CHECK(s.items_at(other).empty());
    CHECK(s.engine.next_time() >= s.now + 20s);
    CHECK(s.finish(other));
    require_rest(s);
}

// ---- stop conditions ------------------------------------------------------------------------------------------------

TEST_CASE("a job stops after so many failures", "[engine]") {
    Script s;
    auto& job = s.start(10, {.concurrency = 3, .stop_after_failures = 2});
    s.run_lanes();
    s.fail(*s.at(job, 0), Failure::permanent("x"));
    s.run_lanes();
    s.fail(*s.at(job, 1), Failure::permanent("x"));
    CHECK(job.status == JobStatus::failed);
    CHECK(job.stop_reason == StopReason::failures);
    CHECK(s.at(job, 2)->stops == std::vector<std::uint64_t>{1});
    s.run_lanes();
    CHECK_FALSE(job.finished_at);  // two are running
    s.succeed(*s.at(job, 2));      // and one succeeds after all
    s.fail(*s.at(job, 3), again);
    s.run_lanes();
    CHECK(job.finishes == 1);
    auto const p = s.progress(job);
    CHECK(p.successful == 1);
    CHECK(p.failed == 2);
    CHECK(p.cancelled == 7);
    CHECK(s.engine.stats.cancelled == 7);
    require_rest(s);
}

TEST_CASE("a job stops at a failure rate, from twenty items on", "[engine]") {
    Script s;
    auto& job = s.start(100, {.concurrency = 1, .stop_at_failure_rate = 0.5});
    for (int i = 0; i < 19; ++i) {
        s.run_lanes();
        s.fail(*s.calling().at(0), Failure::permanent("x"));
        REQUIRE(job.stop_reason == StopReason::none);
    }
    s.run_lanes();
    s.fail(*s.calling().at(0), Failure::permanent("x"));
    CHECK(job.stop_reason == StopReason::failure_rate);
    s.run_lanes();
    CHECK(job.finishes == 1);
    require_rest(s);

    auto& half = s.start(100, {.concurrency = 1, .stop_at_failure_rate = 0.5});
    for (int i = 0; i < 25 && !half.finished_at; ++i) {
        s.run_lanes();
        if (i % 5 < 3)
            s.succeed(*s.calling().at(0));
        else
            s.fail(*s.calling().at(0), Failure::permanent("x"));
    }
    CHECK(half.stop_reason == StopReason::none);
    s.cancel(half);
    for (auto* lane : s.calling()) s.succeed(*lane);
    require_rest(s);
}

TEST_CASE("max_calls is exact, retries and bursts included", "[engine]") {
    Script s{{}, 0s};
    auto& job = s.start(100, {.concurrency = 3, .max_attempts = 2, .max_calls = 50});
    int called = 0;
    while (!job.finished_at) {
        s.run_lanes();
        for (auto* lane : s.calling()) {
            s.now += 1us;
            if (++called % 3 == 0)
                s.fail(*lane, again);
            else
                s.succeed(*lane);
        }
    }
    CHECK(called == 50);
    CHECK(job.stop_reason == StopReason::calls);
    CHECK(job.status == JobStatus::failed);
    CHECK(job.calls() == 50);
    require_rest(s);

    auto& enough = s.start(7, {.max_calls = 7});
    CHECK(s.finish(enough));
    CHECK(enough.status == JobStatus::completed);
    require_rest(s);
}

TEST_CASE("the items of the block that used up max_calls are not cancelled", "[engine]") {
    Script s;
    auto& job = s.start(3, {.concurrency = 1, .max_calls = 2});
    CHECK(s.finish(job));
    CHECK(job.ends == std::vector<End>{End::successful, End::successful, End::cancelled});
    CHECK(job.calls() == 2);
    require_rest(s);
}

TEST_CASE("a deadline stops the job, running or not", "[engine]") {
    Script s;
    auto& job = s.start(10, {.concurrency = 2, .deadline = 10s});
    auto& paused = s.start(10, {.deadline = 10s});
    s.pause(paused);
    s.run_lanes();
    s.after(9s);
    CHECK(job.stop_reason == StopReason::none);
    s.after(1s);
    CHECK(job.stop_reason == StopReason::deadline);
    CHECK(job.status == JobStatus::failed);
    CHECK(paused.finishes == 1);
    CHECK(s.at(job, 0)->stops.size() == 1);
    for (auto* lane : s.calling()) s.succeed(*lane);
    s.run_lanes();
    CHECK(job.finishes == 1);
    CHECK(s.progress(job).successful == 2);
    require_rest(s);
}

TEST_CASE("a deadline that the job does not need leaves no timer behind", "[engine]") {
    Script s;
    auto& job = s.start(1, {.deadline = 1h});
    CHECK(s.finish(job));
    require_rest(s);
    auto& cancelled = s.start(1, {.deadline = 1h});
    s.cancel(cancelled);
    require_rest(s);
    s.after(2h);
    CHECK(job.status == JobStatus::completed);
}

// ---- cancel, pause, update ------------------------------------------------------------------------------------------

TEST_CASE("a cancel drops what waits, asks what runs to stop, and counts answers that come anyway", "[engine]") {
    Script s{{}, 10s};
    auto& job = s.start(10, lanes(4));
    s.run_lanes();
    s.fail(*s.at(job, 3), again);
    REQUIRE(s.cancel(job));
    CHECK(job.status == JobStatus::cancelled);
    CHECK_FALSE(job.finished_at);
    CHECK_FALSE(s.cancel(job));
    CHECK_FALSE(s.pause(job));
    CHECK_FALSE(s.update(job, {.concurrency = 3}));
    for (std::uint64_t i = 0; i < 3; ++i) CHECK(s.at(job, i)->stops == std::vector<std::uint64_t>{1});
    auto p = s.progress(job);
    CHECK(p.cancelled == 7);
    CHECK(p.running == 3);
    s.succeed(*s.at(job, 0));
    s.fail(*s.at(job, 1), again);
    s.fail(*s.at(job, 2), Failure::permanent("stopped"));
    s.run_lanes();
    p = s.progress(job);
    CHECK(p.successful == 1);
    CHECK(p.failed == 0);
    CHECK(p.cancelled == 9);
    CHECK(job.finishes == 1);
    require_rest(s);
}

TEST_CASE("a cancel before any lane has come finishes at once", "[engine]") {
    Script s;
    auto& job = s.start(10, {.concurrency = 4, .rate_limit_per_minute = 100});
    CHECK(s.coming(job) == 4);
    CHECK(s.cancel(job));
    CHECK(job.finishes == 1);
    s.run_lanes();  // they find nothing and leave
    CHECK(job.attempts == std::vector<int>(10, 0));
    require_rest(s);
}

TEST_CASE("pause is exact, backoffs mature meanwhile", "[engine]") {
    Script s{{}, 5s};
    auto& job = s.start(10, lanes(2));
    s.run_lanes();
    s.fail(*s.at(job, 0), again);
    REQUIRE(s.pause(job));
    CHECK(s.pause(job));  // again: it is
    s.succeed(*s.at(job, 1));
    s.run_lanes();
    CHECK(s.lanes.empty());
    CHECK(s.progress(job).paused);
    CHECK(s.progress(job).waiting_for->reason == WaitingFor::Reason::paused);
    CHECK(s.engine.next_time() == time_point::max());  // nothing ticks
    s.after(1min);
    CHECK(s.lanes.empty());
    REQUIRE(s.pause(job, false));
    s.run_lanes();
    CHECK(s.items_at(job) == Items{0, 2});
    CHECK(s.finish(job));
    require_rest(s);
}

TEST_CASE("a lane that was on its way when the job was paused starts nothing", "[engine]") {
    Script s;
    auto& job = s.start(10, lanes(2));
    s.claim(*s.lanes.at(0));
    s.pause(job);
    CHECK_FALSE(s.begin(*s.lanes.at(0)));  // its word is closed
    s.run_lanes();
    CHECK(job.attempts == std::vector<int>(10, 0));
    CHECK(s.lanes.empty());
    s.pause(job, false);
    CHECK(s.finish(job));
    require_rest(s);
}

TEST_CASE("concurrency can be changed while the job runs", "[engine]") {
    Script s;
    auto& job = s.start(40, lanes(4));
    s.run_lanes();
    REQUIRE(s.update(job, {.concurrency = 2}));
    for (auto* lane : s.calling()) s.succeed(*lane);
    s.run_lanes();
    CHECK(s.calling().size() == 2);
    s.update(job, {.concurrency = 6});
    s.run_lanes();
    CHECK(s.calling().size() == 6);
    s.update(job, {.concurrency = 1});
    CHECK(s.finish(job));
    require_rest(s);
}

TEST_CASE("a cap lowered while lanes are on their way holds for them", "[engine]") {
    Script s;
    auto& job = s.start(40, lanes(5));
    CHECK(s.coming(job) == 5);
    s.update(job, {.concurrency = 2});
    s.run_lanes();
    CHECK(s.calling().size() == 2);
    s.set_tier("", Tier{"small", 1, 0});
    for (auto* lane : s.calling()) s.succeed(*lane);
    s.run_lanes();
    CHECK(s.calling().size() == 1);
    CHECK(s.finish(job));
    require_rest(s);
}

TEST_CASE("a rate set on a running job closes its blocks, items go back in order", "[engine]") {
    Script s;
    auto& job = s.start(500, lanes(2));
    for (int i = 0; i < 8; ++i) {
        s.run_lanes();
        s.now += 1us;
        for (auto* lane : s.calling())
            while (lane->phase == Lane::Phase::calling && lane->block.size() < 16) s.succeed(*lane);
    }
    s.run_lanes();
    REQUIRE(s.calling().size() == 2);
    REQUIRE(s.calling().at(0)->block.size() > 4);
    auto const first = std::min(s.calling().at(0)->index, s.calling().at(1)->index);
    auto const second = std::max(s.calling().at(0)->index, s.calling().at(1)->index);
    REQUIRE(s.engine.direct(job, s.now));
    s.update(job, {.rate_limit_per_minute = 3});
    CHECK_FALSE(s.engine.direct(job, s.now));
    for (auto* lane : s.calling()) {
        CHECK(lane->word.load().closed());
        s.succeed(*lane);
    }
    s.run_lanes();
    CHECK(s.items_at(job) == Items{first + 1, first + 2});
    s.succeed(*s.at(job, first + 1));
    s.run_lanes();
    s.succeed(*s.at(job, first + 2));
    s.run_lanes();
    CHECK(s.items_at(job) == Items{first + 3});  // the third of this minute
    s.succeed(*s.at(job, first + 3));
    s.run_lanes();
    CHECK(s.lanes.empty());
    CHECK(s.progress(job).waiting_for->reason == WaitingFor::Reason::rate);
    s.update(job, {.rate_limit_per_minute = 0});
    CHECK(s.engine.direct(job, s.now));
    CHECK(s.finish(job));
    CHECK(job.attempts.at(second) == 1);
    CHECK(job.ended(End::successful) == 500);
    require_rest(s);
}

TEST_CASE("the simulation may forbid direct mode and allow it again", "[engine]") {
    Script s;
    auto& job = s.start(100, lanes(3));
    for (int i = 0; !job.finished_at; ++i) {
        s.run_lanes();
        s.admitted_only(job, i % 2 == 0);
        s.now += 1us;
        for (auto* lane : s.calling()) s.succeed(*lane);
    }
    CHECK(job.attempts == std::vector<int>(100, 1));
    s.admitted_only(job, true);  // finished: nothing happens
    require_rest(s);
}

// ---- limits of tenants and processor --------------------------------------------------------------------------------

TEST_CASE("tenants share the processor's cap, whatever the number of their jobs", "[engine]") {
    Script s{{.max_in_flight = 2}};
    auto& large = s.start(100, {.concurrency = 5, .tenant = "large"});
    s.run_lanes();
    auto& small = s.start(2, {.tenant = "small"});
    for (int i = 0; i < 2; ++i) {
        s.succeed(*s.calling(&large).at(0));
        s.run_lanes();
    }
    CHECK(small.attempts != std::vector<int>{0, 0});  // it did not wait behind a hundred
    CHECK(s.finish(large));
    CHECK(s.finish(small));
    require_rest(s);
}

TEST_CASE("three nested limits hold at once", "[engine]") {
    Script s{{}, 1s, AnyLimiter::wrap(SlidingWindow{12, 1min})};
    auto& a = s.start(30, {.concurrency = 3, .rate_limit_per_minute = 4, .tenant = "t"}, Tier{"t", 4, 6});
    auto& b = s.start(30, {.concurrency = 3, .tenant = "t"});
    auto& c = s.start(30, {.concurrency = 9, .tenant = "u"});
    auto const begin = s.now;
    CHECK(s.finish(a));
    CHECK(s.finish(b));
    CHECK(s.finish(c));
    // sixty items of the tenant at six a minute
    CHECK(s.now - begin >= 9min);
    CHECK(s.now - begin <= 10min);
    require_rest(s);
}

TEST_CASE("a tier can be changed while its jobs run", "[engine]") {
    Script s;
    auto& job = s.start(30, {.concurrency = 10, .tenant = "t"}, Tier::free());
    s.run_lanes();
    CHECK(s.calling().size() == 2);
    s.set_tier("t", Tier{"none", 0, 0});
    s.run_lanes();
    CHECK(s.calling().size() == 10);
    CHECK(s.engine.direct(job, s.now));
    s.set_tier("t", Tier{"slow", 3, 5});
    CHECK(s.finish(job));
    require_rest(s);
}

TEST_CASE("the processor's tier and max_in_flight both hold", "[engine]") {
    Script s{{.tier = Tier{"t", 5, 3}, .max_in_flight = 4}};
    CHECK(s.engine.root().cap == 4);
    CHECK(s.engine.root().rate->limit() == 3);
    auto& job = s.start(5, lanes(5));
    s.run_lanes();
    CHECK(s.calling().size() == 3);
    CHECK(s.finish(job));
    require_rest(s);
}

TEST_CASE("a tenant without jobs is dropped when its window is empty", "[engine]") {
    Script s;
    std::shared_ptr<FakeJob> oldest;
    for (int i = 0; i < 200; ++i) {
        auto const name = "tenant " + std::to_string(i);
        auto const job = std::make_shared<FakeJob>(batchpace::JobId::make(1, 1, static_cast<std::uint64_t>(i) + 1),
                                                   JobOptions{.tenant = name}, s.engine.tenant(name, Tier::paid(), s.now), 10);
        s.engine.add(job, s.now);
        job->give(1);
        job->append(1);
        s.engine.accept(*job, s.now);
        REQUIRE(s.engine.actions.wakes.size() == 1);
        s.engine.actions.clear();
        Lane lane{*job};
        REQUIRE(s.engine.claim(lane, s.now));
        REQUIRE(lane.word.try_start());
        lane.word.end();
        s.now += 1s;
        lane.ended_at = s.now;
        REQUIRE_FALSE(s.engine.claim(lane, s.now));
        REQUIRE(job->finished_at);
        s.engine.actions.clear();
        if (i == 0) oldest = job;
        s.engine.set_admitted_only(*oldest, i % 2 == 0, s.now);  // its tenant may be gone: nothing happens
    }
    CHECK_FALSE(s.engine.root().engaged() != 0);
    // One whose window is not empty keeps it.
    CHECK(s.engine.tenant("tenant 199", Tier::paid(), s.now).rate->used(s.now) == 1);
    CHECK(s.engine.tenant("tenant 0", Tier::paid(), s.now).rate->used(s.now) == 0);
}

// ---- permits --------------------------------------------------------------------------------------------------------

TEST_CASE("the permit of a call that is not made is given back", "[engine]") {
    Script s;
    auto& job = s.start(4, {.concurrency = 2, .rate_limit_per_minute = 2});
    for (auto& lane : s.lanes) s.claim(*lane);
    CHECK(job.scope.rate->used(s.now) == 2);
    s.pause(job);  // closes both words before they begin
    s.run_lanes();
    CHECK(job.scope.rate->used(s.now) == 0);
    CHECK(job.attempts == std::vector<int>(4, 0));
    s.pause(job, false);
    s.run_lanes();
    CHECK(s.items_at(job) == Items{0, 1});
    CHECK(s.finish(job));
    require_rest(s);
}

TEST_CASE("a permit is given back where there is nothing to start after all", "[engine]") {
    Script s;
    auto& job = s.start(1, {.concurrency = 2, .rate_limit_per_minute = 5});
    auto& gone = s.start(1, {.concurrency = 1, .rate_limit_per_minute = 5});
    s.cancel(gone);
    s.run_lanes();
    CHECK(gone.scope.rate->used(s.now) == 0);
    CHECK(s.finish(job));
    CHECK(job.scope.rate->used(s.now) == 1);
    require_rest(s);
}

// ---- nobody hoards --------------------------------------------------------------------------------------------------

namespace {

// One lane holds a block of many items and is at the first of them; no other lane is alive.
Lane& hoard(Script& s, FakeJob& job) {
    s.run_lanes();
    for (;;) {
        auto& lane = *s.calling(&job).at(0);
        if (lane.block.size() == 16) return lane;
        s.now += 1us;
        while (lane.phase == Lane::Phase::calling) s.succeed(lane);
        s.run_lanes();
    }
}

}  // namespace

TEST_CASE("an idle lane takes items from one that sits on them", "[engine]") {
    Script s;
    auto& job = s.start(47, lanes(1));
    auto& lane = hoard(s, job);
    auto const at = lane.index;
    REQUIRE(job.unclaimed() == 16);
    // Whoever else there is takes what nobody has, and then from this one.
    s.update(job, {.concurrency = 4});
    s.succeed(lane);
    s.run_lanes();
    std::vector<Lane*> others;
    while (!job.finished_at) {
        s.run_lanes();
        others.clear();
        for (auto* other : s.calling(&job))
            if (other != &lane || job.unclaimed() == 0) others.push_back(other);
        if (others.empty()) others = s.calling(&job);
        for (auto* other : others) s.succeed(*other);
    }
    CHECK(job.attempts == std::vector<int>(47, 1));
    CHECK(job.ends.at(at) == End::successful);
    require_rest(s);
}

TEST_CASE("a lane with nothing to do steals the unstarted items of another", "[engine]") {
    Script s;
    auto& job = s.start(100, lanes(2));
    // Both lanes grow large bursts, then one of them stands still at the beginning of its block.
    Lane* slow = nullptr;
    Lane* quick = nullptr;
    while (slow == nullptr) {
        s.run_lanes();
        for (auto* lane : s.calling(&job))
            if (lane->block.size() >= 8) slow = lane;
        if (slow != nullptr) break;
        s.now += 1us;
        for (auto* lane : s.calling(&job))
            while (lane->phase == Lane::Phase::calling) s.succeed(*lane);
    }
    for (auto* lane : s.calling(&job))
        if (lane != slow) quick = lane;
    REQUIRE(quick != nullptr);
    auto const stuck_at = slow->index;
    while (job.ended_for_good + 1 < 100) {
        auto const before = job.ended_for_good;
        s.now += 1us;
        for (auto* lane : s.calling(&job))
            if (lane != slow)
                while (lane->phase == Lane::Phase::calling) s.succeed(*lane);
        s.run_lanes();
        REQUIRE(job.ended_for_good > before);  // all but the one are done, without waiting for it
    }
    CHECK(s.items_at(job) == Items{stuck_at});
    s.succeed(*slow);
    s.run_lanes();
    CHECK(job.finishes == 1);
    CHECK(job.attempts == std::vector<int>(100, 1));
    require_rest(s);
}

TEST_CASE("the watchdog takes the rest of a block from a lane that stands still", "[engine]") {
    Script s;
    auto& job = s.start(60, lanes(1));
    auto& lane = hoard(s, job);
    auto const at = lane.index;
    s.succeed(lane);
    s.after(2 * 600ms);  // two looks: one time-out in a hundred each
    CHECK(lane.block == ItemRange{at, at + 2});
    CHECK(lane.flushed == 1);
    CHECK(lane.word.load().closed());
    CHECK(job.ends.at(at) == End::successful);  // its result is not held up
    s.succeed(lane);
    s.run_lanes();
    CHECK(s.items_at(job) == Items{at + 2});
    CHECK(s.calling().at(0)->block.size() == 1);  // slow items come one by one
    CHECK(s.finish(job));
    require_rest(s);
}

// ---- the watchdog ---------------------------------------------------------------------------------------------------

TEST_CASE("an attempt past its time-out is asked to stop, after the grace it is given up", "[engine]") {
    Script s{{.abandon_grace = 5s}, 1s};
    auto& job = s.start(2, {.concurrency = 1, .attempt_timeout = 10s});
    s.run_lanes();
    auto& hung = *s.at(job, 0);
    s.after(10s - 1ns);
    CHECK(hung.stops.empty());
    s.after(101ms);
    CHECK(hung.stops == std::vector<std::uint64_t>{1});
    s.after(4'800ms);
    CHECK(hung.state == LaneSlot::State::claimed);
    s.after(200ms);
    CHECK(hung.state == LaneSlot::State::abandoned);
    auto p = s.progress(job);
    CHECK(p.abandoned == 1);
    CHECK(p.running == 0);
    CHECK(p.retrying == 1);
    CHECK(s.engine.stats.abandoned == 1);
    s.run_lanes();
    CHECK(s.items_at(job) == Items{1});  // a fresh lane took its place
    s.succeed(*s.at(job, 1));
    s.run_lanes();
    s.after(1s);
    s.run_lanes();
    CHECK(s.at(job, 0)->attempt_number == 2);
    s.succeed(*s.at(job, 0));
    s.run_lanes();
    CHECK(job.finishes == 1);
    CHECK(job.status == JobStatus::completed);
    CHECK(s.engine.next_time() == time_point::max());  // nobody waits for the hung one
    s.succeed(hung);
    CHECK(s.engine.stats.late_answers == 1);
    CHECK(s.engine.stats.abandoned == 0);
    CHECK(s.engine.stats.abandoned_ever == 1);
    CHECK(s.progress(job).successful == 2);
    CHECK(s.progress(job).abandoned == 0);
    require_rest(s);
}

TEST_CASE("an attempt that stops when asked is an ordinary failure", "[engine]") {
    Script s{{.abandon_grace = 5s}, 1s};
    auto& job = s.start(1, {.max_attempts = 1, .attempt_timeout = 10s});
    s.run_lanes();
    s.after(12s);
    auto& lane = *s.at(job, 0);
    REQUIRE(lane.stop_asked);
    s.fail(lane, Failure::timed_out("stopped"));
    s.run_lanes();
    CHECK(job.ledger.errors().at(0).kind == batchpace::FailureKind::timed_out);
    CHECK(s.engine.stats.abandoned_ever == 0);
    CHECK(job.finishes == 1);
    require_rest(s);
}

TEST_CASE("a late failure is dropped like any late answer", "[engine]") {
    Script s{{.abandon_grace = 0s}};
    auto& job = s.start(1, {.max_attempts = 1, .attempt_timeout = 1s});
    s.run_lanes();
    auto& hung = *s.at(job, 0);
    s.after(2s);
    REQUIRE(hung.state == LaneSlot::State::abandoned);
    CHECK(job.finishes == 1);
    CHECK(s.progress(job).failed == 1);
    s.fail(hung, Failure::permanent("too late"));
    CHECK(s.engine.stats.late_answers == 1);
    CHECK(s.engine.stats.attempts_failed == 1);
    CHECK(s.progress(job).failed == 1);
    CHECK(job.ledger.errors().size() == 1);
    require_rest(s);
}

TEST_CASE("a cancelled job does not wait for an attempt that ignores it", "[engine]") {
    Script s{{.abandon_grace = 5s}};
    auto& job = s.start(3, {.concurrency = 1, .attempt_timeout = 1h});
    s.run_lanes();
    s.after(1s);
    s.cancel(job);
    s.after(4s);
    CHECK_FALSE(job.finished_at);
    s.after(5min);
    CHECK(job.finishes == 1);
    CHECK(job.ends == std::vector<End>(3, End::cancelled));
    CHECK(s.progress(job).abandoned == 1);
    CHECK(s.engine.next_time() == time_point::max());
    s.succeed(*s.lanes.at(0));
    require_rest(s);
}

TEST_CASE("a lane in a burst is timed from when it was first seen at an item", "[engine]") {
    Script s{{.abandon_grace = 1s}, 1s};
    auto& job = s.start(60, {.concurrency = 1, .max_attempts = 1, .attempt_timeout = 2s});
    auto& lane = hoard(s, job);
    s.succeed(lane);
    s.succeed(lane);
    auto const hung_at = lane.index;
    s.after(4s);
    CHECK(lane.state == LaneSlot::State::abandoned);
    CHECK(job.ends.at(hung_at) == End::failed);
    CHECK(job.ends.at(hung_at - 1) == End::successful);  // those before it in its block count
    CHECK(s.finish(job));
    CHECK(s.progress(job).failed == 1);
    CHECK(s.progress(job).successful == 59);
    s.succeed(lane);
    require_rest(s);
}

TEST_CASE("too many attempts out bar the processor until one comes back", "[engine]") {
    Script s{{.abandon_grace = 0s, .max_abandoned = 2}, 1s};
    auto& job = s.start(6, {.concurrency = 2, .max_attempts = 1, .attempt_timeout = 1s});
    auto& other = s.start(2, {.concurrency = 1, .attempt_timeout = 1h, .tenant = "other"});
    s.run_lanes();
    std::vector<Lane*> const hung = s.calling(&job);
    s.after(2s);
    CHECK(s.engine.root().barred);
    s.run_lanes();
    CHECK(s.items_at(job).empty());
    CHECK(s.progress(job).waiting_for ==
          WaitingFor{WaitingFor::Reason::abandoned, WaitingFor::Scope::processor, std::nullopt});
    s.succeed(*s.at(other, 0));
    s.run_lanes();
    CHECK(s.items_at(other).empty());
    CHECK(s.engine.next_time() == time_point::max());  // only an event helps
    s.succeed(*hung.at(0));
    CHECK_FALSE(s.engine.root().barred);
    s.run_lanes();
    CHECK(s.items_at(job) == Items{2, 3});
    CHECK(s.items_at(other) == Items{1});
    s.succeed(*hung.at(1));
    CHECK(s.finish(job));
    CHECK(s.finish(other));
    require_rest(s);
}

TEST_CASE("the bound of abandoned attempts follows max_in_flight", "[engine]") {
    Script s{{.max_in_flight = 1, .abandon_grace = 0s}};
    auto& job = s.start(2, {.concurrency = 1, .max_attempts = 1, .attempt_timeout = 1s});
    s.run_lanes();
    s.after(2s);
    CHECK(s.engine.root().barred);
    s.succeed(*s.lanes.at(0));
    CHECK(s.finish(job));
    require_rest(s);
}

// ---- lanes that are lost --------------------------------------------------------------------------------------------

TEST_CASE("a lane that is lost gives its items back", "[engine]") {
    Script s;
    auto& job = s.start(60, lanes(1));
    auto& lane = hoard(s, job);
    auto const at = lane.index;
    s.succeed(lane);
    s.lose(lane);
    CHECK(s.first_fault == "");
    CHECK(job.ends.at(at) == End::successful);
    CHECK(s.lanes.empty());
    CHECK(s.engine.next_time() <= s.now);  // replaced at the next tick
    s.after(0s);
    s.run_lanes();
    CHECK(s.items_at(job) == Items{at + 1});  // the attempt that was cut short is made again
    CHECK(job.attempts.at(at + 1) == 2);
    s.succeed(*s.calling().at(0));
    s.run_lanes();
    CHECK(s.items_at(job) == Items{at + 2});
    CHECK(s.finish(job));
    CHECK(job.pace->mean() >= 0s);
    require_rest(s);
}

TEST_CASE("a lane lost on its way gives its place to another at the next tick", "[engine]") {
    Script s;
    auto& job = s.start(2, {.concurrency = 1, .rate_limit_per_minute = 5});
    s.lose(*s.lanes.at(0));
    CHECK(s.lanes.empty());
    CHECK(s.engine.next_time() <= s.now);
    s.after(0s);
    CHECK(s.coming(job) == 1);
    CHECK(s.finish(job));
    require_rest(s);
}

TEST_CASE("a lane lost after a cancel ends its item as cancelled", "[engine]") {
    Script s;
    auto& job = s.start(2, lanes(1));
    s.run_lanes();
    s.cancel(job);
    s.lose(*s.lanes.at(0));
    CHECK(job.finishes == 1);
    CHECK(job.ends == std::vector<End>(2, End::cancelled));
    require_rest(s);
}

TEST_CASE("a lane lost when it had been given up, or had left, changes little", "[engine]") {
    Script s{{.abandon_grace = 0s}};
    auto& job = s.start(1, {.max_attempts = 1, .attempt_timeout = 1s});
    s.run_lanes();
    s.after(2s);
    CHECK(s.progress(job).abandoned == 1);
    s.lose(*s.lanes.at(0));
    CHECK(s.progress(job).abandoned == 0);
    CHECK(s.engine.stats.abandoned == 0);
    CHECK(s.engine.stats.late_answers == 0);
    Lane left{job};
    left.state = LaneSlot::State::left;
    s.engine.lost(left, s.now);
    require_rest(s);
}

// ---- retries are bounded --------------------------------------------------------------------------------------------

TEST_CASE("no more than max_retrying items wait for another attempt", "[engine]") {
    Script s{{.max_retrying = 3}, 10s};
    auto& job = s.start(20, {.concurrency = 5, .max_attempts = 2});
    s.run_lanes();
    CHECK(s.calling().size() == 3);  // all of them might fail
    for (auto* lane : s.calling()) s.fail(*lane, again);
    s.run_lanes();
    CHECK(s.lanes.empty());
    CHECK(s.progress(job).retrying == 3);
    CHECK(s.engine.next_time() == s.now + 10s);
    s.after(10s);
    s.run_lanes();
    CHECK(s.items_at(job) == Items{0, 1, 2});
    s.succeed(*s.at(job, 0));
    s.run_lanes();
    CHECK(s.items_at(job) == Items{1, 2, 3});
    CHECK(s.finish(job));
    require_rest(s);
}

// ---- sources --------------------------------------------------------------------------------------------------------

TEST_CASE("a source is asked while its items run out, one refill at a time", "[engine]") {
    Script s;
    auto& job = s.start_source(std::nullopt, lanes(2));
    CHECK(job.refills == 1);
    CHECK(s.lanes.empty());
    CHECK(s.progress(job).waiting_for->reason == WaitingFor::Reason::source);
    CHECK_FALSE(s.progress(job).total_known);
    CHECK_FALSE(s.progress(job).percentage);
    s.source_gives(job, Engine::chunk);
    CHECK(job.refills == 0);  // more than half a chunk is there
    while (job.refills == 0) {
        s.run_lanes();
        for (auto* lane : s.calling()) s.succeed(*lane);
    }
    CHECK(job.unclaimed() <= Engine::chunk / 2);
    CHECK(job.unclaimed() > 0);
    s.source_gives(job, 10);
    CHECK(job.refills == 1);
    CHECK(s.progress(job).total == Engine::chunk + 10);
    s.source_gives(job, 0, true);
    CHECK(job.refills == 0);
    CHECK(s.progress(job).total_known);
    CHECK(s.finish(job));
    CHECK(job.status == JobStatus::completed);
    CHECK(s.progress(job).milestones.size() == 4);
    require_rest(s);
}

TEST_CASE("a job waits for its source, and finishes when that ends", "[engine]") {
    Script s;
    auto& job = s.start_source(2, lanes(2));
    CHECK(s.progress(job).total == 2);
    s.source_gives(job, 2);
    s.run_lanes();
    for (auto* lane : s.calling()) s.succeed(*lane);
    s.run_lanes();
    CHECK_FALSE(job.finished_at);  // it might give more than it promised
    CHECK(s.engine.next_time() == time_point::max());
    s.source_gives(job, 0, true);
    CHECK(job.finishes == 1);
    CHECK(job.status == JobStatus::completed);
    require_rest(s);
}

TEST_CASE("a source that breaks its promise fails the job", "[engine]") {
    Script s;
    auto& less = s.start_source(5);
    s.source_gives(less, 3);
    s.source_gives(less, 0, true);
    CHECK(less.stop_reason == StopReason::source);
    CHECK(*less.source_error == "the item source gave 3 items, not the 5 it had promised");
    auto& more = s.start_source(5);
    s.source_gives(more, 6);
    CHECK(more.stop_reason == StopReason::source);
    CHECK(*more.source_error == "the item source gave more than the 5 items it had promised");
    auto& broken = s.start_source(std::nullopt);
    s.source_gives(broken, 2);
    s.run_lanes();
    s.source_gives(broken, 0, false, "disk gone");
    CHECK(broken.stop_reason == StopReason::source);
    CHECK(*broken.source_error == "disk gone");
    for (auto* lane : s.calling()) s.succeed(*lane);
    s.run_lanes();
    CHECK(broken.status == JobStatus::failed);
    CHECK(s.progress(broken).successful == 2);
    auto& nothing = s.start_source(std::nullopt);
    s.source_gives(nothing, 0, true);
    CHECK(nothing.finishes == 1);
    require_rest(s);
}

TEST_CASE("what a source gives after the job was stopped is ignored", "[engine]") {
    Script s;
    auto& job = s.start_source(std::nullopt);
    s.cancel(job);
    CHECK(job.finishes == 1);
    s.source_gives(job, 100);
    CHECK(s.progress(job).total == 0);
    require_rest(s);
}

TEST_CASE("max_calls that is just enough for a source completes its job", "[engine]") {
    Script s;
    auto& job = s.start_source(std::nullopt, {.concurrency = 2, .max_calls = 2});
    s.source_gives(job, 2);
    s.run_lanes();
    for (auto* lane : s.calling()) s.succeed(*lane);
    s.run_lanes();
    s.source_gives(job, 0, true);
    CHECK(job.status == JobStatus::completed);
    CHECK(job.stop_reason == StopReason::none);
    auto& more = s.start_source(std::nullopt, {.concurrency = 2, .max_calls = 2});
    s.source_gives(more, 2);
    s.run_lanes();
    for (auto* lane : s.calling()) s.succeed(*lane);
    s.run_lanes();
    s.source_gives(more, 1);
    CHECK(more.stop_reason == StopReason::calls);
    CHECK(more.finishes == 1);
    require_rest(s);
}

// ---- milestones, events, totals -------------------------------------------------------------------------------------

TEST_CASE("each milestone is noted once, at the version that shows it", "[engine]") {
    Script s;
    auto& job = s.start(8, lanes(1));
    std::vector<int> seen;
    while (!job.finished_at) {
        s.run_lanes();
        auto const before = s.progress(job);
        for (auto* lane : s.calling()) s.succeed(*lane);
        s.run_lanes();
        auto const now = s.progress(job);
        for (auto const& m : now.milestones)
            if (m.version > before.version) seen.push_back(m.percentage);
    }
    CHECK(seen == std::vector<int>{25, 50, 75, 100});
    auto& one = s.start(1);
    CHECK(s.finish(one));
    CHECK(s.progress(one).milestones.size() == 4);
    require_rest(s);
}

TEST_CASE("events are reported where somebody wants them", "[engine]") {
    Script s{{.abandon_grace = 0s}, 1s};
    s.engine.wants_events = true;
    auto& job = s.start(3, {.concurrency = 3, .max_attempts = 2, .attempt_timeout = 30s});
    s.run_lanes();
    s.fail(*s.at(job, 0), again);
    s.fail(*s.at(job, 1), Failure::throttled("429", 2s));
    s.after(31s);
    s.run_lanes();
    for (int i = 0; i < 3 && !job.finished_at; ++i) {
        s.after(1s);
        s.run_lanes();
        for (auto* lane : s.calling()) s.succeed(*lane);
        s.run_lanes();
    }
    REQUIRE(job.finishes == 1);
    using Type = batchpace::Event::Type;
    std::vector<Type> types;
    for (auto const& event : s.engine.events) types.push_back(event.type);
    CHECK(types == std::vector<Type>{Type::started, Type::retry, Type::throttled, Type::abandoned, Type::retry, Type::finished});
    CHECK(s.engine.events.at(1).item == 0U);
    CHECK(s.engine.events.at(1).text == "again");
    CHECK(s.engine.events.at(5).text == "completed");
    for (auto& lane : s.lanes)
        if (lane->state == LaneSlot::State::abandoned) s.succeed(*lane);
    require_rest(s);
}

TEST_CASE("shutting down stops every job", "[engine]") {
    Script s;
    auto& running = s.start(5, lanes(2));
    auto& paused = s.start(5);
    auto& done = s.start(1);
    s.pause(paused);
    s.run_lanes();
    s.succeed(*s.at(done, 0));
    s.run_lanes();
    CHECK(s.engine.in_flight() == 2);
    s.engine.begin_shutdown();
    CHECK(s.engine.shutting_down());
    s.engine.stop_all(StopReason::shut_down, s.now);
    s.tick();
    CHECK(running.stop_reason == StopReason::shut_down);
    CHECK(running.status == JobStatus::cancelled);
    CHECK(paused.finishes == 1);
    CHECK(done.status == JobStatus::completed);
    for (auto* lane : s.calling()) s.fail(*lane, again);
    s.run_lanes();
    CHECK(running.finishes == 1);
    require_rest(s);
}

TEST_CASE("the clock never goes back and the wall follows it", "[engine]") {
    Script s;
    auto const t = s.now;
    CHECK(s.engine.advance(t) == t);
    CHECK(s.engine.advance(t - 5s) == t);
    CHECK(s.engine.advance(t + 5s) == t + 5s);
    s.engine.set_wall(t, batchpace::wall_time{} + 24h);
    CHECK(s.engine.wall(t + 3s) == batchpace::wall_time{} + 24h + 3s);
    CHECK(s.engine.wall(time_point::max()) == batchpace::wall_time::max());
    CHECK(s.engine.next_time() == time_point::max());
}
