// SPDX-License-Identifier: BSL-1.0
// G8: every byte that is allocated is counted, and more items do not mean more of them.
// Not under sanitizers, which bring an allocator of their own.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

#include <batchpace/batchpace.hpp>
#include <batchpace/testing/simulation.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <malloc.h>

#include "catch.hpp"

namespace {
std::atomic<std::int64_t> live_bytes = 0;
std::atomic<std::int64_t> most_live_bytes = 0;

void* counted(void* p) {
    if (p == nullptr) throw std::bad_alloc{};
    auto const now = live_bytes += static_cast<std::int64_t>(malloc_usable_size(p));
    if (now > most_live_bytes) most_live_bytes = now;
    return p;
}
void release(void* p) noexcept {
    if (p != nullptr) live_bytes -= static_cast<std::int64_t>(malloc_usable_size(p));
    std::free(p);
}
}  // namespace

void* operator new(std::size_t size) { return counted(std::malloc(size)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
    auto const a = static_cast<std::size_t>(alignment);
    return counted(std::aligned_alloc(a, (size + a - 1) / a * a));
}
void operator delete(void* p) noexcept { release(p); }
void operator delete(void* p, std::size_t) noexcept { release(p); }
void operator delete(void* p, std::align_val_t) noexcept { release(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { release(p); }

namespace {

using namespace std::chrono_literals;
using batchpace::testing::Simulation;
using batchpace::Attempt;
using batchpace::BatchProcessor;
using batchpace::JobId;
using batchpace::JobOptions;
using batchpace::Outcome;
using batchpace::Unlimited;

/// What `f()` needs at most beyond what there is before it.
template <class F>
std::int64_t most_bytes_of(F f) {
    auto const before = live_bytes.load();
    most_live_bytes = before;
    f();
    return most_live_bytes - before;
}

/// How many bytes each further item costs: the difference between a large job and a tenth of it.
template <class F>
double bytes_an_item(F needed_by_job_of) {
    constexpr std::int64_t many = 200'000;
    needed_by_job_of(many / 10);  // whatever is allocated once
    auto const few_bytes = needed_by_job_of(many / 10);
    auto const many_bytes = needed_by_job_of(many);
    return static_cast<double>(many_bytes - few_bytes) / static_cast<double>(many - many / 10);
}

std::vector<int> numbers(std::int64_t count) {
    std::vector<int> items(static_cast<std::size_t>(count));
    std::iota(items.begin(), items.end(), 0);
    return items;
}

auto source_of(std::int64_t count) {
    return batchpace::from_source([given = std::int64_t{0}, count](std::size_t most) mutable {
        std::vector<std::string> items;
        for (; items.size() < most && given < count; ++given)
            items.push_back("an item with a name too long for a string's own buffer " + std::to_string(given));
        return items;
    });
}

/// The bytes that a job of `items` needs while it runs, beyond the items themselves.
template <class Annotator, class Items>
std::int64_t bytes_while_running(Annotator annotate, Items items, JobOptions options) {
    Simulation sim{1};
    sim.set_lag(0s);
    BatchProcessor processor{sim, Unlimited{}, std::move(annotate)};
    return most_bytes_of([&] {
        auto const job = processor.start_batch(std::move(items), options);
        sim.run();
        if (!processor.progress(job)->finished()) throw std::runtime_error{"not finished"};
    });
}

}  // namespace

TEST_CASE("an item of a vector costs 2 bytes at most, however it ends", "[memory]") {
    JobOptions const options{.max_attempts = 1, .duplicates = batchpace::Duplicates::allow};
    CHECK(bytes_an_item([&](std::int64_t count) {
              return bytes_while_running([](int) {}, numbers(count), options);
          }) <= 2);
    CHECK(bytes_an_item([&](std::int64_t count) {
              auto const fails = [](int) -> Outcome<void> { return batchpace::Failure::permanent("no"); };
              return bytes_while_running(fails, numbers(count), options);
          }) <= 2);
    // Those that are tried again at once wait in the due queue, which is capped.
    CHECK(bytes_an_item([&](std::int64_t count) {
              auto const flaky = [](int, Attempt const& a) -> Outcome<void> {
                  if (a.number() == 1) return batchpace::Failure::transient("once");
                  return {};
              };
              return bytes_while_running(flaky, numbers(count), {.max_attempts = 2, .duplicates = batchpace::Duplicates::allow});
          }) <= 2);
}

TEST_CASE("an item of a source costs 2 bytes at most, beyond the chunks that are open", "[memory]") {
    CHECK(bytes_an_item([](std::int64_t count) {
              return bytes_while_running([](std::string const&) {}, source_of(count), {});
          }) <= 2);
}

TEST_CASE("kept results cost no more than those that are kept", "[memory]") {
    JobOptions const few{.duplicates = batchpace::Duplicates::allow, .keep_results = 100};
    auto const annotate = [](std::string const& item) { return "the annotation of " + item; };
    CHECK(bytes_an_item([&](std::int64_t count) { return bytes_while_running(annotate, source_of(count), few); }) <= 2);
    auto const twice = [](int item) { return item * 2; };
    CHECK(bytes_an_item([&](std::int64_t count) { return bytes_while_running(twice, numbers(count), few); }) <= 2);
}

TEST_CASE("a job that waits takes a kilobyte at most, beside its items", "[memory]") {
    auto const bytes_a_job = [](auto limiter, JobOptions const& options) {
        constexpr int jobs = 2'000;
        Simulation sim{1};
        BatchProcessor processor{sim, limiter, [](std::string const& item) { return item + item; },
                                 {.max_active_jobs = 1'000'000}};
        std::string const item = "a";
        processor.pause(processor.start_batch({item}, options));
        sim.run();
        auto const before = live_bytes.load();
        for (int i = 0; i < jobs; ++i) {
            processor.pause(processor.start_batch({item}, options));
            sim.run();  // the lane on its way leaves
        }
        return (live_bytes - before) / jobs - static_cast<std::int64_t>(sizeof item);
    };
    CHECK(bytes_a_job(Unlimited{}, {}) <= 1'024);
    CHECK(bytes_a_job(Unlimited{}, {.rate_limit_per_minute = 100}) <= 1'024);
    CHECK(bytes_a_job(batchpace::SlidingWindow{10, 1min}, {.deadline = 1h, .tenant = "t", .label = "a short label"}) <= 1'100);
}

TEST_CASE("a hundred thousand jobs on one closed limit take a kilobyte each", "[memory][waiting]") {
    constexpr int jobs = 100'000;
    Simulation sim{1};
    BatchProcessor processor{sim, batchpace::SlidingWindow{1, 1h}, [](int) {}, {.max_active_jobs = 1'000'000}};
    processor.start_batch({1});
    sim.run();
    auto const before = live_bytes.load();
    for (int i = 0; i < jobs; ++i) processor.start_batch({i});
    CHECK((live_bytes - before) / jobs - 24 <= 1'024);  // less the host's items
    CHECK(sim.run_for(30min) == 0);
}

TEST_CASE("ten thousand cancelled, failed and finished jobs leave only what retention allows", "[memory]") {
    Simulation sim{1};
    sim.set_lag(0s);
    BatchProcessor processor{sim, Unlimited{}, [](int item) { return item % 3 == 0 ? throw std::runtime_error{"third"} : item; },
                             {.retain_finished = 10, .retain_for = 1min}};
    auto const round = [&] {
        for (int i = 0; i < 1'000; ++i) {
            auto const job = processor.start_batch(numbers(20), {.max_attempts = 1});
            if (i % 7 == 0) processor.cancel(job);
            sim.run();
            sim.run_for(1s);
        }
        return live_bytes.load();
    };
    round();  // jobs younger than ten minutes are kept in any case: 600 of them
    auto const before = round();
    for (int i = 0; i < 8; ++i) round();
    CHECK(round() - before < 10'000);
}

TEST_CASE("a processor that is gone leaves nothing", "[memory]") {
    auto const run = [] {
        Simulation sim{1};
        BatchProcessor processor{sim, Unlimited{}, [](std::string const& item) { return item + item; }};
        auto const job = processor.start_batch(source_of(3'000), {.keep_results = 50});
        sim.run_until([&] { return processor.progress(job)->processed() > 1'000; });
    };
    run();
    auto const before = live_bytes.load();
    run();
    CHECK(live_bytes == before);
}

#endif
