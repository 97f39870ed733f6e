// SPDX-License-Identifier: BSL-1.0
//
// Those who wait for a job, and what is announced: finishes, changes, milestones, results, events.
#include "support.hpp"

#include <algorithm>
#include <stdexcept>

using namespace test;

namespace {

struct WatchingHost {
    explicit WatchingHost(ProcessorOptions options = {}, Hooks hooks = fixed_backoff(1s), std::uint64_t seed = 1)
        : sim{seed},
          processor{sim, Unlimited{}, Awaitable{[this](std::string const& item, Attempt const&) { return annotate(item); }},
                    options, std::move(hooks)} {}

    asio::awaitable<int> annotate(std::string const& item) {
        if (takes(item) > 0s) co_await sleep_for(takes(item), asio::use_awaitable);
        if (failing(item)) throw std::runtime_error{"failed for " + item};
        co_return std::stoi(item);
    }

    Simulation sim;
    std::function<bool(std::string const&)> failing = [](auto&) { return false; };
    std::function<duration(std::string const&)> takes = [](auto&) { return 1s; };
    Simulated<Awaitable> processor;
};

// Asks on and on for the next change, and keeps what it is told.
struct Watcher {
    Watcher(Simulated<Awaitable>& p, JobId id) : processor{p}, job{id} { ask(0); }
    Watcher(Watcher const&) = delete;

    void ask(std::uint64_t seen) {
        inside = true;
        processor.async_watch(job, seen, [this](std::error_code error, JobProgress const& p) {
            REQUIRE(!inside);
            REQUIRE(!error);
            REQUIRE(adds_up(p));
            if (!seen_all.empty()) REQUIRE(p.version >= seen_all.back().version);
            for (auto const& m : p.milestones) milestones.push_back(m.percentage);
            seen_all.push_back(p);
            if (p.finished())
                ++finishes;
            else
                ask(p.version);
        });
        inside = false;
    }

    Simulated<Awaitable>& processor;
    JobId job;
    bool inside = false;
    int finishes = 0;
    std::vector<int> milestones;
    std::vector<JobProgress> seen_all;
};

}  // namespace

TEST_CASE("async_wait completes once, when the last attempt has ended", "[driver][wait]") {
    WatchingHost h;
    auto const job = h.processor.start_batch(names(12));
    Answer<JobProgress> early;
    h.processor.async_wait(job, early.handler());
    CHECK(early.calls == 0);
    h.sim.run_for(2500ms);
    CHECK(early.calls == 0);
    h.sim.run();
    CHECK(early.calls == 1);
    CHECK(early.code == std::error_code{});
    CHECK(early.value->successful == 12);
    CHECK(early.value->finished());
    Answer<JobProgress> late;
    h.processor.async_wait(job, late.handler());
    CHECK(late.calls == 0);  // finished long ago, and still never inside the call
    h.sim.run();
    CHECK(late.calls == 1);
    CHECK(late.value->status == JobStatus::completed);
}

TEST_CASE("a wait of a cancelled job completes when its last attempt has ended", "[driver][wait][cancel]") {
    WatchingHost h;
    auto const job = h.processor.start_batch(names(12));
    Answer<JobProgress> wait;
    h.processor.async_wait(job, wait.handler());
    h.sim.run_for(500ms);
    h.processor.cancel(job);
    CHECK(wait.calls == 0);
    h.sim.run();
    CHECK(wait.calls == 1);
    CHECK(wait.code == std::error_code{});
    CHECK(wait.value->status == JobStatus::cancelled);
    CHECK(wait.value->running == 0);
}

TEST_CASE("every watcher is told of each milestone and of the finish once and in order", "[driver][watch][milestones]") {
    for (auto const count : {1U, 2U, 3U, 4U, 5U, 7U, 100U, 997U}) {
        for (std::uint64_t seed = 1; seed <= 10; ++seed) {
            INFO(count << " items, seed " << seed);
            WatchingHost h{{}, fixed_backoff(1s), seed};
            h.takes = [](std::string const& item) -> duration { return item.size() % 2 == 0 ? 0s : 100ms; };
            h.failing = [](std::string const& item) { return item.back() == '6'; };
            auto const job = h.processor.start_batch(names(count), {.max_attempts = 2});
            Watcher a{h.processor, job};
            h.sim.run_for(1s);
            Watcher b{h.processor, job};  // hears of those that were passed before, at once
            h.sim.run();
            for (auto const* w : {&a, &b}) {
                CHECK(w->milestones == std::vector<int>{25, 50, 75, 100});
                CHECK(w->finishes == 1);
            }
            for (std::size_t i = 0; i + 1 < a.seen_all.size(); ++i)
                REQUIRE(a.seen_all[i].processed() <= a.seen_all[i + 1].processed());
        }
    }
}

TEST_CASE("milestones carry where they were passed", "[driver][milestones]") {
    WatchingHost h;
    auto const job = h.processor.start_batch(names(8), {.concurrency = 1});
    h.sim.run();
    auto const milestones = h.processor.progress(job)->milestones;
    REQUIRE(milestones.size() == 4);
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(milestones[i].percentage == 25 * static_cast<int>(i + 1));
        CHECK(milestones[i].total == 8);
        CHECK(milestones[i].processed == 2 * (i + 1));
        if (i > 0) CHECK(milestones[i].version > milestones[i - 1].version);
        if (i > 0) CHECK(milestones[i].at > milestones[i - 1].at);
    }
    Answer<JobProgress> rest;
    h.processor.async_watch(job, milestones[1].version, rest.handler());
    h.sim.run();
    REQUIRE(rest.calls == 1);
    REQUIRE(rest.value->milestones.size() == 2);
    CHECK(rest.value->milestones[0].percentage == 75);
}

TEST_CASE("a watch waits for a change, and coalesces those in between", "[driver][watch]") {
    WatchingHost h;
    auto const job = h.processor.start_batch(names(1'000), {.concurrency = 10});
    h.sim.run_for(1500ms);
    auto const seen = h.processor.progress(job)->version;
    h.processor.pause(job);
    h.sim.run();
    Answer<JobProgress> behind;  // much has happened since
    h.processor.async_watch(job, seen, behind.handler());
    h.sim.run();
    REQUIRE(behind.calls == 1);
    Answer<JobProgress> next;
    h.processor.async_watch(job, behind.value->version, next.handler());
    h.sim.run_for(1h);
    CHECK(next.calls == 0);  // nothing has
    h.processor.update(job, {.concurrency = 3});
    h.sim.run_for(1ms);
    CHECK(next.calls == 1);
    CHECK(next.value->version > behind.value->version);
    h.processor.cancel(job);
}

TEST_CASE("a wait can be cancelled through its slot, the job goes on", "[driver][wait][watch]") {
    WatchingHost h;
    auto const job = h.processor.start_batch(names(12));
    asio::cancellation_signal signals[2];
    Answer<JobProgress> wait;
    Answer<JobProgress> watch;
    h.sim.run_for(500ms);
    h.processor.async_wait(job, asio::bind_cancellation_slot(signals[0].slot(), wait.handler()));
    h.processor.async_watch(job, h.processor.progress(job)->version, asio::bind_cancellation_slot(signals[1].slot(), watch.handler()));
    for (auto& s : signals) s.emit(asio::cancellation_type::all);
    CHECK(wait.calls + watch.calls == 0);
    h.sim.run_for(1ms);
    CHECK(wait.calls == 1);
    CHECK(wait.code == asio::error::operation_aborted);
    CHECK(watch.calls == 1);
    CHECK(watch.code == asio::error::operation_aborted);
    for (auto& s : signals) s.emit(asio::cancellation_type::all);  // too late, and harmless
    h.sim.run();
    CHECK(h.processor.progress(job)->successful == 12);
    CHECK(wait.calls == 1);
    for (auto& s : signals) s.emit(asio::cancellation_type::all);
}

TEST_CASE("a coroutine that waits and is cancelled sees operation_aborted", "[driver][wait]") {
    WatchingHost h;
    auto const job = h.processor.start_batch(names(12));
    net_error_code seen;
    asio::cancellation_signal signal;
    auto body = [&]() -> asio::awaitable<void> {
        try {
            co_await h.processor.async_wait(job, asio::use_awaitable);
        } catch (net_system_error const& e) {
            seen = e.code();
        }
    };
    asio::co_spawn(h.sim.get_executor(), body, asio::bind_cancellation_slot(signal.slot(), asio::detached));
    h.sim.run_for(500ms);
    signal.emit(asio::cancellation_type::terminal);
    h.sim.run_for(1ms);
    CHECK(seen == asio::error::operation_aborted);
    h.sim.run();
    CHECK(h.processor.progress(job)->successful == 12);
}

TEST_CASE("results come in the order of ending, in pages", "[driver][results]") {
    WatchingHost h;
    h.takes = [](std::string const& item) -> duration { return 10s - std::chrono::seconds{std::stoi(item)}; };
    h.failing = [](std::string const& item) { return item == "2"; };
    auto const job = h.processor.start_batch(names(5), {.max_attempts = 1});
    CHECK(h.processor.results(job, 0, 10).items.empty());
    CHECK(!h.processor.results(job, 0, 10).ended);
    h.sim.run();
    auto const first = h.processor.results(job, 0, 2);
    CHECK(first.first_available == 0);
    CHECK(first.next == 2);
    CHECK(!first.ended);
    REQUIRE(first.items.size() == 2);
    CHECK(first.items[0].item_id == "4");
    CHECK(first.items[0].annotation == 4);
    CHECK(first.items[0].index == 4);
    CHECK(first.items[0].attempts == 1);
    CHECK(first.items[0].took >= 6s);
    CHECK(first.items[0].took < 6100ms);
    CHECK(first.items[1].item_id == "3");
    auto const second = h.processor.results(job, first.next, 100);
    REQUIRE(second.items.size() == 3);
    CHECK(second.ended);
    CHECK(second.next == 5);
    CHECK(second.items[0].item_id == "2");
    CHECK(second.items[0].status == ItemStatus::failed);
    CHECK(second.items[0].error == "failed for 2");
    CHECK(!second.items[0].annotation);
    CHECK(second.items[2].item_id == "0");
    auto const beyond = h.processor.results(job, 99, 10);
    CHECK(beyond.items.empty());
    CHECK(h.processor.results(job, 0, 0).items.empty());
}

TEST_CASE("keep_results keeps the latest, and the page says what was dropped", "[driver][results]") {
    WatchingHost h;
    auto const job = h.processor.start_batch(names(20), {.concurrency = 1, .keep_results = 5});
    h.sim.run();
    auto const page = h.processor.results(job, 0, 100);
    CHECK(page.first_available == 15);
    REQUIRE(page.items.size() == 5);
    CHECK(page.items[0].item_id == "15");
    CHECK(page.next == 20);
    CHECK(page.ended);
    auto const none = h.processor.start_batch(names(20), {.keep_results = 0});
    h.sim.run();
    CHECK(h.processor.results(none, 0, 100).items.empty());
    CHECK(h.processor.results(none, 0, 100).ended);
}

TEST_CASE("items that a cancel dropped are in the results, as cancelled", "[driver][results][cancel]") {
    WatchingHost h;
    auto const job = h.processor.start_batch(names(1'000), {.concurrency = 2});
    h.sim.run_for(1500ms);
    h.processor.cancel(job);
    h.sim.run();
    std::uint64_t next = 0;
    std::vector<bool> seen(1'000);
    int successful = 0;
    for (;;) {
        auto const page = h.processor.results(job, next, 77);
        for (auto const& item : page.items) {
            CHECK(!seen[item.index]);
            seen[item.index] = true;
            CHECK(item.item_id == std::to_string(item.index));
            successful += item.status == ItemStatus::successful ? 1 : 0;
            CHECK((item.status == ItemStatus::successful || item.status == ItemStatus::cancelled));
        }
        next = page.next;
        if (page.ended) break;
        REQUIRE(!page.items.empty());
    }
    CHECK(successful == 2);
    CHECK(std::count(seen.begin(), seen.end(), true) == 1'000);
}

TEST_CASE("on_result is called for each processed item, before anybody is told of the finish", "[driver][hooks]") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        INFO("seed " << seed);
        WatchingHost h{{}, fixed_backoff(1s), seed};
        h.takes = [](auto&) -> duration { return 0s; };
        h.failing = [](std::string const& item) { return item.back() == '5'; };
        std::vector<std::uint64_t> order;
        h.processor.on_result([&](JobId const&, ItemResult<int> const& r) {
            CHECK((r.status == ItemStatus::successful) == (r.item_id.back() != '5'));
            order.push_back(r.index);
        });
        auto const job = h.processor.start_batch(names(300), {.max_attempts = 2});
        std::size_t known_at_finish = 0;
        std::size_t known_at_late_finish = 0;
        h.processor.async_wait(job, [&](auto, auto const&) { known_at_finish = order.size(); });
        h.sim.run_until([&] { return h.processor.progress(job)->finished(); });
        h.processor.async_wait(job, [&](auto, auto const&) { known_at_late_finish = order.size(); });
        h.sim.run();
        CHECK(known_at_finish == 300);
        CHECK(known_at_late_finish == 300);
        REQUIRE(order.size() == 300);
        auto const page = h.processor.results(job, 0, 300);
        for (std::size_t i = 0; i < order.size(); ++i) REQUIRE(page.items[i].index == order[i]);
    }
}

TEST_CASE("a watcher is not told of the finish before on_result has had every item either", "[driver][hooks][watch]") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        INFO("seed " << seed);
        WatchingHost h{{}, fixed_backoff(1s), seed};
        h.takes = [](auto&) -> duration { return 0s; };
        std::size_t results = 0;
        h.processor.on_result([&](auto&&...) { ++results; });
        auto const job = h.processor.start_batch(names(300));
        std::vector<std::size_t> known;
        std::function<void(std::uint64_t)> watch = [&](std::uint64_t seen) {
            h.processor.async_watch(job, seen, [&](auto, JobProgress const& p) {
                if (!p.finished()) return watch(p.version);
                known.push_back(results);
            });
        };
        watch(0);
        h.processor.async_wait(job, [&](auto, auto const&) { known.push_back(results); });
        h.sim.run();
        CHECK(known == std::vector<std::size_t>{300, 300});
    }
}

TEST_CASE("hooks that throw are counted, and nothing else happens", "[driver][hooks]") {
    WatchingHost h{{}, fixed_backoff(1s).on_event([](Event const&) { throw std::runtime_error{"log is full"}; })};
    h.processor.on_result([](auto&&...) { throw 42; });
    auto const job = h.processor.start_batch(names(10));
    h.sim.run();
    CHECK(h.processor.progress(job)->successful == 10);
    CHECK(h.processor.stats().hook_exceptions == 12);  // ten results, the start and the finish
}

TEST_CASE("events tell a log of starts, retries, throttles and finishes", "[driver][hooks]") {
    std::vector<Event> events;
    WatchingHost h{{}, fixed_backoff(1s).on_event([&](Event const& e) { events.push_back(e); })};
    bool first = true;
    h.failing = [&](std::string const& item) { return item == "1" && std::exchange(first, false); };
    auto const job = h.processor.start_batch(names(3));
    h.sim.run();
    REQUIRE(events.size() == 3);
    CHECK(events[0].type == Event::Type::started);
    CHECK(events[1].type == Event::Type::retry);
    CHECK(events[1].item == 1);
    CHECK(events[1].text == "failed for 1");
    CHECK(events[2].type == Event::Type::finished);
    CHECK(events[2].text == "completed");
    for (auto const& e : events) CHECK(e.job == job);
}

TEST_CASE("on_stalled is told once a stall, with a snapshot", "[driver][hooks][stalled]") {
    std::vector<JobProgress> stalls;
    WatchingHost h{{}, fixed_backoff(1s).on_stalled([&](JobProgress const& p) { stalls.push_back(p); })};
    h.takes = [](std::string const& item) { return item == "1" || item == "3" ? duration{5h} : duration{1s}; };
    h.failing = [](std::string const& item) { return item == "0"; };
    auto const job = h.processor.start_batch(names(5), {.concurrency = 1, .max_attempts = 1, .attempt_timeout = 10h, .label = "slow"});
    auto const quick = h.processor.start_batch({"2", "4"});
    h.sim.run();
    REQUIRE(stalls.size() == 2);  // one for item 1, one for item 3
    CHECK(stalls[0].job_id == job);
    CHECK(stalls[0].label == "slow");
    CHECK(stalls[0].stalled);
    CHECK(stalls[0].running == 1);
    CHECK(stalls[0].failed == 1);
    CHECK(stalls[0].errors.empty());
    CHECK(stalls[0].error_count == 1);
    CHECK(adds_up(stalls[0]));
    CHECK(stalls[1].successful == 2);
    CHECK(h.processor.progress(quick)->finished());
}

TEST_CASE("on_stalled may cancel the job, throw, and is not told of paused jobs", "[driver][hooks][stalled]") {
    Simulated<Awaitable>* processor = nullptr;
    int calls = 0;
    WatchingHost h{{}, fixed_backoff(1s).on_stalled([&](JobProgress const& p) {
                       ++calls;
                       CHECK(processor->cancel(p.job_id));
                       throw std::runtime_error{"pager is out"};
                   })};
    processor = &h.processor;
    h.takes = [](auto&) { return duration{5h}; };
    auto const stuck = h.processor.start_batch(names(1), {.attempt_timeout = 10h});
    auto const paused = h.processor.start_batch(names(1), {.attempt_timeout = 10h});
    h.processor.pause(paused);
    auto const begin = h.sim.now();
    h.sim.run();  // returns: a paused job is no work
    CHECK(h.sim.now() - begin < 61min);
    CHECK(calls == 1);
    CHECK(h.processor.stats().hook_exceptions == 1);
    CHECK(h.processor.metrics().hook_exceptions == 1);
    CHECK(h.processor.progress(stuck)->status == JobStatus::cancelled);
    h.sim.run_for(10h);
    CHECK(calls == 1);
}

TEST_CASE("a shutdown waits for on_stalled, and a job that it ends is not told", "[driver][hooks][stalled]") {
    int calls = 0;
    WatchingHost h{{}, fixed_backoff(1s).on_stalled([&](auto&) { ++calls; })};
    h.takes = [](auto&) { return duration{5h}; };
    h.processor.start_batch(names(1), {.attempt_timeout = 10h});
    Answer<ShutdownReport> end;
    h.sim.run_for(59min);
    h.processor.async_shutdown(ShutdownMode::cancel, std::nullopt, end.handler());
    h.sim.run();
    CHECK(end.calls == 1);
    CHECK(calls == 0);
}

TEST_CASE("hooks may call the processor, and destroy it", "[driver][hooks]") {
    Simulation sim{1};
    std::optional<Simulated<Sync>> processor;
    std::vector<JobId> started;
    int results = 0;
    auto hooks = Hooks{}.on_event([&](Event const& e) {
        if (e.type != Event::Type::finished || !processor) return;
        if (started.size() < 5)
            started.push_back(processor->start_batch(names(3)));
        else
            processor.reset();
    });
    processor.emplace(sim, Unlimited{}, Sync{[](std::string const&, Attempt const&) { return 1; }}, ProcessorOptions{}, std::move(hooks));
    processor->on_result([&](JobId const& job, auto&&) {
        ++results;
        CHECK(processor->progress(job));
        CHECK(processor->stats().jobs_started >= 1);
        CHECK(processor->results(job, 0, 10).items.size() <= 3);
    });
    started.push_back(processor->start_batch(names(3)));
    sim.run();
    CHECK(!processor);
    CHECK(started.size() == 5);
    CHECK(results >= 12);
}

TEST_CASE("an on_result that destroys the processor is not called again", "[driver][hooks]") {
    Simulation sim{1};
    std::optional<Simulated<Sync>> processor;
    processor.emplace(sim, Unlimited{}, Sync{[](std::string const&, Attempt const&) { return 1; }});
    int results = 0;
    processor->on_result([&](auto&&...) {
        ++results;
        processor.reset();
    });
    auto const job = processor->start_batch(names(100));
    Answer<JobProgress> wait;
    processor->async_wait(job, wait.handler());
    sim.run();
    CHECK(results == 1);
    CHECK(wait.calls == 1);
    CHECK(wait.code == error::shut_down);
}

TEST_CASE("a waiter is told of the finish also when on_result forgets the job", "[driver][hooks][forget]") {
    WatchingHost h;
    JobId job;
    h.processor.on_result([&](auto&&...) { h.processor.forget(job); });
    job = h.processor.start_batch(names(1));
    Answer<JobProgress> wait;
    h.processor.async_wait(job, wait.handler());
    h.sim.run();
    CHECK(wait.calls == 1);
    CHECK(wait.code == std::error_code{});
    CHECK(wait.value->finished());
}
