// SPDX-License-Identifier: BSL-1.0
// Two customers share one service: a small job of one starts in the next round, though a large job of the other came
// first, and each customer's tier is the host's to say.
//
// Expected output: the small job was done after 9 calls

#include <batchpace/batchpace.hpp>
#include <batchpace/testing/simulation.hpp>

#include <iostream>
#include <numeric>

using namespace std::chrono_literals;

int main() {
    batchpace::testing::Simulation sim{1};  // virtual time: on a real loop nothing else would change
    sim.set_lag(0s);
    int calls = 0;
    auto const annotate = [&](int) -> asio::awaitable<void> {
        ++calls;
        co_await batchpace::sleep_for(1s, asio::use_awaitable);
    };
    auto hooks = batchpace::Hooks{}.tier_of([](std::string_view tenant) -> std::optional<batchpace::Tier> {
        return tenant == "acme" ? batchpace::Tier::paid() : batchpace::Tier{"trial", 5, 100};
    });
    batchpace::BatchProcessor processor{sim, batchpace::Unlimited{}, annotate, {.max_in_flight = 2}, std::move(hooks)};

    std::vector<int> many(1'000);
    std::iota(many.begin(), many.end(), 0);
    processor.start_batch(std::move(many), {.tenant = "acme"});
    sim.run_for(500ms);
    auto const small = processor.start_batch({1, 2, 3}, {.tenant = "newcomer"});
    sim.run_until([&] { return processor.progress(small)->finished(); });
    std::cout << "the small job was done after " << calls << " calls\n";
}
