// expect: batchpace: RateLimiter must have earliest, take and give_back; see docs/concepts/rate_limiter.md
// SPDX-License-Identifier: BSL-1.0
#include <batchpace/batch_processor.hpp>

#include <asio/io_context.hpp>

struct OldStyle {
    bool try_acquire() { return true; }
};

int main() {
    asio::io_context loop;
    batchpace::BatchProcessor processor{loop, OldStyle{}, [](int item) { return item; }};
}
