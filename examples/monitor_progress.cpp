// SPDX-License-Identifier: BSL-1.0
// How far is my job? A timer on the host's loop asks every 50 ms and prints one line.
//
// Expected output: 100 %: 60 done, 0 running, 0 waiting

#include <batchpace/batchpace.hpp>

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <iostream>

using namespace std::chrono_literals;

int main() {
    asio::io_context loop;
    auto const annotate = [](std::string_view item) -> asio::awaitable<std::size_t> {
        co_await batchpace::sleep_for(20ms, asio::use_awaitable);  // a slow service
        co_return item.size();
    };
    batchpace::BatchProcessor processor{loop, batchpace::Unlimited{}, annotate};

    std::vector<std::string> items;
    for (int i = 0; i < 60; ++i) items.push_back("page-" + std::to_string(i));
    auto const job = processor.start_batch(std::move(items), {.concurrency = 4});

    asio::steady_timer timer{loop};
    std::function<void()> const look = [&] {
        auto const p = *processor.progress(job);
        std::cout << *p.percentage << " %: " << p.processed() << " done, " << p.running << " running, " << p.waiting
                  << " waiting";
        if (auto const left = p.estimated_time_remaining) {
            std::cout << ", about " << std::chrono::duration_cast<std::chrono::milliseconds>(*left).count() << " ms left";
        }
        std::cout << '\n';
        if (p.finished()) return;
        timer.expires_after(50ms);
        timer.async_wait([&](std::error_code) { look(); });
    };
    look();
    loop.run();
}
