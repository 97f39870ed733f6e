// SPDX-License-Identifier: BSL-1.0
//
// The program of every consumer: it has nothing but what the target batchpace::batchpace gives it.
#include <batchpace/batch_processor.hpp>

#include <asio/io_context.hpp>

#include <cstddef>
#include <string_view>

int main() {
    asio::io_context loop;
    batchpace::BatchProcessor processor{loop, batchpace::Unlimited{}, [](std::string_view item) { return item.size(); }};
    auto const job = processor.start_batch({"one", "two", "three"}, {.concurrency = 2});
    loop.run();
    std::size_t letters = 0;
    for (auto const& result : processor.results(job, 0, 3).items) letters += result.annotation.value_or(0);
    return processor.progress(job)->status == batchpace::JobStatus::completed && letters == 11 ? 0 : 1;
}
