// SPDX-License-Identifier: BSL-1.0
// Ctrl-C: no new job is accepted, active ones get 200 ms to finish, the rest is cancelled, and then the program ends.
// Here it sends the signal to itself.
//
// Expected output: 1 job finished, 1 was cut off, in time: no

#include <batchpace/batchpace.hpp>

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <csignal>
#include <iostream>

using namespace std::chrono_literals;

int main() {
    asio::io_context loop;
    auto const annotate = [](std::string_view item) -> asio::awaitable<std::size_t> {
        co_await batchpace::sleep_for(item == "slow" ? 1h : 10ms, asio::use_awaitable);
        co_return item.size();
    };
    batchpace::BatchProcessor processor{loop, batchpace::Unlimited{}, annotate};
    processor.start_batch({"a", "b", "c"});
    processor.start_batch({"slow"});

    asio::signal_set signals{loop, SIGINT, SIGTERM};
    signals.async_wait([&](std::error_code, int) {
        processor.async_shutdown(batchpace::ShutdownMode::drain, 200ms, [](std::error_code, batchpace::ShutdownReport r) {
            std::cout << r.jobs_finished << " job finished, " << r.jobs_cancelled
                      << " was cut off, in time: " << (r.deadline_passed ? "no" : "yes") << '\n';
        });
    });
    std::raise(SIGINT);
    loop.run();
}
