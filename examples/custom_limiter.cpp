// SPDX-License-Identifier: BSL-1.0
// A rate limit of your own is three functions of arithmetic. This one stands for a service that is open in the first
// half of each 100 ms only. It keeps no clock and no timer: time is an argument.
//
// Expected output: 12 calls, all of them while the service was open

#include <batchpace/batchpace.hpp>

#include <asio/io_context.hpp>
#include <iostream>

using namespace std::chrono_literals;

class OpeningHours {
public:
    /// When a call could be made: now, or when the service opens next.
    batchpace::time_point earliest(batchpace::time_point now, std::size_t) const {
        auto const into_the_day = now.time_since_epoch() % day;
        return into_the_day < open ? now : now + (day - into_the_day);
    }
    batchpace::Permit take(batchpace::time_point now, std::size_t cost) { return {now, cost}; }
    void give_back(batchpace::Permit) {}

private:
    static constexpr batchpace::duration day = 100ms;
    static constexpr batchpace::duration open = 50ms;
};
static_assert(batchpace::rate_limiter<OpeningHours>);

int main() {
    asio::io_context loop;
    int calls = 0;
    int too_late = 0;
    auto const annotate = [&](int) -> asio::awaitable<void> {
        ++calls;
        if (std::chrono::steady_clock::now().time_since_epoch() % 100ms > 60ms) ++too_late;  // 10 ms for the way
        co_await batchpace::sleep_for(15ms, asio::use_awaitable);
    };
    batchpace::BatchProcessor processor{loop, OpeningHours{}, annotate};
    processor.start_batch({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, {.concurrency = 1});
    loop.run();
    std::cout << calls << " calls, " << (too_late == 0 ? "all" : "not all") << " of them while the service was open\n";
}
