// SPDX-License-Identifier: BSL-1.0
// A thousand items in ten jobs at once, under one limit for all of them, and their total.
//
// Expected output: 10 jobs, 1000 items, at most 8 in flight

#include <batchpace/batchpace.hpp>

#include <asio/io_context.hpp>
#include <algorithm>
#include <iostream>

using namespace std::chrono_literals;

int main() {
    asio::io_context loop;
    int in_flight = 0;
    int most = 0;
    auto const annotate = [&](std::string_view item) -> asio::awaitable<std::size_t> {
        most = std::max(most, ++in_flight);
        co_await batchpace::sleep_for(1ms, asio::use_awaitable);
        --in_flight;
        co_return item.size();
    };
    batchpace::BatchProcessor processor{loop, batchpace::SlidingWindow{2'000, 1min}, annotate, {.max_in_flight = 8}};
    for (int chunk = 0; chunk < 10; ++chunk) {
        std::vector<std::string> items;
        for (int i = 0; i < 100; ++i) items.push_back(std::to_string(chunk * 100 + i));
        processor.start_batch(std::move(items), {.concurrency = 5});
    }
    loop.run();

    std::uint64_t total = 0;
    auto const jobs = processor.jobs();
    for (auto const& job : jobs) total += job.successful;
    std::cout << jobs.size() << " jobs, " << total << " items, at most " << most << " in flight\n";
}
