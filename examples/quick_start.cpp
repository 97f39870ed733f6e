// SPDX-License-Identifier: BSL-1.0
// The smallest whole program: three items, annotated on the program's own loop, at most 500 calls a minute.
//
// Expected output: 3 of 3 done, 0 failed

//[quick_start
#include <batchpace/batchpace.hpp>

#include <asio/io_context.hpp>
#include <iostream>

using namespace std::chrono_literals;

int main() {
    asio::io_context loop;
    batchpace::BatchProcessor processor{loop, batchpace::SlidingWindow{500, 1min},
                                        [](std::string_view image) { return image.size(); }};  // your call goes here

    auto const job = processor.start_batch({"cat.png", "dog.png", "bird.png"}, {.concurrency = 5});
    processor.async_wait(job, [](std::error_code, batchpace::JobProgress p) {
        std::cout << p.processed() << " of " << p.total << " done, " << p.failed << " failed\n";
    });
    loop.run();
}
//]
