// SPDX-License-Identifier: BSL-1.0
// How a host tests its own annotator: an hour of rate-limited work in a few milliseconds, the same in every run.
//
// Expected output: 59 minutes of virtual time, 600 calls, 30 of them tried again

#include <batchpace/batchpace.hpp>
#include <batchpace/testing/simulation.hpp>

#include <iostream>

using namespace std::chrono_literals;

// The code under test: it waits by batchpace::sleep_for, which belongs to whatever loop it runs on.
asio::awaitable<batchpace::Outcome<std::size_t>> annotate(std::string const& item, batchpace::Attempt const& attempt) {
    co_await batchpace::sleep_for(2s, asio::use_awaitable);
    if (item.ends_with("00") && attempt.number() < 7) co_return batchpace::Failure::transient("busy");
    co_return item.size();
}

int main() {
    batchpace::testing::Simulation sim{1};  // the seed
    batchpace::BatchProcessor processor{sim, batchpace::SlidingWindow{10, 1min}, annotate};

    std::vector<std::string> items;
    for (int i = 1; i <= 570; ++i) items.push_back("item " + std::to_string(i));
    auto const begin = sim.now();
    auto const job = processor.start_batch(std::move(items), {.concurrency = 5, .max_attempts = 7});
    sim.run_until([&] { return processor.progress(job)->finished(); });

    auto const stats = processor.stats();
    std::cout << std::chrono::duration_cast<std::chrono::minutes>(sim.now() - begin).count()
              << " minutes of virtual time, " << stats.successful + stats.attempts_failed << " calls, "
              << stats.attempts_failed << " of them tried again\n";
}
