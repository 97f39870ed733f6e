// SPDX-License-Identifier: BSL-1.0
// Many jobs that wait for the same: they cost nothing until it happens.
#include <batchpace/batch_processor.hpp>
#include <batchpace/policy/sliding_window.hpp>
#include <batchpace/testing/simulation.hpp>

#include "catch.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <numeric>
#include <vector>

namespace {

using namespace std::chrono_literals;
using batchpace::Attempt;
using batchpace::BatchProcessor;
using batchpace::Failure;
using batchpace::Outcome;
using batchpace::testing::Simulation;

using Annotator = std::function<Outcome<void>(int, Attempt const&)>;
using Processor = BatchProcessor<Simulation::executor_type, batchpace::SlidingWindow, Annotator>;

constexpr int jobs = 100'000;
constexpr int a_minute = 20'000;

Outcome<void> at_once(int, Attempt const&) { return {}; }

std::vector<int> numbers(int count) {
    std::vector<int> items(static_cast<std::size_t>(count));
    std::iota(items.begin(), items.end(), 0);
    return items;
}

/// A first job of `first` items has closed something for a minute; the others come and wait for it, and then all of
/// them are done within `minutes`.
void wait_and_go(Simulation& sim, Processor& processor, int first, int minutes) {
    sim.set_lag(0s);
    auto const closed_at = sim.now();
    processor.start_batch(numbers(first), {.concurrency = 100, .tenant = "t"});
    sim.run_for(1s);
    CHECK(processor.stats().in_flight == 0);

    for (int i = 0; i < jobs; ++i) processor.start_batch({i}, {.tenant = "t"});
    CHECK(sim.run_for(50s) == 0);  // neither a handler nor a timer
    CHECK(sim.timers() == 1);
    CHECK(processor.stats().active_jobs >= jobs);

    auto const handlers = sim.run();
    CHECK(processor.stats().active_jobs == 0);
    CHECK(processor.stats().successful == static_cast<std::uint64_t>(first + jobs));
    CHECK(sim.now() - closed_at <= std::chrono::minutes{minutes} + 7s);  // what the service asked for, and a tenth on top
    // A lane comes, and comes back; and its job is swept up.
    CHECK(handlers < 4 * jobs);
    CHECK(sim.timers() == 0);
}

constexpr batchpace::ProcessorOptions many{.max_active_jobs = 1'000'000, .executor_is_serial = true};

}  // namespace

TEST_CASE("a hundred thousand jobs wait for the processor's limit without any work", "[waiting]") {
    Simulation sim{1};
    Processor processor{sim, batchpace::SlidingWindow{a_minute, 1min}, Annotator{at_once}, many};
    wait_and_go(sim, processor, a_minute, jobs / a_minute);
}

TEST_CASE("a hundred thousand jobs wait for their tenant's limit without any work", "[waiting]") {
    Simulation sim{1};
    auto hooks = batchpace::Hooks{}.tier_of([](std::string_view) { return batchpace::Tier{"t", 0, a_minute}; });
    Processor processor{sim, batchpace::SlidingWindow{1'000'000, 1min}, Annotator{at_once}, many, std::move(hooks)};
    wait_and_go(sim, processor, a_minute, jobs / a_minute);
}

TEST_CASE("a hundred thousand jobs wait as long as the service has asked, without any work", "[waiting]") {
    Simulation sim{1};
    auto const once = [closed = false](int, Attempt const&) mutable -> Outcome<void> {
        if (!std::exchange(closed, true)) return Failure::throttled("429", 60s);
        return {};
    };
    Processor processor{sim, batchpace::SlidingWindow{1'000'000, 1min}, Annotator{once}, many};
    wait_and_go(sim, processor, 1, 1);
}
