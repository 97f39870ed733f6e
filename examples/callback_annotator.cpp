// SPDX-License-Identifier: BSL-1.0
// A client library that calls back, from a thread of its own, becomes an annotator: its call back calls the completion.
//
// Expected output: 3 annotated, 1 failed

#include <batchpace/batchpace.hpp>

#include <asio/io_context.hpp>
#include <functional>
#include <iostream>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

// Stands for such a library. It knows nothing of Asio.
class Client {
public:
    using CallBack = std::function<void(int status, std::string body)>;

    void get(std::string path, CallBack call_back) {
        threads_.emplace_back([path = std::move(path), call_back = std::move(call_back)] {
            std::this_thread::sleep_for(5ms);
            path == "/missing" ? call_back(404, {}) : call_back(200, "labels of " + path);
        });
    }

private:
    std::vector<std::jthread> threads_;
};

int main() {
    asio::io_context loop;
    Client client;
    auto labels = batchpace::callback<std::string>([&](std::string_view path, batchpace::Completion<std::string> done) {
        client.get(std::string{path}, [done](int status, std::string body) {
            if (status == 404) return done(batchpace::Failure::permanent("no such picture"));  // never tried again
            if (status != 200) return done(batchpace::Failure::transient("status " + std::to_string(status)));
            done(std::move(body));
        });
    });
    batchpace::BatchProcessor processor{loop, batchpace::SlidingWindow{500, 1min}, std::move(labels)};

    auto const job = processor.start_batch({"/cat", "/dog", "/missing", "/bird"}, {.concurrency = 2});
    loop.run();  // the job's time-out keeps it running while a call is out

    auto const p = *processor.progress(job);
    std::cout << p.successful << " annotated, " << p.failed << " failed\n";
    for (auto const& result : processor.results(job, 0, 10).items)
        std::cout << result.item_id << ": " << result.annotation.value_or(result.error) << '\n';
}
