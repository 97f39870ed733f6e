// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "support/contenders.hpp"
#include "support/harness.hpp"

#include <batchpace/batch_processor.hpp>

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <future>
#include <numeric>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

/// The library's side of the rows: jobs from the return of start_batch to their finish.
namespace bench {

using Ints = std::vector<int>;

inline Ints numbers(std::size_t count) {
    Ints items(count);
    std::iota(items.begin(), items.end(), 0);
    return items;
}

/// Everything default; the check for duplicates is left out where the start is not what is measured.
inline batchpace::JobOptions no_check(batchpace::JobOptions options = {}) {
    options.duplicates = batchpace::Duplicates::allow;
    return options;
}

/// For annotators that suspend: the loop is run by one thread.
inline batchpace::ProcessorOptions serial() {
    batchpace::ProcessorOptions options;
    options.executor_is_serial = true;
    return options;
}

/// Nanoseconds from the return of `start_batch` to the finish, on a loop that the calling thread runs.
template <class Processor, class Items>
double job_ns(asio::io_context& loop, Processor& processor, Items items, batchpace::JobOptions const& options) {
    auto const count = items.size();
    auto const job = processor.start_batch(std::move(items), options);
    Stopwatch const stopwatch;
    double took = 0;
    std::uint64_t successful = 0;
    processor.async_wait(job, [&](std::error_code, batchpace::JobProgress const& p) {
        took = stopwatch.ns();
        successful = p.successful;
    });
    loop.restart();
    loop.run();
    require(successful == count, "a job did not annotate all of its items");
    return took;
}

/// Nanoseconds an item of one job on a loop of its own, with the library's defaults.
template <class Annotator>
double ns_per_item(std::size_t count, Annotator const& annotator, batchpace::ProcessorOptions const& options = {}) {
    asio::io_context loop;
    batchpace::BatchProcessor processor{loop, batchpace::Unlimited{}, annotator, options};
    return job_ns(loop, processor, numbers(count), no_check()) / static_cast<double>(count);
}

/// A loop that threads of its own run.
class ThreadedLoop {
public:
    explicit ThreadedLoop(int threads) : guard_{asio::make_work_guard(loop_)} {
        for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { loop_.run(); });
    }
    ~ThreadedLoop() { guard_.reset(); }
    ThreadedLoop(ThreadedLoop const&) = delete;
    ThreadedLoop& operator=(ThreadedLoop const&) = delete;

    asio::io_context& loop() noexcept { return loop_; }

private:
    asio::io_context loop_;
    asio::executor_work_guard<asio::io_context::executor_type> guard_;
    std::vector<std::jthread> threads_;
};

/// As `job_ns`, on a loop that other threads run; `meanwhile(job, running)` is called while the job does. It begins
/// with the call of `start_batch`: the job may be well under way when that returns.
template <class Processor, class Items, class Meanwhile>
double job_ns_elsewhere(Processor& processor, Items items, batchpace::JobOptions const& options,
                        Meanwhile&& meanwhile) {
    auto const count = items.size();
    std::atomic<bool> running{true};
    double took = 0;
    std::uint64_t successful = 0;
    std::promise<void> promise;
    auto const finished = promise.get_future();
    auto const begin = clock::now();
    auto const job = processor.start_batch(std::move(items), options);
    processor.async_wait(job,
                         [&, promise = std::move(promise)](std::error_code, batchpace::JobProgress const& p) mutable {
                             took = ns_since(begin);
                             successful = p.successful;
                             running = false;
                             promise.set_value();
                         });
    meanwhile(job, std::as_const(running));
    finished.wait();
    require(successful == count, "a job did not annotate all of its items");
    return took;
}

/// Nanoseconds an item of one job on a loop that so many threads run.
template <class Annotator>
double ns_per_item_on_threads(int threads, std::size_t count, Annotator const& annotator) {
    ThreadedLoop elsewhere{threads};
    batchpace::BatchProcessor processor{elsewhere.loop(), batchpace::Unlimited{}, annotator};
    return job_ns_elsewhere(processor, numbers(count), no_check(), [](auto const&...) {}) / static_cast<double>(count);
}

}  // namespace bench
