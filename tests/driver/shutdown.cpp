// SPDX-License-Identifier: BSL-1.0
//
// The orderly end, and what hosts plug in that misbehaves.
#include "support.hpp"

#include <algorithm>
#include <stdexcept>

using namespace test;

namespace {

struct ClosingHost {
    explicit ClosingHost(ProcessorOptions options = {}, Hooks hooks = fixed_backoff(1s))
        : processor{sim, Unlimited{}, Awaitable{[this](std::string const& item, Attempt const&) -> asio::awaitable<int> {
                        CHECK(!over);  // nothing runs after the shutdown
                        ++started;
                        if (deaf) co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
                        co_await sleep_for(1s, asio::use_awaitable);
                        CHECK((!over || deaf));
                        if (failing(item)) throw std::runtime_error{"failed"};
                        co_return 1;
                    }},
                    options, std::move(hooks)} {
        sim.set_lag(0s);
    }

    // Runs until the shutdown completes; says what was reported.
    ShutdownReport shut_down(ShutdownMode mode, std::optional<duration> deadline = {}) {
        Answer<ShutdownReport> answer;
        auto note = answer.handler();
        processor.async_shutdown(mode, deadline, [&](std::error_code error, ShutdownReport const& r) {
            over = true;
            ended_at = sim.now();
            note(error, r);
        });
        CHECK(answer.calls == 0);
        sim.run();
        REQUIRE(answer.calls == 1);
        CHECK(!*answer.code);
        return *answer.value;
    }

    Simulation sim{1};
    bool deaf = false;
    bool over = false;
    int started = 0;
    time_point ended_at{};
    std::function<bool(std::string const&)> failing = [](auto&) { return false; };
    Simulated<Awaitable> processor;
};

}  // namespace

TEST_CASE("drain finishes the active jobs and accepts no other", "[driver][shutdown]") {
    ClosingHost h;
    bool first = true;
    h.failing = [&](auto&) { return std::exchange(first, false); };
    auto const job = h.processor.start_batch(names(20));
    h.sim.run_for(500ms);
    Answer<JobId> late;
    auto const report = [&] {
        Answer<ShutdownReport> another;
        h.processor.async_shutdown(ShutdownMode::drain, {}, another.handler());  // everybody who asks is told
        CHECK(thrown_by([&] { h.processor.start_batch({"a"}); }).code == error::shut_down);
        h.processor.async_start_batch({"a"}, {}, late.handler());
        auto const r = h.shut_down(ShutdownMode::drain);
        CHECK(another.calls == 1);
        return r;
    }();
    CHECK(late.code == error::shut_down);
    CHECK(h.processor.progress(job)->status == JobStatus::completed);
    CHECK(h.processor.progress(job)->successful == 20);
    CHECK(report.jobs_finished == 1);
    CHECK(report.jobs_cancelled == 0);
    CHECK(report.items_left == 0);
    CHECK(!report.deadline_passed);
    CHECK(h.started == 21);
}

TEST_CASE("drain past its deadline cancels what is left", "[driver][shutdown]") {
    ClosingHost h;
    auto const job = h.processor.start_batch(names(100));
    auto const begin = h.sim.now();
    auto const report = h.shut_down(ShutdownMode::drain, 3500ms);
    CHECK(h.ended_at - begin == 3500ms);
    CHECK(report.deadline_passed);
    CHECK(report.jobs_cancelled == 1);
    CHECK(report.jobs_finished == 0);
    CHECK(report.items_left == 85);
    auto const p = *h.processor.progress(job);
    CHECK(p.status == JobStatus::cancelled);
    CHECK(p.stop_reason == StopReason::shut_down);
    CHECK(p.successful == 15);
}

TEST_CASE("drain with a deadline that is not needed, or that has passed already", "[driver][shutdown]") {
    ClosingHost in_time;
    in_time.processor.start_batch(names(5));
    CHECK(!in_time.shut_down(ShutdownMode::drain, 1h).deadline_passed);
    CHECK(in_time.sim.now() < time_point{} + 1h + 2s);  // no timer is left

    ClosingHost at_once;
    at_once.processor.start_batch(names(5));
    CHECK(at_once.shut_down(ShutdownMode::drain, 0s).jobs_cancelled == 1);
}

TEST_CASE("cancel and park cut the active jobs off and wait for running attempts", "[driver][shutdown]") {
    for (auto const mode : {ShutdownMode::cancel, ShutdownMode::park}) {
        for (bool const deaf : {false, true}) {
            ClosingHost h;
            h.deaf = deaf;
            auto const done = h.processor.start_batch(names(5));
            h.sim.run();
            auto const job = h.processor.start_batch(names(20));
            Answer<JobProgress> wait;
            h.processor.async_wait(job, wait.handler());
            h.sim.run_for(500ms);
            auto const begin = h.sim.now();
            auto const report = h.shut_down(mode);
            CHECK(h.ended_at - begin == (deaf ? 500ms : 0ms));
            CHECK(report.jobs_cancelled == 1);
            CHECK(report.jobs_finished == 0);
            CHECK(report.items_left == (deaf ? 15 : 20));
            CHECK(wait.calls == 1);
            CHECK(wait.value->status == JobStatus::cancelled);
            CHECK(h.processor.progress(done)->status == JobStatus::completed);
            CHECK(h.processor.progress(job)->finished());
        }
    }
}

TEST_CASE("a shutdown does not wait for abandoned calls, and reports them", "[driver][shutdown][abandoned]") {
    Simulation sim{1};
    Simulated<Awaitable> processor{sim, Unlimited{}, Awaitable{[](auto&, auto&) -> asio::awaitable<int> {
                                       co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
                                       co_await sleep_for(1h, asio::use_awaitable);
                                       co_return 1;
                                   }}};
    auto const job = processor.start_batch(names(2));
    sim.run_for(1s);
    Answer<ShutdownReport> answer;
    processor.async_shutdown(ShutdownMode::cancel, {}, answer.handler());
    sim.run_for(10s);
    REQUIRE(answer.calls == 1);
    CHECK(answer.value->abandoned == 2);
    CHECK(processor.progress(job)->finished());
    sim.run();
    CHECK(processor.stats().late_answers == 2);
}

TEST_CASE("a shutdown of an idle processor completes, also a second time and after a stricter one", "[driver][shutdown]") {
    ClosingHost h;
    auto const report = h.shut_down(ShutdownMode::drain);
    CHECK(report.jobs_finished + report.jobs_cancelled + report.items_left + report.abandoned == 0);
    h.shut_down(ShutdownMode::cancel);

    ClosingHost impatient;
    auto const job = impatient.processor.start_batch(names(100));
    Answer<ShutdownReport> drain;
    impatient.processor.async_shutdown(ShutdownMode::drain, {}, drain.handler());
    impatient.sim.run_for(1500ms);
    CHECK(drain.calls == 0);
    CHECK(impatient.shut_down(ShutdownMode::cancel).jobs_cancelled == 1);
    CHECK(drain.calls == 1);
    CHECK(drain.value->jobs_cancelled == 1);
    CHECK(impatient.processor.progress(job)->finished());
}

TEST_CASE("a shutdown reports the items that it left itself, not those of earlier cancels", "[driver][shutdown]") {
    ClosingHost h;
    auto const earlier = h.processor.start_batch(names(10));
    h.processor.cancel(earlier);
    h.sim.run();
    h.processor.start_batch(names(3));
    auto const report = h.shut_down(ShutdownMode::cancel);
    CHECK(report.jobs_cancelled == 1);
    CHECK(report.items_left == 3);
}

TEST_CASE("after a shutdown hooks have been told everything", "[driver][shutdown][hooks]") {
    int results = 0;
    std::vector<Event::Type> events;
    bool over = false;
    Simulation sim{1};
    Simulated<Sync> processor{sim, Unlimited{}, Sync{[](auto&, auto&) { return 1; }}, {}, Hooks{}.on_event([&](Event const& e) {
                                  CHECK(!over);
                                  events.push_back(e.type);
                              })};
    processor.on_result([&](auto&&...) {
        CHECK(!over);
        ++results;
    });
    processor.start_batch(names(500));
    int results_then = -1;
    processor.async_shutdown(ShutdownMode::drain, {}, [&](auto, auto) {
        over = true;
        results_then = results;
    });
    sim.run();
    CHECK(results_then == 500);
    CHECK(events == std::vector<Event::Type>{Event::Type::started, Event::Type::finished});
}

TEST_CASE("after a shutdown no item source is asked", "[driver][shutdown][source]") {
    for (auto const mode : {ShutdownMode::cancel, ShutdownMode::park}) {
        Simulation sim{1};
        int asked = 0;
        Simulated<Sync> processor{sim, Unlimited{}, Sync{[](auto&, auto&) { return 1; }}};
        auto const pull = [&](std::size_t) {
            ++asked;
            return std::vector<std::string>{};
        };
        processor.start_batch(from_source(pull));
        sim.run();
        CHECK(asked == 1);
        processor.start_batch(from_source(pull));  // about to be asked
        processor.async_shutdown(mode, 5s, [](auto, auto) {});
        sim.run();
        CHECK(asked == 1);
    }
}

TEST_CASE("a retry policy that throws is counted, and the item has failed", "[driver][hooks][exceptions]") {
    struct Thrower {
        std::optional<duration> next(Failure const&, int, Random&) { throw std::runtime_error{"no idea"}; }
    };
    ClosingHost h{{}, Hooks{}.retry(Thrower{})};
    h.failing = [](std::string const& item) { return item == "1"; };
    auto const job = h.processor.start_batch(names(3));
    CHECK_NOTHROW(h.sim.run());
    auto const p = *h.processor.progress(job);
    CHECK(p.finished());
    CHECK(adds_up(p));
    CHECK(p.successful == 2);
    CHECK(p.failed == 1);
    CHECK(h.processor.stats().hook_exceptions == 1);
}

TEST_CASE("a tier_of that throws is an answer to whoever starts, not the end of the loop", "[driver][hooks][exceptions]") {
    ClosingHost h{{}, Hooks{}.tier_of([](std::string_view) -> std::optional<Tier> { throw std::runtime_error{"no directory"}; })};
    CHECK_THROWS_AS(h.processor.start_batch({"a"}), std::runtime_error);
    Answer<JobId> answer;
    h.processor.async_start_batch({"a"}, {}, answer.handler());
    CHECK_NOTHROW(h.sim.run());
    CHECK(answer.calls == 1);
    CHECK(h.processor.stats().jobs_started == 0);
}

TEST_CASE("an id generator that repeats itself breaks nothing", "[driver][hooks]") {
    ClosingHost h{{}, Hooks{}.id_generator([] { return JobId::make(1, 2, 3); })};
    auto const first = h.processor.start_batch(names(3));
    try {
        h.processor.start_batch(names(5));
    } catch (std::exception const&) {
    }
    h.sim.run();
    CHECK(h.processor.progress(first)->finished());
    for (auto const& p : h.processor.jobs()) CHECK(adds_up(p));
}

TEST_CASE("no more than retain_bytes are kept of finished jobs", "[driver][retention]") {
    ClosingHost h{{.retain_bytes = 100'000}};
    for (int i = 0; i < 100; ++i) {
        h.processor.start_batch({std::string(1'000'000, 'x')});
        h.sim.run_for(1min);
    }
    CHECK(h.processor.stats().finished_jobs < 30);
}
