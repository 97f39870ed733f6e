// expect: batchpace: Executor must be an Asio executor with an execution context; see docs/concepts/executor.md
// SPDX-License-Identifier: BSL-1.0
#include <batchpace/batch_processor.hpp>

struct Loop {};

int main() {
    batchpace::BatchProcessor processor{Loop{}, batchpace::Unlimited{}, [](int item) { return item; }};
}
