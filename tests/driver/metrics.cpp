// SPDX-License-Identifier: BSL-1.0
#include "support.hpp"

#include <memory>
#include <stdexcept>

using namespace test;

TEST_CASE("metrics say what has happened, and what is now", "[driver][metrics]") {
    Simulation sim{1};
    sim.set_lag(0s);
    Simulated<Awaitable> processor{sim, Unlimited{},
                                   Awaitable{[](std::string item, Attempt const&) -> asio::awaitable<int> {
                                       co_await sleep_for(3ms, asio::use_awaitable);
                                       if (item == "7") throw std::runtime_error{"down"};
                                       co_return 1;
                                   }},
                                   ProcessorOptions{}, fixed_backoff(1h)};
    auto const job = processor.start_batch(names(10), {.concurrency = 2, .max_attempts = 2});
    sim.run_for(1ms);
    auto m = processor.metrics();
    CHECK(m.in_flight == 2);
    CHECK(m.queue_depth == 8);
    CHECK(m.waiting_for[WaitingFor::Reason::concurrency] == 8);
    CHECK(m.active_jobs == 1);
    sim.run_for(1min);
    m = processor.metrics();
    CHECK(m.queue_depth == 1);
    CHECK(m.waiting_for[WaitingFor::Reason::backoff] == 1);
    CHECK(m.retries == 1);
    sim.run();
    m = processor.metrics();
    CHECK(m.attempts.successful == 9);
    CHECK(m.attempts.transient == 2);
    CHECK(m.items.successful == 9);
    CHECK(m.items.failed == 1);
    CHECK(m.queue_depth == 0);
    CHECK(m.in_flight == 0);
    CHECK(m.active_jobs == 0);
    CHECK(m.finished_jobs == 1);
    CHECK(m.attempt_duration.count() == 11);
    CHECK(m.attempt_duration.sum().count() == Approx(0.033));
    CHECK(m.attempt_duration.count(5) == 11);  // up to 4 ms
    CHECK(processor.progress(job)->finished());
}

TEST_CASE("a burst of fast items is one sample for each of its items", "[driver][metrics]") {
    Simulation sim{1};
    Simulated<Sync> processor{sim, Unlimited{}, Sync{[](std::string const&, Attempt const&) { return 1; }}};
    processor.start_batch(names(10'000));
    sim.run();
    auto const m = processor.metrics();
    CHECK(m.attempt_duration.count() == 10'000);
    CHECK(m.attempts.successful == 10'000);
}

TEST_CASE("a reader goes on with a processor that is moved, and ends with it", "[driver][metrics]") {
    Simulation sim{1};
    auto processor = std::make_unique<Simulated<Sync>>(sim, Unlimited{}, Sync{[](std::string const&, Attempt const&) { return 1; }});
    auto const read = processor->metrics_reader();
    processor->start_batch(names(3));
    REQUIRE(read());
    CHECK(read()->active_jobs == 1);
    auto moved = std::make_unique<Simulated<Sync>>(std::move(*processor));
    CHECK(processor->metrics().jobs_started == 0);  // it has nothing any more
    CHECK(!processor->metrics_reader()());
    processor.reset();
    sim.run();
    REQUIRE(read());
    CHECK(read()->items.successful == 3);
    moved->start_batch(names(3));  // its lanes keep the state alive for a while
    moved.reset();
    CHECK(!read());
    sim.run();
    CHECK(!read());
}

TEST_CASE("a moved-from processor pauses nothing and says so", "[driver][metrics][pause]") {
    Simulation sim{1};
    Simulated<Sync> from{sim, Unlimited{}, Sync{[](std::string const&, Attempt const&) { return 1; }}};
    auto const to = std::move(from);
    CHECK(thrown_by([&] { from.pause_all(); }).code == error::no_processor);
    CHECK(thrown_by([&] { from.resume_all(); }).code == error::no_processor);
    CHECK(thrown_by([&] { from.pause_tenant("x"); }).code == error::no_processor);
    CHECK(thrown_by([&] { from.resume_tenant("x"); }).code == error::no_processor);
}
