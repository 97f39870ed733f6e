// SPDX-License-Identifier: BSL-1.0
// A call that never comes back does not hold its job up: past the time-out it is asked to stop, past the grace it is
// abandoned, and its item is tried again or fails as timed_out. Who wants to know before is told by on_stalled.
//
// Expected output: 9 annotated, 1 failed: timed_out

#include <batchpace/batchpace.hpp>

#include <asio/io_context.hpp>
#include <iostream>

using namespace std::chrono_literals;

int main() {
    asio::io_context loop;
    auto const annotate = [](int item) -> asio::awaitable<int> {
        if (item == 5) {
            // Deaf: whatever happens, it sleeps on.
            co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
            co_await batchpace::sleep_for(500ms, asio::use_awaitable);
        }
        co_return item;
    };
    auto hooks = batchpace::Hooks{}.on_stalled([](batchpace::JobProgress const& p) {
        std::cout << "nothing has ended for a while: " << p.running << " running, " << p.waiting << " waiting\n";
    });
    batchpace::BatchProcessor processor{loop, batchpace::Unlimited{}, annotate, {.abandon_grace = 20ms}, std::move(hooks)};
    auto const job = processor.start_batch(
        {1, 2, 3, 4, 5, 6, 7, 8, 9, 10},
        {.concurrency = 1, .max_attempts = 1, .attempt_timeout = 50ms, .stalled_after = 30ms});
    processor.async_wait(job, [&](std::error_code, batchpace::JobProgress p) {
        std::cout << p.successful << " annotated, " << p.failed << " failed: " << to_string(p.errors.at(0).kind) << '\n'
                  << p.abandoned << " call is still out\n";
    });
    loop.run();
    std::cout << processor.stats().late_answers << " answer came too late and was dropped\n";
}
