// SPDX-License-Identifier: BSL-1.0
// Several items in one call: a service that takes 16 images a request. 100 images and one that breaks its request:
// that one is found by halving, the others do not suffer.
//
// Expected output: 100 done, 1 failed (image-42: unreadable image) in 15 calls

#include <batchpace/batchpace.hpp>

#include <asio/io_context.hpp>
#include <algorithm>
#include <iostream>

using namespace std::chrono_literals;

// What the service does: it refuses a request with an image in it that it cannot read, and does not say which.
asio::awaitable<std::vector<std::string>> request(batchpace::Batch<std::string> images) {
    co_await batchpace::sleep_for(2ms, asio::use_awaitable);
    if (std::find(images.begin(), images.end(), "image-42") != images.end())
        throw std::runtime_error{"unreadable image"};
    co_return std::vector<std::string>(images.size(), "a cat");
}

int main() {
    asio::io_context loop;
    int calls = 0;
    batchpace::BatchProcessor processor{
        loop, batchpace::SlidingWindow{500, 1min},  // requests, not images: a call costs one permit
        batchpace::batched<16>([&](batchpace::Batch<std::string> images) {
            ++calls;
            return request(images);
        }),
        {}, batchpace::Hooks{}.retry(batchpace::RetryPolicy{batchpace::FixedBackoff{5ms}})};

    std::vector<std::string> images;
    for (int i = 0; i <= 100; ++i) images.push_back("image-" + std::to_string(i));
    auto const job = processor.start_batch(images, {.concurrency = 2});
    loop.run();

    auto const p = *processor.progress(job);
    std::cout << p.successful << " done, " << p.failed << " failed (" << p.errors.at(0).item_id << ": "
              << p.errors.at(0).error << ") in " << calls << " calls\n";
}
