// expect: batchpace: the item type cannot be told from this annotator; wrap it: batchpace::annotates<Item>(f)
// SPDX-License-Identifier: BSL-1.0
#include <batchpace/batch_processor.hpp>

#include <asio/io_context.hpp>

struct NotCallable {};

int main() {
    asio::io_context loop;
    batchpace::BatchProcessor processor{loop, batchpace::Unlimited{}, NotCallable{}};
}
