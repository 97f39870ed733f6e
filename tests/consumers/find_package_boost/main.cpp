// SPDX-License-Identifier: BSL-1.0
//
// It has nothing but what the target batchpace::boost gives it, on a host without standalone Asio.
#include <batchpace/batch_processor.hpp>

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <string_view>

#if defined(ASIO_VERSION)
#error "standalone Asio was included"
#endif

int main() {
    boost::asio::io_context loop;
    batchpace::BatchProcessor processor{loop, batchpace::Unlimited{}, [](std::string_view item) { return item.size(); }};
    auto const job = processor.start_batch({"one", "two", "three"}, {.concurrency = 2});
    loop.run();
    std::size_t letters = 0;
    for (auto const& result : processor.results(job, 0, 3).items) letters += result.annotation.value_or(0);
    return processor.progress(job)->status == batchpace::JobStatus::completed && letters == 11 ? 0 : 1;
}
