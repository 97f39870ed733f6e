// SPDX-License-Identifier: BSL-1.0
//
// Loops and processors that end at any moment, in either order, on real loops: AddressSanitizer is the judge.
#include <batchpace/timer_for.hpp>

#include "support.hpp"

#include <future>
#include <memory>
#include <stdexcept>
#include <thread>

using namespace test;

namespace {

template <class Annotator>
using OnLimitedLoop = BatchProcessor<asio::io_context::executor_type, SlidingWindow, Annotator>;

// A host on a real loop whose parts can be destroyed one by one, with everything that can be going on at once:
// lanes in flight and queued, coroutines suspended, retries waiting, a limiter's timer armed, jobs paused.
template <class Annotator>
struct Busy {
    explicit Busy(Annotator annotate)
        : processor{std::in_place, *loop, SlidingWindow{50, 1h}, std::move(annotate), ProcessorOptions{}, fixed_backoff(1h)} {
        jobs.push_back(processor->start_batch(names(1'000), {.concurrency = 7, .deadline = 1h}));
        jobs.push_back(processor->start_batch(names(10), {.rate_limit_per_minute = 1}));
        jobs.push_back(processor->start_batch(names(10)));
        processor->pause(jobs.back());
        jobs.push_back(processor->start_batch(from_source([](std::size_t) { return names(100); }), {.duplicates = Duplicates::allow}));
    }

    void poll(int times = 100) {
        while (times-- > 0 && loop->poll_one() > 0) {}
    }

    std::optional<asio::io_context> loop{std::in_place};
    std::optional<OnLimitedLoop<Annotator>> processor;
    std::vector<JobId> jobs;
};

Awaitable suspending() {
    return [](std::string const& item, Attempt const&) -> asio::awaitable<int> {
        // Whatever the frame holds must be destroyed with it.
        auto const held = std::make_shared<std::string>(item);
        if (item == "3") throw std::runtime_error{"later"};
        co_await sleep_for(1h, asio::use_awaitable);
        co_return static_cast<int>(held->size());
    };
}

Sync quick() {
    return [](std::string const& item, Attempt const&) {
        if (item == "3") throw std::runtime_error{"later"};
        return 1;
    };
}

// How a future ended. Asio makes them ready on a thread of its own; the limit is for a test that would hang.
template <class T>
net_error_code code_of(std::future<T>& future) {
    if (future.wait_for(30s) != std::future_status::ready) return make_error_code(std::errc::timed_out);
    try {
        future.get();
    } catch (net_system_error const& e) {
        return e.code();
    }
    return {};
}

// One of each who can wait for a processor: by handler on the same loop and on another one, by future, by coroutine.
struct Waiters {
    template <class Processor>
    Waiters(Processor& processor, JobId job, asio::any_io_executor const& loop) : other{std::make_unique<asio::io_context>()} {
        processor.async_wait(job, same.handler());
        processor.async_watch(job, UINT64_MAX, same_watch.handler());
        processor.async_wait(job, asio::bind_executor(other->get_executor(), elsewhere.handler()));
        processor.async_watch(job, UINT64_MAX, asio::bind_executor(other->get_executor(), elsewhere_watch.handler()));
        future = processor.async_wait(job, asio::use_future);
        processor.async_shutdown(ShutdownMode::drain, {}, asio::bind_executor(other->get_executor(), shutdown.handler()));
        // The waits are made here, but initiated when the coroutines run: perhaps after the processor has gone.
        auto body = [](asio::awaitable<JobProgress> wait, std::shared_ptr<int> held) -> asio::awaitable<void> {
            co_await std::move(wait);
            ++*held;
        };
        asio::co_spawn(loop, body(processor.async_wait(job, asio::use_awaitable), frame), asio::detached);
        asio::co_spawn(*other, body(processor.async_wait(job, asio::use_awaitable), frame), asio::detached);
    }

    void told_elsewhere() {
        other->run();
        CHECK(elsewhere.calls == 1);
        CHECK(elsewhere.code == error::shut_down);
        CHECK(elsewhere_watch.code == error::shut_down);
        CHECK(shutdown.code == error::shut_down);
        CHECK(code_of(future) == error::shut_down);
    }

    Answer<JobProgress> same;
    Answer<JobProgress> same_watch;
    Answer<JobProgress> elsewhere;
    Answer<JobProgress> elsewhere_watch;
    Answer<ShutdownReport> shutdown;
    std::future<JobProgress> future;
    std::shared_ptr<int> frame = std::make_shared<int>(0);
    std::unique_ptr<asio::io_context> other;  // the first to go
};

template <class Annotator>
void processor_first(Annotator annotate, int polls) {
    Busy<Annotator> host{std::move(annotate)};
    Waiters waiters{*host.processor, host.jobs[0], host.loop->get_executor()};
    host.poll(polls);
    host.processor.reset();
    CHECK(waiters.same.calls == 0);  // never inside whoever destroys it
    waiters.told_elsewhere();
    host.loop->run_for(10s);  // running attempts are asked to stop: nothing keeps the loop
    CHECK(host.loop->stopped());
    CHECK(waiters.same.calls == 1);
    CHECK(waiters.same.code == error::shut_down);
    CHECK(waiters.same_watch.code == error::shut_down);
    CHECK(waiters.frame.use_count() == 1);
}

template <class Annotator>
void loop_first(Annotator annotate, int polls) {
    Busy<Annotator> host{std::move(annotate)};
    Waiters waiters{*host.processor, host.jobs[0], host.loop->get_executor()};
    host.poll(polls);
    host.loop.reset();
    CHECK(waiters.same.calls == 0);  // it can only have been destroyed
    waiters.told_elsewhere();

    // Everything can still be asked; nothing hangs.
    auto& p = *host.processor;
    for (auto const job : host.jobs) {
        auto const progress = p.progress(job);
        REQUIRE(progress);
        CHECK(adds_up(*progress));
        CHECK(progress->running == 0);
        CHECK(is_final(progress->status));
        p.results(job, 0, 10);
        CHECK(!p.cancel(job));
        CHECK(!p.pause(job));
        CHECK(!p.update(job, {.concurrency = 3}));
        p.forget(job);
    }
    CHECK(p.stats().in_flight == 0);
    p.set_tier("x", Tier::free());
    CHECK(thrown_by([&] { p.start_batch({"a"}); }).code == error::shut_down);
    auto wait = p.async_wait(JobId::make(1, 2, 3), asio::use_future);
    CHECK(code_of(wait) == error::shut_down);
    auto shutdown = p.async_shutdown(ShutdownMode::cancel, {}, asio::use_future);
    CHECK(code_of(shutdown) == net_error_code{});
    host.processor.reset();
    CHECK(waiters.frame.use_count() == 1);
}

}  // namespace

TEST_CASE("the processor is destroyed before its loop, at any moment", "[driver][lifetime]") {
    for (int const polls : {0, 1, 2, 5, 30, 1'000}) {
        INFO(polls << " handlers");
        processor_first(suspending(), polls);
        processor_first(quick(), polls);
    }
}

TEST_CASE("the loop is destroyed before its processor, at any moment", "[driver][lifetime]") {
    for (int const polls : {0, 1, 2, 5, 30, 1'000}) {
        INFO(polls << " handlers");
        loop_first(suspending(), polls);
        loop_first(quick(), polls);
    }
}

TEST_CASE("a live processor that is assigned to ends like one that is destroyed", "[driver][lifetime]") {
    Busy<Awaitable> host{suspending()};
    Answer<JobProgress> old;
    host.processor->async_wait(host.jobs[0], old.handler());
    host.poll(20);
    OnLimitedLoop<Awaitable> next{*host.loop, SlidingWindow{100, 1min}, Awaitable{[](auto&, auto&) -> asio::awaitable<int> { co_return 1; }}};
    auto const job = next.start_batch(names(3));
    *host.processor = std::move(next);
    host.loop->run_for(10s);
    CHECK(host.loop->stopped());
    CHECK(old.calls == 1);
    CHECK(old.code == error::shut_down);
    CHECK(host.processor->progress(job)->successful == 3);
    CHECK(!host.processor->progress(host.jobs[0]));
    auto& self = *host.processor;
    *host.processor = std::move(self);
    CHECK(host.processor->progress(job));
}

TEST_CASE("a processor on a thread pool is destroyed before and after the pool", "[driver][lifetime]") {
    for (bool const pool_first : {false, true}) {
        for (int round = 0; round < 10; ++round) {
            std::optional<asio::thread_pool> pool{std::in_place, 2};
            using OnPool = BatchProcessor<asio::thread_pool::executor_type, Unlimited, Awaitable>;
            std::optional<OnPool> processor{std::in_place, *pool, Unlimited{}, suspending()};
            auto const job = processor->start_batch(names(100), {.concurrency = 10});
            auto future = processor->async_wait(job, asio::use_future);
            if (round % 2 == 0) asio::post(*pool, asio::use_future).get();
            if (pool_first) {
                pool->stop();
                pool.reset();
            }
            processor.reset();
            CHECK(code_of(future) == error::shut_down);
            if (pool) pool->join();
        }
    }
}

TEST_CASE("the processor is destroyed while a start is being checked", "[driver][lifetime]") {
    asio::io_context loop;
    std::optional<OnLimitedLoop<Sync>> processor{std::in_place, loop, SlidingWindow{10, 1min}, quick()};
    Answer<JobId> start;
    processor->async_start_batch(names(100'000), {}, start.handler());
    processor.reset();
    loop.run();
    CHECK(start.calls == 1);
    CHECK(start.code == error::shut_down);
}

TEST_CASE("the loop is destroyed while a start is being checked, and while a source is asked", "[driver][lifetime]") {
    std::optional<asio::io_context> loop{std::in_place};
    OnLimitedLoop<Sync> processor{*loop, SlidingWindow{10, 1min}, quick()};
    Answer<JobId> start;
    processor.async_start_batch(names(100'000), {}, start.handler());
    std::function<asio::awaitable<std::vector<std::string>>(std::size_t)> const pull = [](std::size_t) -> asio::awaitable<std::vector<std::string>> {
        co_await sleep_for(1h, asio::use_awaitable);
        co_return names(3);
    };
    processor.start_batch(from_source(pull));
    loop->poll_one();
    loop->poll_one();
    loop.reset();
    CHECK(start.calls == 0);
}

TEST_CASE("a simulation may be destroyed at any moment, too", "[driver][lifetime]") {
    for (auto const time : {0ms, 1ms, 500ms, 5'000ms}) {
        std::optional<Simulation> sim{std::in_place, 1U};
        Simulated<Awaitable> processor{*sim, Unlimited{}, Awaitable{[](auto& item, auto&) -> asio::awaitable<int> {
                                           co_await sleep_for(1s, asio::use_awaitable);
                                           if (item == "1") throw std::runtime_error{"again"};
                                           co_return 1;
                                       }}};
        auto const job = processor.start_batch(names(20), {.rate_limit_per_minute = 10});
        auto body = [&]() -> asio::awaitable<void> { co_await processor.async_wait(job, asio::use_awaitable); };
        asio::co_spawn(sim->get_executor(), body, asio::detached);
        auto future = processor.async_wait(job, asio::use_future);
        if (time > 0ms) sim->run_for(time);
        sim.reset();
        CHECK(code_of(future) == error::shut_down);
        CHECK(is_final(processor.progress(job)->status));
        CHECK(adds_up(*processor.progress(job)));
    }
}

TEST_CASE("run returns when every job has finished or is paused: no timer keeps the loop", "[driver][lifetime][loop]") {
    asio::io_context loop;
    OnLimitedLoop<Awaitable> processor{loop, SlidingWindow{1'000, 1h}, Awaitable{[](auto&, auto&) -> asio::awaitable<int> {
                                    asio::steady_timer timer{co_await asio::this_coro::executor, 1ms};
                                    co_await timer.async_wait(asio::use_awaitable);
                                    co_return 1;
                                }}};
    auto const job = processor.start_batch(names(20));
    auto const paused = processor.start_batch(names(20));
    processor.pause(paused);
    CHECK(loop.run_for(20s) > 0);
    CHECK(loop.stopped());
    CHECK(processor.progress(job)->successful == 20);
    CHECK(processor.progress(paused)->waiting == 20);
    processor.resume(paused);
    loop.restart();
    loop.run_for(20s);
    CHECK(loop.stopped());
    CHECK(processor.progress(paused)->successful == 20);
    CHECK(loop.poll() == 0);
}

TEST_CASE("what waits for a timer is destroyed with its loop, also where it owns the timer", "[driver][lifetime]") {
    // An object that waits by a timer of its own holds itself: only the loop can end that.
    struct Waiting : std::enable_shared_from_this<Waiting> {
        explicit Waiting(net::any_io_executor ex) : timer{std::move(ex)} {}
        void wait() {
            timer.expires_after(1h);
            timer.async_wait([self = shared_from_this()](net_error_code) { FAIL("its loop was destroyed before"); });
        }
        timer_for<net::any_io_executor> timer;
    };
    auto const left_after = [](auto loop) {
        auto waiting = std::make_shared<Waiting>(loop->get_executor());
        waiting->wait();
        std::weak_ptr const watched{waiting};
        waiting.reset();
        CHECK(!watched.expired());
        loop.reset();
        return watched.use_count();
    };
    CHECK(left_after(std::make_unique<testing::Simulation>(1)) == 0);
    CHECK(left_after(std::make_unique<asio::io_context>()) == 0);
}
