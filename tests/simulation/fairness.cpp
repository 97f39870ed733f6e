// SPDX-License-Identifier: BSL-1.0
// G7: who shares a limit gets equal shares of its starts, and nobody waits for longer than a round.

#include <batchpace/batchpace.hpp>
#include <batchpace/testing/simulation.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "seeds.hpp"
#include "system.hpp"

using namespace batchpace_tests;
using batchpace::Attempt;
using batchpace::BatchProcessor;
using batchpace::JobOptions;
using batchpace::ProcessorOptions;
using batchpace::SlidingWindow;
using batchpace::Unlimited;
using batchpace::testing::Simulation;

namespace {

constexpr auto repeated = batchpace::Duplicates::allow;

/// A job of three items comes while one of three million runs, of the same tenant.
struct SmallBehindBig {
    std::uint64_t starts_before = 0;   // of the big one, from the coming of the small one to its first start
    std::uint64_t starts_between = 0;  // and until it has finished
    double processed = 0;              // of the big one by then

    template <class Limiter>
    SmallBehindBig(Limiter limiter, ProcessorOptions const& options, duration latency, int concurrency) {
        Simulation sim{17};
        std::uint64_t big = 0, small = 0, when_it_came = 0;
        BatchProcessor processor{sim, std::move(limiter),
                                 [&](int item) -> asio::awaitable<void> {
                                     if (item == 0)
                                         ++big;
                                     else if (++small == 1)
                                         starts_before = big - when_it_came;
                                     if (latency > duration::zero())
                                         co_await batchpace::sleep_for(latency, asio::use_awaitable);
                                 },
                                 options};
        auto const first = processor.start_batch(std::vector<int>(3'000'000), {.concurrency = concurrency, .tenant = "t",
                                                                                .duplicates = repeated});
        sim.run_until([&] { return big >= 1'000; });
        when_it_came = big;
        auto const second = processor.start_batch({1, 2, 3}, {.concurrency = concurrency, .tenant = "t"});
        sim.run_until([&] { return processor.progress(second)->finished(); });
        REQUIRE(processor.progress(second)->successful == 3);
        starts_between = big - when_it_came;
        processed = static_cast<double>(processor.progress(first)->processed()) / 3e6;
        processor.cancel(first);
        sim.run();
    }
};

/// Starts of each tenant, where one of them has `jobs` jobs and the others one, at a cap or limit that they share.
template <class Limiter>
std::vector<double> shares_of_tenants(std::uint64_t seed, Limiter limiter, ProcessorOptions const& options, Latency latency,
                                      int tenants, int jobs, int concurrency, std::uint64_t most) {
    Simulation sim{seed};
    batchpace::Random random{seed};
    std::vector<double> starts(static_cast<std::size_t>(tenants));
    std::uint64_t all = 0;
    BatchProcessor processor{sim, std::move(limiter),
                             [&](int tenant) -> asio::awaitable<void> {
                                 ++all;
                                 ++starts[static_cast<std::size_t>(tenant)];
                                 auto const wait = latency.draw(random);
                                 co_await batchpace::sleep_for(wait, asio::use_awaitable);
                             },
                             options};
    std::vector<JobId> ids;
    for (int tenant = 0; tenant < tenants; ++tenant) {
        auto const name = "tenant " + std::to_string(tenant);
        for (int i = 0; i < (tenant == 0 ? jobs : 1); ++i)
            ids.push_back(processor.start_batch(std::vector<int>(most, tenant),
                                                {.concurrency = concurrency, .tenant = name, .duplicates = repeated}));
    }
    sim.run_until([&] { return all >= most / 4; });
    std::fill(starts.begin(), starts.end(), 0);
    sim.run_until([&] { return all >= most; });
    for (auto const& id : ids) processor.cancel(id);
    sim.run();
    return starts;
}

}  // namespace

TEST_CASE("three items behind three million start within one round at a cap", "[fairness]") {
    SmallBehindBig const run{Unlimited{}, {.max_in_flight = 8}, 10ms, 8};
    CHECK(run.starts_before <= 2);
    CHECK(run.starts_between <= 3 + 8 + 8);
    CHECK(run.processed < 0.001);
}

TEST_CASE("three items behind three million start within one round at a rate limit", "[fairness]") {
    // The window has let its 100 through, so both wait for it to open; then it is in turns.
    SmallBehindBig const run{SlidingWindow{100, 1s}, {}, 10ms, 100};
    CHECK(run.starts_before <= 2);
    CHECK(run.starts_between <= 100 + 3);
    CHECK(run.processed < 0.001);
}

TEST_CASE("three items behind three million start at once where only their own concurrency limits them",
          "[fairness]") {
    SmallBehindBig const slow{Unlimited{}, {}, 10ms, 5};
    CHECK(slow.starts_before <= 5);
    CHECK(slow.starts_between <= 10);
    CHECK(slow.processed < 0.001);
    // Items that take no time go in bursts; whose turn it is on the loop is drawn.
    constexpr std::uint64_t round = 5 * batchpace::engine::Burst::largest;
    SmallBehindBig const quick{Unlimited{}, {}, 0ms, 5};
    CHECK(quick.starts_before <= round);
    CHECK(quick.starts_between <= 2 * round);
    CHECK(quick.processed < 0.01);
}

TEST_CASE("a job is not passed over by a stream of those that come after it", "[fairness]") {
    // Small jobs come as fast as starts are let through, so that at all times one of them is new.
    Simulation sim{3};
    int small = 0, big = 0;
    BatchProcessor processor{sim, batchpace::TokenBucket{10, 1s}, [&](int item) { ++(item == 0 ? big : small); }};
    processor.start_batch(std::vector<int>(2'000), {.duplicates = repeated});
    for (int i = 0; i < 1'000; ++i) {
        processor.start_batch({1}, {});
        sim.run_for(100ms);
    }
    // With n of them waiting it has each (n + 1)th start, so n grows like the root of 20 a second.
    CHECK(big >= 40);
    CHECK(big + small >= 999);
}

TEST_CASE("equal tenants get equal shares, however many jobs each has", "[fairness]") {
    for_each_seed(
        [](std::uint64_t seed) {
            Latency const heavy{Latency::Shape::pareto, 100ms}, even{Latency::Shape::constant, 10ms};
            auto const tenants = 2 + static_cast<int>(seed % 9);
            for (auto const& latency : {heavy, even}) {
                auto const at_cap = shares_of_tenants(seed, Unlimited{}, {.max_in_flight = 10}, latency, tenants, 100, 10, 2'000);
                REQUIRE(jain(at_cap) >= 0.99);
                auto const at_rate =
                    shares_of_tenants(seed, SlidingWindow{50, 1s}, {}, latency, tenants, 100, 50, 2'000);
                REQUIRE(jain(at_rate) >= 0.99);
            }
        },
        100);
}
