// SPDX-License-Identifier: BSL-1.0
// An annotator that is a coroutine, tells failures apart, and passes on what the service said about waiting.
//
// Expected output: 3 annotated, 1 failed

#include <batchpace/batchpace.hpp>

#include <asio/io_context.hpp>
#include <iostream>
#include <map>

using namespace std::chrono_literals;

struct Reply {
    int status;
    std::string body;
};

// Stands for an HTTP client; yours returns an awaitable, too.
asio::awaitable<Reply> get(std::string const& path, int attempt) {
    co_await batchpace::sleep_for(5ms, asio::use_awaitable);
    if (path == "/busy" && attempt == 1) co_return Reply{429, "1"};
    if (path == "/missing") co_return Reply{404, {}};
    co_return Reply{200, "labels of " + path};
}

asio::awaitable<batchpace::Outcome<std::string>> labels(std::string const& path, batchpace::Attempt const& attempt) {
    auto const reply = co_await get(path, attempt.number());
    if (reply.status == 429) co_return batchpace::Failure::throttled("too many requests", std::stoi(reply.body) * 10ms);
    if (reply.status == 404) co_return batchpace::Failure::permanent("no such picture");  // never tried again
    if (reply.status != 200) co_return batchpace::Failure::transient("status " + std::to_string(reply.status));
    co_return reply.body;
}

int main() {
    asio::io_context loop;
    batchpace::BatchProcessor processor{loop, batchpace::SlidingWindow{500, 1min}, labels};
    auto const job = processor.start_batch({"/cat", "/busy", "/missing", "/dog"});
    loop.run();
    auto const p = *processor.progress(job);
    std::cout << p.successful << " annotated, " << p.failed << " failed\n";
    for (auto const& result : processor.results(job, 0, 10).items)
        std::cout << result.item_id << ": " << result.annotation.value_or(result.error) << '\n';
}
