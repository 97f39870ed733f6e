// expect: batchpace: Annotator must be callable with an item; see docs/concepts/annotator.md
// SPDX-License-Identifier: BSL-1.0
#include <batchpace/batch_processor.hpp>

#include <asio/io_context.hpp>

struct Annotator {
    using item_type = int;
    int operator()(void const*) const { return 0; }
};

int main() {
    asio::io_context loop;
    batchpace::BatchProcessor processor{loop, batchpace::Unlimited{}, Annotator{}};
}
