// SPDX-License-Identifier: BSL-1.0
// A message to the user at 25, 50, 75 and 100 %: async_watch tells of each exactly once, however fast the job is.
//
// Expected output: 25 % 50 % 75 % 100 % completed

#include <batchpace/batchpace.hpp>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/use_awaitable.hpp>
#include <iostream>

asio::awaitable<void> tell(auto& processor, batchpace::JobId job) {
    std::uint64_t seen = 0;
    for (;;) {
        auto const p = co_await processor.async_watch(job, seen, asio::use_awaitable);
        for (auto const& milestone : p.milestones) std::cout << milestone.percentage << " % ";
        if (p.finished()) {
            std::cout << to_string(p.status) << '\n';
            co_return;
        }
        seen = p.version;
    }
}

int main() {
    asio::io_context loop;
    batchpace::BatchProcessor processor{loop, batchpace::Unlimited{}, [](int n) { return n * n; }};
    std::vector<int> items;
    for (int i = 0; i < 1'000; ++i) items.push_back(i);
    auto const job = processor.start_batch(std::move(items));
    asio::co_spawn(loop, tell(processor, job), asio::detached);
    loop.run();
}
