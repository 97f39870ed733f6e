// SPDX-License-Identifier: BSL-1.0
// How long would it take? Asked before a start, for two tiers; and how long is left, asked while it runs.
//
// Expected output: free: 99 min, paid: 1 min

#include <batchpace/batchpace.hpp>

#include <asio/io_context.hpp>
#include <iostream>

using namespace std::chrono_literals;

int main() {
    asio::io_context loop;
    batchpace::BatchProcessor processor{loop, batchpace::SlidingWindow{500, 1min}, [](int n) { return n; }};

    auto const minutes = [](batchpace::Estimate const& e) {
        return std::chrono::duration_cast<std::chrono::minutes>(*e.time + 59s).count();
    };
    std::cout << "free: " << minutes(processor.estimate(1'000, batchpace::Tier::free()))
              << " min, paid: " << minutes(processor.estimate(1'000, batchpace::Tier::paid())) << " min\n";

    std::vector<int> items;
    for (int i = 0; i < 1'000; ++i) items.push_back(i);
    auto const job = processor.start_batch(std::move(items));
    loop.run_for(200ms);  // the first 500 calls are made at once, the others must wait
    auto const p = *processor.progress(job);
    std::cout << p.processed() << " of " << p.total << " done, "
              << std::chrono::duration_cast<std::chrono::seconds>(*p.estimated_time_remaining).count() << " s left: "
              << to_string(p.waiting_for->reason) << '\n';
}
