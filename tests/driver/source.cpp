// SPDX-License-Identifier: BSL-1.0
//
// Items that come as the job goes on.
#include "support.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>

using namespace test;

namespace {

using Chunk = std::vector<std::string>;
using Pull = std::function<Chunk(std::size_t)>;
using AwaitablePull = std::function<asio::awaitable<Chunk>(std::size_t)>;

// Gives `count` items, at most `most` at once, and notes how it was asked.
struct Counter {
    std::size_t count;
    std::size_t most = SIZE_MAX;
    std::size_t given = 0;
    int asked = 0;
    bool inside = false;
    bool ended = false;

    Chunk next(std::size_t max) {
        CHECK(!ended);
        ++asked;
        Chunk chunk;
        while (given < count && chunk.size() < std::min(most, max)) chunk.push_back(std::to_string(given++));
        ended = chunk.empty();
        return chunk;
    }
};

Pull pulling(Counter& c) {
    return [&c](std::size_t max) { return c.next(max); };
}
AwaitablePull pulling_slowly(Counter& c) {
    return [&c](std::size_t max) -> asio::awaitable<Chunk> {
        CHECK(!c.inside);  // never twice at once
        c.inside = true;
        co_await sleep_for(50ms, asio::use_awaitable);
        c.inside = false;
        co_return c.next(max);
    };
}

struct Sourced {
    Simulation sim{1};
    Simulated<Sync> processor{sim, Unlimited{}, Sync{[this](std::string const& item, Attempt const&) {
                                  sim.spend(1ms);
                                  if (on_item) on_item(item);
                                  return 1;
                              }}};
    std::function<void(std::string const&)> on_item;
};

}  // namespace

TEST_CASE("a source of known total is asked chunk by chunk, when half a chunk is left", "[driver][source]") {
    Sourced s;
    Counter source{.count = 5'000};
    std::size_t most_ahead = 0;
    std::size_t annotated = 0;
    s.on_item = [&](std::string const&) { most_ahead = std::max(most_ahead, source.given - annotated++); };
    auto const job = s.processor.start_batch(from_source(pulling(source), 5'000));
    CHECK(source.asked == 0);  // on the executor, not inside start_batch
    auto const first = s.processor.progress(job);
    CHECK(first->total == 5'000);
    CHECK(first->total_known);
    CHECK(first->waiting_for->reason == WaitingFor::Reason::source);
    s.sim.after_event([&] { REQUIRE(adds_up(*s.processor.progress(job))); });
    s.sim.run();
    auto const p = *s.processor.progress(job);
    CHECK(p.status == JobStatus::completed);
    CHECK(p.successful == 5'000);
    CHECK(p.percentage == 100);
    CHECK(p.milestones.size() == 4);
    CHECK(source.ended);
    CHECK(most_ahead <= 1'024 + 512 + batchpace::engine::Burst::largest);
    CHECK(s.processor.results(job, 4'990, 100).items.size() == 10);
}

TEST_CASE("a source of unknown total counts what it has given so far", "[driver][source]") {
    Sourced s;
    Counter source{.count = 3'000, .most = 700};
    std::uint64_t last_total = 0;
    auto const job = s.processor.start_batch(from_source(pulling_slowly(source)));
    s.sim.after_event([&] {
        auto const p = *s.processor.progress(job);
        REQUIRE(adds_up(p));
        REQUIRE(p.total >= last_total);
        last_total = p.total;
        if (p.total_known) return;
        REQUIRE(!p.percentage);
        REQUIRE(!p.estimated_time_remaining);
        REQUIRE(p.milestones.empty());
    });
    s.sim.run();
    auto const p = *s.processor.progress(job);
    CHECK(p.status == JobStatus::completed);
    CHECK(p.total == 3'000);
    CHECK(p.total_known);
    CHECK(p.successful == 3'000);
    REQUIRE(p.milestones.size() == 4);
    CHECK(p.milestones.back().percentage == 100);
}

TEST_CASE("a source that breaks its promise fails the job", "[driver][source]") {
    Sourced s;
    Counter few{.count = 10};
    Counter many{.count = 10};
    auto const too_few = s.processor.start_batch(from_source(pulling(few), 11));
    auto const too_many = s.processor.start_batch(from_source(pulling_slowly(many), 9));
    s.sim.run();
    for (auto const job : {too_few, too_many}) {
        auto const p = *s.processor.progress(job);
        CHECK(p.status == JobStatus::failed);
        CHECK(p.stop_reason == StopReason::source);
        CHECK(p.finished());
        CHECK(adds_up(p));
    }
}

TEST_CASE("a source that throws fails the job, and what ran before counts", "[driver][source]") {
    Sourced s;
    std::function<void()> const throwing[] = {[] { throw std::runtime_error{"the cursor is gone"}; }, [] { throw 42; }};
    for (auto const& raise : throwing) {
        int asked = 0;
        auto const sync = s.processor.start_batch(from_source(Pull{[&](std::size_t) -> Chunk {
            if (asked++ > 0) raise();
            return {"a", "b"};
        }}));
        auto const awaited = s.processor.start_batch(from_source(AwaitablePull{[&](std::size_t) -> asio::awaitable<Chunk> {
            co_await sleep_for(1s, asio::use_awaitable);
            raise();
            co_return Chunk{};
        }}));
        s.sim.run();
        auto const p = *s.processor.progress(sync);
        CHECK(p.status == JobStatus::failed);
        CHECK(p.stop_reason == StopReason::source);
        CHECK(p.total == 2);
        CHECK(p.successful + p.cancelled == 2);
        CHECK(s.processor.progress(awaited)->stop_reason == StopReason::source);
    }
}

TEST_CASE("a source without items ends as a failed job, one that promises none is refused", "[driver][source]") {
    Sourced s;
    Counter none{.count = 0};
    auto const job = s.processor.start_batch(from_source(pulling(none)));
    Answer<JobProgress> finish;
    s.processor.async_wait(job, finish.handler());
    s.sim.run();
    REQUIRE(finish.calls == 1);
    CHECK(finish.value->status == JobStatus::failed);
    CHECK(finish.value->total == 0);
    CHECK(!finish.value->percentage);
    CHECK(thrown_by([&] { s.processor.start_batch(from_source(pulling(none), 0)); }).code == error::no_items);
}

TEST_CASE("a source may not give more items than a job may have, nor one twice in a chunk", "[driver][source]") {
    Simulation sim{1};
    Simulated<Sync> processor{sim, Unlimited{}, Sync{[](std::string const&, Attempt const&) { return 1; }}, {.max_items_per_job = 100}};
    Counter many{.count = 101};
    auto const too_many = processor.start_batch(from_source(pulling(many)));
    int asked = 0;
    auto const same = Pull{[&](std::size_t) { return asked++ % 2 == 0 ? Chunk{"a", "b", "a"} : Chunk{}; }};
    auto const refused = processor.start_batch(from_source(same));
    sim.run();
    asked = 0;
    auto const allowed = processor.start_batch(from_source(same), {.duplicates = Duplicates::allow});
    sim.run();
    CHECK(processor.progress(too_many)->stop_reason == StopReason::source);
    CHECK(processor.progress(refused)->stop_reason == StopReason::source);
    CHECK(processor.progress(allowed)->status == JobStatus::completed);
    CHECK(processor.progress(allowed)->total == 3);
    CHECK(thrown_by([&] { processor.start_batch(from_source(same, 101)); }).code == error::too_many_items);
}

TEST_CASE("a job that has been cancelled does not take what its source gives later", "[driver][source]") {
    Sourced s;
    Counter source{.count = 100, .most = 10};
    auto const job = s.processor.start_batch(from_source(pulling_slowly(source)));
    s.sim.run_for(60ms);
    CHECK(s.processor.progress(job)->total == 10);
    CHECK(s.processor.cancel(job));
    auto const asked = source.asked;
    s.sim.run();
    auto const p = *s.processor.progress(job);
    CHECK(p.finished());
    CHECK(p.total == 10);
    CHECK(source.asked <= asked + 1);  // the call that was under way
}

TEST_CASE("failed items of a source can be tried again after its chunks are gone", "[driver][source]") {
    Sourced s;
    Counter source{.count = 4'000};
    bool broken = true;
    s.on_item = [&](std::string const& item) {
        if (broken && item.size() == 4 && item.back() == '7') throw std::runtime_error{"broken"};
    };
    auto const job = s.processor.start_batch(from_source(pulling(source), 4'000), {.max_attempts = 1, .keep_results = 5});
    s.sim.run();
    CHECK(s.processor.progress(job)->failed == 300);
    CHECK(s.processor.progress(job)->errors.front().item_id.back() == '7');
    broken = false;
    std::vector<std::string> again;
    s.on_item = [&](std::string const& item) { again.push_back(item); };
    auto const retry = s.processor.retry_failed(job);
    s.sim.run();
    CHECK(s.processor.progress(retry)->successful == 300);
    CHECK(std::all_of(again.begin(), again.end(), [](auto const& item) { return item.back() == '7'; }));
}
