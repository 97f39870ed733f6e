// SPDX-License-Identifier: BSL-1.0
//
// What is exact on threads too: the cap, no start after cancel or pause, one end an item, order of announcements.
#include "support.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>

using namespace test;

namespace {

// Lets a job run a little, then stops its starts by `stop` and counts those that come afterwards nevertheless. Attempts
// that were in flight when the call returned may still be on their way into the annotator: as many as `running` says.
template <class Annotator, class Stop, class After>
void no_start_after(Stop stop, After after) {
    asio::thread_pool pool{4};
    Complaints complaints;
    std::atomic<std::uint64_t> calls = 0;
    std::atomic<JobId*> stopped = nullptr;
    std::atomic<std::uint64_t> late = 0;
    auto const call = [&](std::string const&, Attempt const& attempt) {
        if (auto const* id = stopped.load(); id != nullptr && *id == attempt.job()) ++late;
        ++calls;
        return 1;
    };
    Pooled<Annotator> processor{pool, Unlimited{}, annotator_of<Annotator>(call)};
    for (int round = 0; round < 60; ++round) {
        calls = late = 0;
        auto id = processor.start_batch(names(3'000), {.concurrency = 1 + round % 8});
        while (calls < static_cast<std::uint64_t>(round * 10)) std::this_thread::yield();
        auto const returned = stop(processor, id);
        auto const in_flight = processor.progress(id)->running;
        stopped = &id;
        auto const p = after(processor, id);
        stopped = nullptr;
        if (returned) CHECK(late <= in_flight);
        CHECK(adds_up(p));
        CHECK(p.finished());
        if constexpr (std::same_as<Annotator, Sync>)
            CHECK(p.successful == calls);
        else
            CHECK(calls - p.successful <= in_flight);  // the others were cancelled after the count
        CHECK(p.successful + p.cancelled == 3'000);
    }
    shut_down(processor, ShutdownMode::cancel);
    pool.join();
}

auto const cancel_job = [](auto& processor, JobId id) { return processor.cancel(id); };
auto const wait = [](auto& processor, JobId id) { return processor.async_wait(id, asio::use_future).get(); };

auto const pause_job = [](auto& processor, JobId id) { return processor.pause(id); };
auto const settle_and_cancel = [](auto& processor, JobId id) {
    // Paused, it comes to rest by itself: the last change is the end of the last attempt.
    auto p = *processor.progress(id);
    while (p.running > 0) p = processor.async_watch(id, p.version, asio::use_future).get();
    processor.cancel(id);
    return processor.async_wait(id, asio::use_future).get();
};

template <class Annotator>
void cap_holds() {
    asio::thread_pool pool{4};
    Complaints complaints;
    std::atomic<int> inside = 0;
    std::atomic<int> most = 0;
    int concurrency = 0;
    auto const call = [&](std::string const& item, Attempt const& attempt) {
        Inside const in{inside};
        complaints.expect(in.now() <= concurrency, "more attempts in flight than the concurrency");
        for (auto seen = most.load(); in.now() > seen && !most.compare_exchange_weak(seen, in.now());) {}
        if (item.back() == '3' && attempt.number() == 1) throw std::runtime_error{"again"};
        return 1;
    };
    Pooled<Annotator> processor{pool, Unlimited{}, annotator_of<Annotator>(call), {}, Hooks{}.retry(RetryPolicy{NoBackoff{}})};
    for (int const c : {1, 2, 3, 10}) {
        concurrency = c;
        auto const job = processor.start_batch(names(5'000), {.concurrency = c});
        std::vector<std::thread> threads;
        for (int t = 0; t < 2; ++t)
            threads.emplace_back([&] {
                std::uint64_t processed = 0;
                for (;;) {
                    auto const p = *processor.progress(job);
                    complaints.expect(adds_up(p), "the counts do not add up");
                    complaints.expect(p.running <= static_cast<std::uint64_t>(c), "more running than the concurrency");
                    complaints.expect(p.processed() >= processed, "processed went back");
                    processed = p.processed();
                    if (p.finished()) break;
                }
            });
        auto const p = wait(processor, job);
        for (auto& t : threads) t.join();
        CHECK(p.successful == 5'000);
    }
    CHECK(complaints.texts().empty());
    CHECK(most >= 1);
    shut_down(processor, ShutdownMode::drain);
    pool.join();
}

}  // namespace

TEST_CASE("no attempt starts after cancel has returned", "[threads][cancel]") {
    no_start_after<Sync>(cancel_job, wait);
    no_start_after<Awaitable>(cancel_job, wait);
}

TEST_CASE("no attempt starts after pause has returned", "[threads][pause]") {
    no_start_after<Sync>(pause_job, settle_and_cancel);
    no_start_after<Awaitable>(pause_job, settle_and_cancel);
}

TEST_CASE("attempts in flight never exceed the concurrency", "[threads][concurrency]") {
    cap_holds<Sync>();
    cap_holds<Awaitable>();
}

TEST_CASE("every item ends once, under one cap that several jobs share", "[threads][once]") {
    asio::thread_pool pool{4};
    std::vector<std::unique_ptr<std::atomic<int>[]>> ends;
    for (int i = 0; i < 4; ++i) ends.push_back(std::make_unique<std::atomic<int>[]>(2'000));
    std::atomic<int> inside = 0;
    Complaints complaints;
    auto const call = [&](std::string const& item, Attempt const&) {
        Inside const in{inside};
        complaints.expect(in.now() <= 3, "more attempts in flight than max_in_flight");
        return std::stoi(item);
    };
    Pooled<Sync> processor{pool, Unlimited{}, annotator_of<Sync>(call), {.max_in_flight = 3}};
    std::vector<JobId> jobs;
    for (int i = 0; i < 4; ++i) jobs.push_back(processor.start_batch(names(2'000), {.concurrency = 4}));
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(wait(processor, jobs[i]).successful == 2'000);
        for (auto const& r : processor.results(jobs[i], 0, 5'000).items) ++ends[i][r.index];
        CHECK(std::all_of(ends[i].get(), ends[i].get() + 2'000, [](auto const& n) { return n == 1; }));
    }
    CHECK(complaints.texts().empty());
    shut_down(processor, ShutdownMode::drain);
    pool.join();
}

TEST_CASE("on threads too, results are announced one at a time and before the finish, milestones once and in order", "[threads][hooks][watch]") {
    asio::thread_pool pool{4};
    Complaints complaints;
    Pooled<Sync> processor{pool, Unlimited{}, annotator_of<Sync>([](std::string const& item, Attempt const&) {
                               if (item.back() == '9') throw std::runtime_error{"nine"};
                               return 1;
                           }),
                           {}, Hooks{}.retry(RetryPolicy{NoBackoff{}})};
    std::atomic<int> inside = 0;
    std::uint64_t results = 0;  // guarded by "one at a time"
    processor.on_result([&](auto&&...) {
        Inside const in{inside};
        complaints.expect(in.now() == 1, "two calls of on_result at once");
        ++results;
    });
    for (int round = 0; round < 30; ++round) {
        auto const before = results;
        auto const job = processor.start_batch(names(500), {.concurrency = 8, .max_attempts = 2});
        std::vector<int> milestones;
        std::uint64_t seen = 0;
        for (;;) {
            auto const p = processor.async_watch(job, seen, asio::use_future).get();
            complaints.expect(adds_up(p), "the counts do not add up");
            for (auto const& m : p.milestones) milestones.push_back(m.percentage);
            seen = p.version;
            if (p.finished()) break;
        }
        CHECK(results - before == 500);
        CHECK(milestones == std::vector<int>{25, 50, 75, 100});
    }
    CHECK(complaints.texts().empty());
    shut_down(processor, ShutdownMode::drain);
    pool.join();
}
