// SPDX-License-Identifier: BSL-1.0
// The user has changed their mind: nothing is started after cancel() has returned, and calls in flight are told to stop.
//
// Expected output: 3 calls were told to stop, 997 were never made

#include <batchpace/batchpace.hpp>

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <iostream>

using namespace std::chrono_literals;

int main() {
    asio::io_context loop;
    int calls = 0;
    int stopped = 0;
    auto const annotate = [&](int) -> asio::awaitable<int> {
        ++calls;
        try {
            co_await batchpace::sleep_for(1h, asio::use_awaitable);  // whatever waits by Asio is cancelled
        } catch (std::system_error const&) {
            ++stopped;
            throw;
        }
        co_return 0;
    };
    batchpace::BatchProcessor processor{loop, batchpace::Unlimited{}, annotate};

    std::vector<int> items(1'000);
    auto const job = processor.start_batch(items, {.concurrency = 3, .duplicates = batchpace::Duplicates::allow});

    asio::steady_timer user{loop, 50ms};
    user.async_wait([&](std::error_code) { processor.cancel(job); });
    processor.async_wait(job, [&](std::error_code, batchpace::JobProgress p) {
        std::cout << to_string(p.status) << ": " << stopped << " calls were told to stop, " << 1'000 - calls
                  << " were never made\n";
    });
    loop.run();
}
