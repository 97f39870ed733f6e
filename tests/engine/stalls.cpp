// SPDX-License-Identifier: BSL-1.0
// When a stall is told, and when not. The script checks with every one that is told that the snapshot says so too.
#include "scripted.hpp"

#include "../catch.hpp"

using namespace scripted;

namespace {

struct Watched : Script {
    explicit Watched(ProcessorOptions const& options = {}, duration backoff = 1s) : Script{options, backoff} {
        engine.wants_stalls = true;
    }
    // The watchdog's ticks apart.
    void require_no_timer() {
        if (!lanes.empty()) return;
        REQUIRE(engine.next_time() == time_point::max());
    }
    void succeed_one(FakeJob& job) {
        succeed(*calling(&job).at(0));
        run_lanes();
    }
};

JobOptions slow(duration stalled_after = 1h) {
    return {.concurrency = 1, .attempt_timeout = 100h, .stalled_after = stalled_after};
}

}  // namespace

TEST_CASE("a stall is told once, and again only after an item has ended", "[engine][stalled]") {
    Watched s;
    auto& job = s.start(5, slow());
    s.run_lanes();
    s.after(1h - 1ns);
    CHECK(job.stalls == 0);
    s.after(1ns);
    CHECK(job.stalls == 1);
    s.after(10h);
    CHECK(job.stalls == 1);
    s.succeed_one(job);
    s.after(59min);
    CHECK(job.stalls == 1);
    s.after(1min);
    CHECK(job.stalls == 2);
    s.fail(*s.calling().at(0), Failure::permanent("no"));  // that is an end, too
    s.run_lanes();
    s.after(1h);
    CHECK(job.stalls == 3);
    s.succeed_one(job);
    s.succeed_one(job);
    s.succeed_one(job);
    CHECK(job.finished_at);
    s.after(10h);
    CHECK(job.stalls == 3);
    CHECK(s.first_fault == "");
    CHECK(s.idle());
}

TEST_CASE("a job that goes on is never told, and looked at no more often than every stalled_after", "[engine][stalled]") {
    Watched s;
    auto& job = s.start(100, slow());
    for (int i = 0; i < 100; ++i) {
        s.run_lanes();
        s.after(59min);
        s.succeed_one(job);
    }
    CHECK(job.finished_at);
    CHECK(job.stalls == 0);
    CHECK(s.idle());
}

TEST_CASE("where nobody wants to know, no time is waited for", "[engine][stalled]") {
    Script s;
    auto& job = s.start(5, slow());
    s.pause(job);
    CHECK(s.engine.next_time() == time_point::max());
}

TEST_CASE("a retry is no progress: nothing has ended", "[engine][stalled]") {
    Watched s{{}, 1s};
    auto& job = s.start(1, {.concurrency = 1, .max_attempts = 1'000'000, .stalled_after = 1h});
    while (s.now < time_point{3h} && job.stalls == 0) {
        s.run_lanes();
        for (auto* lane : s.calling()) s.late(50s), s.fail(*lane, Failure::transient("again"));
        s.run_lanes();
        s.after(2s);
    }
    CHECK(job.stalls == 1);
    CHECK(s.now < time_point{2h + 5min});
}

TEST_CASE("a pause at any scope is no stall, and the time spent in it does not count", "[engine][stalled]") {
    auto const scope = GENERATE(0, 1, 2);
    CAPTURE(scope);
    Watched s;
    auto& job = s.start(5, slow());
    s.run_lanes();
    s.after(30min);
    auto const pause = [&](bool on) {
        if (scope == 0) s.pause(job, on);
        if (scope == 1) s.pause_tenant("", on);
        if (scope == 2) s.pause_all(on);
    };
    pause(true);
    s.succeed(*s.calling().at(0));
    s.run_lanes();
    s.after(100h);
    CHECK(job.stalls == 0);
    s.require_no_timer();  // a loop with nothing but a paused job runs out of work
    pause(false);
    s.run_lanes();
    s.after(1h - 1ns);
    CHECK(job.stalls == 0);
    s.after(1ns);
    CHECK(job.stalls == 1);
    pause(true);
    pause(false);
    s.after(10h);
    CHECK(job.stalls == 1);  // nothing has ended
    CHECK(s.first_fault == "");
}

TEST_CASE("a job is looked at again only when everything that pauses it is resumed", "[engine][stalled]") {
    Watched s;
    auto& job = s.start(5, slow());
    s.pause(job);
    s.pause_tenant("");
    s.pause_all();
    s.after(2h);
    s.require_no_timer();
    s.pause(job, false);
    s.after(2h);
    s.require_no_timer();
    s.pause_all(false);
    s.after(2h);
    CHECK(job.stalls == 0);
    s.require_no_timer();
    s.pause_tenant("", false);
    s.run_lanes();
    s.after(2h);
    CHECK(job.stalls == 1);
}

TEST_CASE("who waits for a time that is known has not stalled", "[engine][stalled]") {
    Watched s{{}, 5h};
    SECTION("a backoff") {
        auto& job = s.start(1, slow());
        s.run_lanes();
        s.fail(*s.calling().at(0), Failure::transient("again"));
        s.run_lanes();
        s.after(5h);
        CHECK(job.stalls == 0);
        s.run_lanes();
        s.after(1h - 1ns);
        CHECK(job.stalls == 0);
        s.after(1ns);
        CHECK(job.stalls == 1);  // now it is the attempt that does not end
    }
    SECTION("a backoff that is over when the timer comes late") {
        Watched late{{}, 59min};
        auto& job = late.start(1, slow());
        late.run_lanes();
        late.fail(*late.calling().at(0), Failure::transient("again"));
        late.run_lanes();
        late.late(70min);
        CHECK(job.stalls == 0);  // its lane is on the way
        late.run_lanes();
        late.after(1h);
        CHECK(job.stalls == 1);
        CHECK(late.first_fault == "");
    }
    SECTION("a service that asked to be left alone") {
        auto& job = s.start(3, slow());
        auto& other = s.start(1, slow());
        s.run_lanes();
        s.fail(*s.calling(&other).at(0), Failure::throttled("wait", 10h));
        s.succeed_one(job);
        s.after(10h - 1s);
        CHECK(job.stalls == 0);
        s.after(s.engine.root().closed_until - s.now);  // a little more than it asked for
        s.run_lanes();
        s.after(59min);
        CHECK(job.stalls == 0);
        s.after(1min);
        CHECK(job.stalls == 1);
    }
    CHECK(s.first_fault == "");
}

TEST_CASE("a limit that is used up hides no attempt that hangs", "[engine][stalled]") {
    Watched s;
    auto& job = s.start(1, {.concurrency = 2, .rate_limit_per_minute = 1, .attempt_timeout = 100h, .stalled_after = 10s});
    s.run_lanes();
    s.after(10s);
    CHECK(job.stalls == 1);  // nothing waits for the limit
}

TEST_CASE("a source that gives nothing is a stall", "[engine][stalled]") {
    Watched s;
    auto& job = s.start_source(std::nullopt, slow());
    s.engine.root().closed_until = s.now + 90min;  // which nobody waits for
    s.after(1h);
    CHECK(job.stalls == 1);
    s.after(30min);
    s.source_gives(job, 1);
    s.run_lanes();
    s.after(5h);
    CHECK(job.stalls == 1);  // an item has come, none has ended
    s.succeed_one(job);
    s.after(1h);
    CHECK(job.stalls == 2);
}

TEST_CASE("a cancelled job is not watched any more", "[engine][stalled]") {
    Watched s{{.abandon_grace = 100h}};
    auto& job = s.start(5, slow());
    s.run_lanes();
    s.cancel(job);
    s.after(5h);
    CHECK(job.stalls == 0);
    s.succeed(*s.lanes.at(0));
    s.run_lanes();
    CHECK(job.finished_at);
    CHECK(s.idle());
}
