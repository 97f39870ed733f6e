// SPDX-License-Identifier: BSL-1.0
//
// The end on threads: shutdown, destruction and abandonment with work in flight.
#include "support.hpp"

#include <memory>
#include <stdexcept>

using namespace test;

namespace {

template <class Annotator>
void destroyed_with_work_in_flight() {
    // So many that no job is done before its processor is gone.
    auto const many = names(100'000);
    for (int round = 0; round < 16; ++round) {
        asio::thread_pool pool{3};
        std::atomic<int> inside = 0;
        std::atomic<std::uint64_t> calls = 0;
        std::vector<std::future<std::error_code>> waits;
        auto const note = [&] {
            auto const told = std::make_shared<std::promise<std::error_code>>();
            waits.push_back(told->get_future());
            return [told](std::error_code code, auto const&) { told->set_value(code); };
        };
        {
            Pooled<Annotator> processor{pool, Unlimited{}, annotator_of<Annotator>([&](std::string const& item, Attempt const&) {
                                            Inside const in{inside};
                                            ++calls;
                                            if (item.back() == '1') throw std::runtime_error{"one"};
                                            return 1;
                                        })};
            processor.on_result([](auto&&...) {});
            for (int i = 0; i < 3; ++i) {
                auto const job = processor.start_batch(many, {.concurrency = 4, .duplicates = Duplicates::allow});
                processor.async_wait(job, note());
                processor.async_watch(job, UINT64_MAX, note());
            }
            if (round % 4 == 3) processor.async_shutdown(ShutdownMode::drain, {}, note());
            while (calls < static_cast<std::uint64_t>(round * 50)) std::this_thread::yield();
            if (round % 3 == 1) {
                auto moved = std::move(processor);
                CHECK(moved.stats().active_jobs > 0);
            }
        }
        for (auto& w : waits) CHECK(w.get() == error::shut_down);
        pool.join();  // returns: nothing goes on
        CHECK(inside == 0);
        CHECK(calls < 300'000);
    }
}

template <class Annotator>
void shut_down_under_fire(ShutdownMode mode) {
    for (int round = 0; round < 20; ++round) {
        asio::thread_pool pool{3};
        std::atomic<int> inside = 0;
        std::atomic<bool> over = false;
        Complaints complaints;
        Pooled<Annotator> processor{pool, Unlimited{}, annotator_of<Annotator>([&](std::string const&, Attempt const&) {
                                        Inside const in{inside};
                                        complaints.expect(!over, "an attempt after the shutdown");
                                        return 1;
                                    })};
        processor.on_result([&](auto&&...) { complaints.expect(!over, "a hook after the shutdown"); });
        std::atomic<std::uint64_t> started = 0;
        std::vector<std::thread> threads;
        for (int t = 0; t < 2; ++t)
            threads.emplace_back([&] {
                for (;;) {
                    std::error_code code;
                    auto const job = processor.start_batch(names(300), {}, code);
                    if (code) {
                        complaints.expect(code == error::shut_down, "refused for another reason");
                        return;
                    }
                    ++started;
                    processor.async_watch(job, 0, [](auto, auto const&) {});
                    if (started % 7 == 0) processor.cancel(job);
                }
            });
        while (started < static_cast<std::uint64_t>(round)) std::this_thread::yield();
        auto const report = shut_down(processor, mode);
        over = true;
        CHECK(inside == 0);
        for (auto& t : threads) t.join();
        std::uint64_t left = 0;
        for (auto const& p : processor.jobs()) {
            CHECK(p.finished());
            CHECK(adds_up(p));
            if (p.stop_reason == StopReason::shut_down) left += p.cancelled;
        }
        CHECK(report.items_left == left);
        CHECK(report.abandoned == 0);
        CHECK(processor.stats().jobs_started == started);
        CHECK(complaints.texts().empty());
        pool.join();
    }
}

}  // namespace

TEST_CASE("the processor is destroyed with attempts in flight on all threads", "[threads][lifetime]") {
    destroyed_with_work_in_flight<Sync>();
    destroyed_with_work_in_flight<Awaitable>();
}

TEST_CASE("after a shutdown nothing runs, whatever was started meanwhile", "[threads][shutdown]") {
    for (auto const mode : {ShutdownMode::drain, ShutdownMode::cancel, ShutdownMode::park}) {
        shut_down_under_fire<Sync>(mode);
        shut_down_under_fire<Awaitable>(mode);
    }
}

TEST_CASE("a synchronous attempt that does not come back is abandoned, another lane goes on", "[threads][abandoned]") {
    asio::thread_pool pool{2};
    std::promise<void> release;
    auto const released = release.get_future().share();
    std::atomic<bool> asked = false;
    Pooled<Sync> processor{pool, Unlimited{}, annotator_of<Sync>([&](std::string const& item, Attempt const& attempt) {
                               if (item != "0") return 1;
                               std::stop_callback const note{attempt.stop_token(), [&] { asked = true; }};
                               released.wait();
                               return 2;
                           }),
                           {.abandon_grace = 20ms}};
    auto const job = processor.start_batch(names(50), {.concurrency = 1, .max_attempts = 1, .attempt_timeout = 50ms});
    auto const p = processor.async_wait(job, asio::use_future).get();
    CHECK(asked);
    CHECK(p.failed == 1);
    CHECK(p.successful == 49);
    CHECK(p.abandoned == 1);
    CHECK(p.errors.at(0).kind == FailureKind::timed_out);
    CHECK(!processor.forget(job));
    CHECK(shut_down(processor, ShutdownMode::drain).abandoned == 1);
    release.set_value();
    pool.join();
    CHECK(processor.stats().late_answers == 1);
    CHECK(processor.stats().abandoned == 0);
    CHECK(processor.progress(job)->successful == 49);
}

TEST_CASE("items behind a slow one are taken from its lane and go on elsewhere", "[threads][bursts]") {
    // All fail until the slow one: so its lane's first result is written while the watchdog looks for results.
    for (int round = 0; round < 20; ++round) {
        asio::thread_pool pool{3};
        auto const seen = std::make_unique<std::atomic<bool>[]>(2'000);
        std::atomic<bool> slept = false;
        Pooled<Sync> processor{pool, Unlimited{}, annotator_of<Sync>([&](std::string const& item, Attempt const&) {
                                   auto const number = static_cast<std::size_t>(std::stoi(item));
                                   seen[number].store(true, std::memory_order_relaxed);
                                   if (number < 500 || slept.exchange(true, std::memory_order_relaxed)) throw std::runtime_error{"fails"};
                                   // Relaxed, so that nothing but the library orders what the threads do.
                                   while (!seen[number + 1].load(std::memory_order_relaxed)) std::this_thread::yield();
                                   return 1;
                               })};
        auto const job = processor.start_batch(names(2'000), {.concurrency = 2, .max_attempts = 1, .attempt_timeout = 1s});
        auto const p = processor.async_wait(job, asio::use_future).get();
        CHECK(p.successful == 1);
        CHECK(p.failed == 1'999);
        shut_down(processor, ShutdownMode::drain);
        pool.join();
    }
}
