// SPDX-License-Identifier: BSL-1.0
#include <batchpace/engine/job.hpp>

#include "scripted.hpp"

#include "../catch.hpp"

#include <cstdint>
#include <string>

using namespace scripted;

namespace {

// One job and its lanes, without an engine.
struct Bench {
    explicit Bench(std::uint64_t items, JobOptions const& options = {}, std::int64_t most_retrying = 1'000)
        : job{batchpace::JobId::make(1, 0, 1), options, tenant, most_retrying} {
        job.give(items);
        job.append(items);
        job.accepted = true;
    }
    bool claim(Lane& lane, std::uint64_t most = 1) {
        if (!job.claim(lane, now, most)) return false;
        lane.index = lane.block.begin;
        lane.end = lane.block.end;
        lane.answered.fill(false);
        return true;
    }
    Lane& lane() {
        lanes.push_back(std::make_unique<Lane>(job));
        lanes.back()->job_index = job.lanes.size();
        job.lanes.push_back(lanes.back().get());
        return *lanes.back();
    }
    static void start(Lane& lane, std::uint64_t count = 1) {
        while (count-- > 0) REQUIRE(lane.word.try_start());
    }

    Scope root{Scope::Level::processor, nullptr};
    Scope tenant{Scope::Level::tenant, &root};
    FakeJob job;
    std::vector<std::unique_ptr<Lane>> lanes;
    time_point now{1h};
};

}  // namespace

TEST_CASE("a job copies the views of its options", "[engine][job]") {
    auto tenant = std::string{"tenant"};
    auto label = std::string{"label"};
    auto key = std::string{"key"};
    Scope scope{Scope::Level::tenant, nullptr};
    FakeJob const job{batchpace::JobId::make(1, 0, 1),
                      {.concurrency = 7, .priority = 9, .tenant = tenant, .idempotency_key = key, .label = label},
                      scope,
                      10};
    tenant = label = key = "overwritten";
    CHECK(job.options.tenant() == "tenant");
    CHECK(job.options.label() == "label");
    CHECK(job.options.idempotency_key() == "key");
    CHECK(job.scope.cap == 7);
    CHECK(job.scope.weight == 9);
}

TEST_CASE("blocks are handed out in order, unstarted items come back in order", "[engine][job]") {
    Bench b{20};
    auto& a = b.lane();
    auto& c = b.lane();
    REQUIRE(b.claim(a, 8));
    CHECK(a.block == ItemRange{0, 8});
    REQUIRE(b.claim(c, 4));
    CHECK(c.block == ItemRange{8, 12});
    b.start(a, 3);
    CHECK(b.job.take_back(c));
    CHECK(b.job.take_back(a));
    CHECK_FALSE(b.job.take_back(a));
    CHECK_FALSE(a.word.try_start());
    CHECK(a.block == ItemRange{0, 3});
    CHECK(b.job.unclaimed() == 17);
    CHECK(b.job.calls() == 3);
    auto& d = b.lane();
    REQUIRE(b.claim(d, 64));
    CHECK(d.block == ItemRange{3, 8});  // what came back, one run at a time
    a.answered.fill(true);
    a.word.end();
    b.job.settle(a, b.now + 1s);
    b.job.settle(c, b.now);
    CHECK(b.job.ledger.successful() == 3);
    CHECK(b.job.ended_for_good == 3);
    CHECK(b.job.live() == 1);
    REQUIRE(b.claim(a, 64));
    CHECK(a.block == ItemRange{8, 12});
    REQUIRE(b.claim(c, 64));
    CHECK(c.block == ItemRange{12, 20});
    CHECK_FALSE(b.claim(b.lane(), 64));
}

TEST_CASE("a settled block has nothing left to take back", "[engine][job]") {
    Bench b{4};
    auto& lane = b.lane();
    REQUIRE(b.claim(lane, 2));
    b.start(lane, 2);
    lane.word.end();
    b.job.settle(lane, b.now);
    CHECK_FALSE(b.job.take_back(lane));
    CHECK(b.job.unclaimed() == 2);
    CHECK(b.job.calls() == 2);
}

TEST_CASE("a block never crosses a chunk", "[engine][job]") {
    Bench b{5};
    b.job.give(3);
    b.job.append(3);
    auto& lane = b.lane();
    REQUIRE(b.claim(lane, 64));
    CHECK(lane.block == ItemRange{0, 5});
    b.job.settle(lane, b.now);
    auto& other = b.lane();
    REQUIRE(b.claim(lane, 3));
    REQUIRE(b.claim(other, 64));
    CHECK(other.block == ItemRange{3, 5});
    REQUIRE(b.claim(b.lane(), 64));
    CHECK(b.lanes.back()->block == ItemRange{5, 8});
}

TEST_CASE("a retry that is due goes first, alone, with its number", "[engine][job]") {
    Bench b{10};
    auto& lane = b.lane();
    REQUIRE(b.claim(lane, 4));
    b.start(lane, 2);
    auto const index = b.job.end_unsuccessful(lane);
    CHECK(index == 1);
    b.job.retry({b.now + 5s, index, 2, 3});
    CHECK(b.job.retrying() == 1);
    CHECK(b.job.next_due() == b.now + 5s);
    b.job.settle(lane, b.now);
    CHECK(b.job.ledger.successful() == 1);
    b.now += 5s;
    REQUIRE(b.claim(lane, 64));
    CHECK(lane.block == ItemRange{1, 2});
    CHECK(lane.attempt_number == 2);
    CHECK(lane.throttles == 3);
    CHECK(b.job.retrying() == 0);
    CHECK(b.job.take_back(lane));  // not begun: it keeps its number
    CHECK(b.job.retrying() == 1);
    CHECK(b.job.unclaimed() == 8);
    b.job.settle(lane, b.now);
    REQUIRE(b.claim(lane, 64));
    CHECK(lane.block == ItemRange{1, 2});
    CHECK(lane.attempt_number == 2);
}

TEST_CASE("a job wishes for a lane while there is something that no lane is on its way for", "[engine][job]") {
    Bench b{2, {.max_calls = 3}};
    CHECK(b.job.wish() == time_point::min());
    b.job.accepted = false;
    CHECK(b.job.wish() == time_point::max());
    b.job.accepted = true;
    auto& lane = b.lane();
    REQUIRE(b.claim(lane, 2));
    CHECK(b.job.wish() == time_point::max());
    b.start(lane, 2);
    b.job.retry({b.now + 9s, b.job.end_unsuccessful(lane), 2, 0});
    CHECK(b.job.wish() == b.now + 9s);
    b.job.settle(lane, b.now);
    b.now += 9s;
    REQUIRE(b.claim(lane, 1));
    CHECK(b.job.wish() == time_point::max());
    b.start(lane);
    b.job.retry({b.now, b.job.end_unsuccessful(lane), 3, 0});
    CHECK(b.job.wish() == time_point::max());  // no calls are left
    CHECK_FALSE(b.job.calls_used_up());        // this lane has not come back
    b.job.settle(lane, b.now);
    CHECK(b.job.calls_used_up());
    CHECK_FALSE(b.claim(lane, 1));
    b.job.stop_reason = StopReason::calls;
    CHECK(b.job.wish() == time_point::max());
}

TEST_CASE("fresh items are held back while too many might wait for a retry", "[engine][job]") {
    Bench b{100, {}, 6};
    auto& a = b.lane();
    auto& c = b.lane();
    REQUIRE(b.claim(a, 64));
    CHECK(a.block.size() == 6);
    CHECK_FALSE(b.claim(c, 64));
    b.start(a, 2);
    b.job.retry({b.now + 1s, b.job.end_unsuccessful(a), 2, 0});
    CHECK_FALSE(b.claim(c, 64));
    b.job.take_back(a);
    a.word.end();
    b.job.settle(a, b.now);
    REQUIRE(b.claim(c, 64));
    CHECK(c.block == ItemRange{2, 6});  // what came back
    REQUIRE(b.claim(a, 64));
    CHECK(a.block == ItemRange{6, 7});  // five are out, one waits
    CHECK(b.job.wish() == b.now + 1s);
}

TEST_CASE("an abandoned attempt settles its block", "[engine][job]") {
    Bench b{10};
    auto& lane = b.lane();
    REQUIRE(b.claim(lane, 6));
    b.start(lane, 3);
    lane.answered[0] = lane.answered[1] = true;
    REQUIRE(lane.word.abandon(3));
    auto const given_up = b.job.end_abandoned(lane, b.now);
    REQUIRE(given_up.size() == 1);
    CHECK(given_up[0].index == 2);
    CHECK(b.job.ledger.successful() == 2);
    CHECK(b.job.ended(End::successful) == 2);
    CHECK(b.job.abandoned_now == 1);
    CHECK(b.job.unclaimed() == 7);
    CHECK(b.job.live() == 0);
    CHECK(b.job.calls() == 3);
}

TEST_CASE("what nobody has claimed is dropped item by item once", "[engine][job]") {
    Bench b{10};
    auto& a = b.lane();
    REQUIRE(b.claim(a, 4));
    b.start(a, 2);
    b.job.retry({b.now + 1h, b.job.end_unsuccessful(a), 2, 0});
    b.job.take_back(a);
    b.job.drop_unclaimed();
    CHECK(b.job.twice.empty());
    CHECK(b.job.ended(End::cancelled) == 9);
    CHECK(b.job.ends.at(0) == End::none);
    CHECK(b.job.unclaimed() == 0);
    CHECK(b.job.retrying() == 0);
}

TEST_CASE("the count of a running lane is read from its word", "[engine][job]") {
    Bench b{10};
    auto& lane = b.lane();
    auto const idle = b.job.count();
    REQUIRE(b.claim(lane, 5));
    b.start(lane, 3);
    auto count = b.job.count();
    CHECK(count.running == 1);
    CHECK(count.successful == 2);
    CHECK(count.version > idle.version);
    b.job.end_unsuccessful(lane);
    auto const failed = b.job.count();
    CHECK(failed.running == 0);
    CHECK(failed.successful == 2);
    CHECK(failed.version > count.version);
    b.start(lane);
    lane.word.end();
    count = b.job.count();
    CHECK(count.successful == 3);
    CHECK(count.version > failed.version);
    b.job.settle(lane, b.now);
    lane.state = LaneSlot::State::left;
    CHECK(b.job.count().successful == 3);
    CHECK(b.job.count().version >= count.version);
}

TEST_CASE("a lane's share leaves something for the others", "[engine][job]") {
    Bench b{64};
    b.lane();
    CHECK(b.job.share(64) == 32);
    CHECK(b.job.share(8) == 8);
    for (int i = 0; i < 3; ++i) b.lane();
    CHECK(b.job.share(64) == 8);
    Bench one{1};
    CHECK(one.job.share(64) == 1);
    CHECK(one.job.share(1) == 1);
}

TEST_CASE("a source's total is what is known or promised, whichever is more", "[engine][job]") {
    Bench b{0};
    b.job.open_source(10);
    CHECK(b.job.total() == 10);
    CHECK(b.job.total_known());
    CHECK(b.job.wanted(8));
    b.job.append(5);
    CHECK_FALSE(b.job.wanted(8));  // more than half a chunk is there
    b.job.append(6);
    CHECK(b.job.total() == 11);
    CHECK_FALSE(b.job.all_processed());
    b.job.close_source();
    CHECK_FALSE(b.job.wanted(100));
    Bench unknown{0};
    unknown.job.open_source({});
    CHECK_FALSE(unknown.job.total_known());
    unknown.job.close_source();
    CHECK(unknown.job.total_known());
    CHECK(unknown.job.all_processed());
}
