// SPDX-License-Identifier: BSL-1.0
//
// Annotators and loops that do what they should not: each has a defined answer.
#include "support.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

using namespace test;

namespace {

using Context = asio::io_context;
template <class Annotator>
using OnLoop = BatchProcessor<Context::executor_type, Unlimited, Annotator>;

// What an annotator may do to the processor that calls it.
template <class Processor>
struct Mischief {
    std::optional<Processor>& processor;
    std::vector<JobId> started;
    int shutdowns = 0;

    void reenter(Attempt const& attempt) {
        auto const p = processor->progress(attempt.job());
        CHECK(p->running >= 1);
        CHECK(adds_up(*p));
        if (attempt.index() == 0) started.push_back(processor->start_batch({"from inside"}));
        if (attempt.index() == 1) processor->update(attempt.job(), {.concurrency = 2});
        if (attempt.index() == 2) processor->pause(attempt.job());
        if (attempt.index() == 2) processor->resume(attempt.job());
        if (attempt.index() == 3) processor->results(attempt.job(), 0, 10);
        if (attempt.index() == 4) processor->retry_failed(attempt.job(), {}, code);
        if (attempt.index() == 5) processor->async_wait(attempt.job(), [this](auto, auto const&) { ++waits; });
        if (attempt.index() == 6) processor->forget(attempt.job());
        if (attempt.index() == 7) processor->set_tier("", Tier{"t", 3, 0});
        if (attempt.index() == 20) CHECK(processor->cancel(attempt.job()));
        if (attempt.index() == 20) CHECK(attempt.stop_token().stop_requested());
    }
    std::error_code code;
    int waits = 0;
};

}  // namespace

TEST_CASE("an annotator may call the processor from inside its own call", "[driver][hostile][reentry]") {
    auto const check = [](auto annotate, auto& processor, auto& mischief) {
        Context loop;
        processor.emplace(loop, Unlimited{}, annotate);
        auto const job = processor->start_batch(names(100), {.concurrency = 1});
        loop.run();
        auto const p = *processor->progress(job);
        CHECK(p.status == JobStatus::cancelled);
        CHECK(p.finished());
        CHECK(p.successful == 21);  // its answer counts, though it had cancelled the job itself
        CHECK(mischief.code == error::job_active);
        CHECK(mischief.waits == 1);
        REQUIRE(mischief.started.size() == 1);
        CHECK(processor->progress(mischief.started[0])->finished());
        processor.reset();
    };
    SECTION("synchronous") {
        std::optional<OnLoop<Sync>> processor;
        Mischief<OnLoop<Sync>> mischief{processor, {}, 0, {}, 0};
        check(Sync{[&](std::string const& item, Attempt const& attempt) {
                  if (item != "from inside") mischief.reenter(attempt);
                  return 1;
              }},
              processor, mischief);
    }
    SECTION("awaitable") {
        std::optional<OnLoop<Awaitable>> processor;
        Mischief<OnLoop<Awaitable>> mischief{processor, {}, 0, {}, 0};
        check(Awaitable{[&](std::string const& item, Attempt const& attempt) -> asio::awaitable<int> {
                  if (item != "from inside") mischief.reenter(attempt);
                  co_return 1;
              }},
              processor, mischief);
    }
}

TEST_CASE("an annotator may shut the processor down or destroy it from inside its own call", "[driver][hostile][reentry]") {
    for (bool const destroy : {false, true}) {
        for (std::uint64_t const when : {0U, 5U, 40U}) {
            auto const what = (destroy ? "destroys in item " : "shuts down in item ") + std::to_string(when);
            DYNAMIC_SECTION("synchronous, " << what) {
                Context loop;
                std::optional<OnLoop<Sync>> processor;
                int calls = 0;
                Answer<ShutdownReport> shutdown;
                auto const held = std::make_shared<int>(0);
                processor.emplace(loop, Unlimited{}, Sync{[&, held](std::string const& item, Attempt const& attempt) {
                                      ++calls;
                                      if (attempt.index() == when && destroy) processor.reset();
                                      if (attempt.index() == when && !destroy) processor->async_shutdown(ShutdownMode::cancel, {}, shutdown.handler());
                                      if (attempt.index() == when) CHECK(attempt.stop_token().stop_requested());
                                      *held += static_cast<int>(item.size());  // item and annotator are still there
                                      return 1;
                                  }});
                Answer<JobProgress> wait;
                auto const job = processor->start_batch(names(100), {.concurrency = 1});
                processor->async_wait(job, wait.handler());
                loop.run();
                CHECK(calls == static_cast<int>(when) + 1);
                CHECK(wait.calls == 1);
                CHECK(wait.code == (destroy ? make_error_code(error::shut_down) : std::error_code{}));
                if (!destroy) CHECK(shutdown.calls == 1);
                processor.reset();
                CHECK(held.use_count() == 1);
            }
            DYNAMIC_SECTION("awaitable, " << what) {
                Context loop;
                std::optional<OnLoop<Awaitable>> processor;
                int calls = 0;
                Answer<ShutdownReport> shutdown;
                auto const held = std::make_shared<int>(0);
                processor.emplace(loop, Unlimited{}, Awaitable{[&, held](std::string const& item, Attempt const& attempt) -> asio::awaitable<int> {
                                      ++calls;
                                      auto const index = attempt.index();
                                      if (index == when && destroy) processor.reset();
                                      if (index == when && !destroy) processor->async_shutdown(ShutdownMode::cancel, {}, shutdown.handler());
                                      *held += static_cast<int>(item.size());
                                      co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
                                      co_await asio::this_coro::throw_if_cancelled(false);
                                      asio::steady_timer timer{co_await asio::this_coro::executor, 1ms};
                                      co_await timer.async_wait(asio::use_awaitable);
                                      *held += static_cast<int>(item.size());
                                      co_return 1;
                                  }});
                Answer<JobProgress> wait;
                auto const job = processor->start_batch(names(100), {.concurrency = 1});
                processor->async_wait(job, wait.handler());
                loop.run();
                CHECK(calls == static_cast<int>(when) + 1);
                CHECK(wait.calls == 1);
                CHECK(wait.code == (destroy ? make_error_code(error::shut_down) : std::error_code{}));
                if (!destroy) CHECK(shutdown.calls == 1);
                processor.reset();
                CHECK(held.use_count() == 1);
            }
        }
    }
}

TEST_CASE("a handler never runs inside the function that was given it, also on the loop's own thread", "[driver][hostile][reentry]") {
    Context loop;
    OnLoop<Sync> processor{loop, Unlimited{}, Sync{[](auto&, auto&) { return 1; }}};
    auto const done = processor.start_batch(names(1));
    loop.run();
    loop.restart();
    auto const job = processor.start_batch(names(1));
    processor.pause(job);
    int calls = 0;
    bool inside = false;
    auto const note = [&](auto&&...) {
        CHECK(!inside);
        ++calls;
    };
    asio::post(loop, [&] {
        inside = true;
        for (auto const id : {done, job, JobId{}}) {
            if (id != job) processor.async_wait(id, note);
            processor.async_watch(id, 0, note);
            processor.async_pause(id, note);
            processor.async_resume(id, note);
            processor.async_cancel(id, note);
        }
        processor.async_start_batch({}, {}, note);
        processor.async_start_batch({"a"}, {}, note);
        processor.async_recover(note);
        processor.async_wait(job, note);
        processor.async_shutdown(ShutdownMode::drain, {}, note);
        processor.cancel(job);
        inside = false;
    });
    loop.run();
    CHECK(calls == 19);
}

TEST_CASE("an annotator may end on another thread, its lane comes home", "[driver][hostile]") {
    Context loop;
    asio::thread_pool elsewhere{2};
    auto const home = std::this_thread::get_id();
    int astray = 0;
    OnLoop<Awaitable> processor{loop, Unlimited{}, Awaitable{[&](std::string const& item, Attempt const&) -> asio::awaitable<int> {
                                    if (std::this_thread::get_id() != home) ++astray;  // every call is made at home
                                    auto hop = [&](auto handler) {
                                        auto const shared = std::make_shared<decltype(handler)>(std::move(handler));
                                        asio::post(elsewhere, [shared] { std::move (*shared)(); });
                                    };
                                    if (item.back() != '5') co_await asio::async_initiate<asio::use_awaitable_t<> const&, void()>(hop, asio::use_awaitable);
                                    if (item.back() == '7') throw std::runtime_error{"elsewhere"};
                                    co_return 1;
                                }}};
    auto const keep = asio::make_work_guard(loop);
    auto const job = processor.start_batch(names(300), {.max_attempts = 1});
    Answer<JobProgress> wait;
    processor.async_wait(job, [&](auto, JobProgress const& p) {
        wait.value = p;
        loop.stop();
    });
    loop.run();
    REQUIRE(wait.value);
    CHECK(astray == 0);
    CHECK(wait.value->successful == 270);
    CHECK(wait.value->failed == 30);
    elsewhere.join();
}

TEST_CASE("an annotator that answers after the shutdown is dropped, one that never does is no obstacle", "[driver][hostile]") {
    auto const held = std::make_shared<int>(0);
    std::vector<std::function<void()>> answers;
    {
        Simulation sim{1};
        Simulated<Awaitable> processor{sim, Unlimited{}, Awaitable{[&](auto&, auto&) -> asio::awaitable<int> {
                                           auto const in_the_frame = held;
                                           co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
                                           // Its handler is kept by somebody who calls it late, or never.
                                           auto keep = [&](auto handler) {
                                               auto const shared = std::make_shared<decltype(handler)>(std::move(handler));
                                               answers.push_back([shared] { std::move (*shared)(); });
                                           };
                                           co_await asio::async_initiate<asio::use_awaitable_t<> const&, void()>(keep, asio::use_awaitable);
                                           co_return *in_the_frame;
                                       }}};
        auto const job = processor.start_batch(names(2));
        sim.run_for(1s);
        REQUIRE(answers.size() == 2);
        Answer<ShutdownReport> shutdown;
        processor.async_shutdown(ShutdownMode::cancel, {}, shutdown.handler());
        sim.run();
        REQUIRE(shutdown.calls == 1);
        CHECK(shutdown.value->abandoned == 2);
        CHECK(processor.progress(job)->cancelled == 2);
        asio::post(sim.get_executor(), std::exchange(answers[0], nullptr));
        sim.run();
        CHECK(processor.stats().late_answers == 1);
        CHECK(processor.stats().abandoned == 1);
        CHECK(processor.progress(job)->cancelled == 2);
        CHECK(processor.progress(job)->successful == 0);
        answers.clear();
        sim.run();
        CHECK(processor.stats().abandoned == 0);
    }
    CHECK(held.use_count() == 1);
}

TEST_CASE("an annotator that drops its handler is an attempt that has ended, and its item is tried again", "[driver][hostile]") {
    Simulation sim{1};
    int calls = 0;
    Simulated<Awaitable> processor{sim, Unlimited{}, Awaitable{[&](auto&, auto&) -> asio::awaitable<int> {
                                       auto drop = [](auto) {};
                                       if (++calls == 1) co_await asio::async_initiate<asio::use_awaitable_t<> const&, void()>(drop, asio::use_awaitable);
                                       co_return 1;
                                   }}};
    auto const job = processor.start_batch(names(5), {.concurrency = 2});
    sim.run();
    CHECK(processor.progress(job)->successful == 5);
    CHECK(processor.progress(job)->finished());
}

TEST_CASE("the simulation says so when real time sneaks in", "[driver][simulation]") {
    Simulation sim{4711};
    auto const text_of = [&] {
        try {
            sim.run();
        } catch (batchpace::testing::simulation_error const& e) {
            return std::string{e.what()};
        }
        return std::string{};
    };
    SECTION("by a timer of Asio's own in an annotator") {
        Simulated<Awaitable> processor{sim, Unlimited{}, Awaitable{[](auto&, auto&) -> asio::awaitable<int> {
                                           asio::steady_timer timer{co_await asio::this_coro::executor, 1ms};
                                           co_await timer.async_wait(asio::use_awaitable);
                                           co_return 1;
                                       }}};
        processor.start_batch(names(1));
        auto const text = text_of();
        CHECK(contains(text, "timer or socket of Asio's own"));
        CHECK(contains(text, "sleep_for"));
        CHECK(contains(text, "BATCHPACE_SEED=4711"));
    }
    SECTION("by work that another thread posts") {
        Simulated<Sync> processor{sim, Unlimited{}, Sync{[&](auto&, auto&) {
                                      std::thread{[&] { asio::post(sim.get_executor(), [] {}); }}.join();
                                      return 1;
                                  }}};
        processor.start_batch(names(1));
        CHECK(contains(text_of(), "from another thread"));
    }
    SECTION("and what a host checks after every event names the seed too") {
        Simulated<Sync> processor{sim, Unlimited{}, Sync{[](auto&, auto&) { return 1; }}};
        int events = 0;
        sim.after_event([&] {
            if (++events == 3) throw std::runtime_error{"the third event"};
        });
        processor.start_batch(names(100), {.concurrency = 1});
        auto const text = text_of();
        CHECK(contains(text, "the third event"));
        CHECK(contains(text, "4711"));
    }
}
