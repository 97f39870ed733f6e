// expect: batchpace: Annotator must be callable with an item; see docs/concepts/annotator.md
// SPDX-License-Identifier: BSL-1.0
#include <batchpace/batch_processor.hpp>

#include <asio/io_context.hpp>

int main() {
    asio::io_context loop;
    batchpace::BatchProcessor processor{loop, batchpace::Unlimited{}, [](int item, int another) { return item + another; }};
}
