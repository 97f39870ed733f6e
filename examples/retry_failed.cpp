// SPDX-License-Identifier: BSL-1.0
// Some items have failed, the service works again: only those are tried again, in a job of their own.
//
// Expected output: 2 of 2 at the second try

#include <batchpace/batchpace.hpp>

#include <asio/io_context.hpp>
#include <iostream>

int main() {
    asio::io_context loop;
    bool down = true;
    auto const annotate = [&](std::string_view item) -> batchpace::Outcome<std::size_t> {
        if (down && item.starts_with('b')) return batchpace::Failure::transient("the service is down");
        return item.size();
    };
    batchpace::BatchProcessor processor{loop, batchpace::Unlimited{}, annotate};

    auto const first = processor.start_batch({"apple", "banana", "blueberry", "cherry"}, {.max_attempts = 1});
    processor.async_wait(first, [&](std::error_code, batchpace::JobProgress p) {
        std::cout << p.successful << " of " << p.total << " at the first try\n";
        down = false;
        auto const second = processor.retry_failed(first);
        processor.async_wait(second, [](std::error_code, batchpace::JobProgress again) {
            std::cout << again.successful << " of " << again.total << " at the second try\n";
        });
    });
    loop.run();
}
