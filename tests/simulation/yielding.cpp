// SPDX-License-Identifier: BSL-1.0
// G12: the loop stays alive. Between two yields of a lane no more passes than one item or 1 ms, whichever is longer.

#include <batchpace/batchpace.hpp>
#include <batchpace/testing/simulation.hpp>

#include "seeds.hpp"

using namespace std::chrono_literals;
using batchpace::duration;

TEST_CASE("a lane yields after one item or 1 ms, whichever is longer", "[seeds]") {
    batchpace_tests::for_each_seed(
        [](std::uint64_t seed) {
            batchpace::testing::Simulation sim{seed};
            sim.set_lag(duration::zero());
            // From far below a microsecond to far above a millisecond.
            auto const cost = duration{static_cast<duration::rep>(1ULL << sim.random().below(std::uint64_t{24}))};
            batchpace::BatchProcessor processor{sim, batchpace::Unlimited{}, [&](int const&) { sim.spend(cost); }};
            processor.start_batch(std::vector<int>(500), {.duplicates = batchpace::Duplicates::allow});
            auto before = sim.now();
            sim.after_event([&] {
                auto const passed = sim.now() - before;
                before = sim.now();
                if (passed > std::max<duration>(cost, 1ms))
                    throw std::runtime_error{"a lane kept the loop for " + std::to_string(passed.count()) + " ns"};
            });
            sim.run();
            REQUIRE(processor.stats().successful == 500);
        },
        20);
}

TEST_CASE("where the cost of items jumps a lane keeps the loop for 128 items at the most, once", "[simulation]") {
    batchpace::testing::Simulation sim{1};
    sim.set_lag(duration::zero());
    auto const burst = batchpace::engine::Burst::looks_after * duration{1ms};
    int calls = 0;
    batchpace::BatchProcessor processor{sim, batchpace::Unlimited{},
                                        [&](int const&) { sim.spend(++calls < 20'000 ? duration{100ns} : duration{1ms}); }};
    processor.start_batch(std::vector<int>(21'000), {.concurrency = 1, .duplicates = batchpace::Duplicates::allow});
    auto before = sim.now();
    int long_ones = 0;
    sim.after_event([&] {
        auto const passed = sim.now() - before;
        before = sim.now();
        if (passed > burst / 2) ++long_ones;  // from then on the lane looks sooner: its bursts halve
        if (passed > burst + batchpace::engine::Burst::long_burst) throw std::runtime_error{"longer than 128 items"};
    });
    sim.run();
    REQUIRE(long_ones <= 1);
}
