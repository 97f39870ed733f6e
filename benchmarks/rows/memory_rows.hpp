// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "rows/items.hpp"
#include "support/allocations.hpp"
#include "support/harness.hpp"
#include "support/jobs.hpp"

#include <batchpace/batch_processor.hpp>
#include <batchpace/policy/sliding_window.hpp>

#include <asio/io_context.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <malloc.h>
#include <system_error>
#include <utility>

/// Memory and allocations.
namespace bench {

/// From the return of start_batch to the finish, less what lived before: the processor, the host's items.
inline Figures bytes_per_item(Effort const& effort) {
    auto const count = effort.items(1'000'000);
    Samples each;
    std::int64_t at_start = 0;
    for (int round = 0; round < effort.rounds(3); ++round) {
        asio::io_context loop;
        batchpace::BatchProcessor processor{loop, batchpace::Unlimited{}, empty};
        auto items = numbers(count);
        Allocations::Counting const counting;
        auto const job = processor.start_batch(std::move(items));
        Allocations::restart_peak();
        at_start = Allocations::live();
        std::int64_t most = 0;
        processor.async_wait(job, [&](std::error_code, batchpace::JobProgress const&) { most = Allocations::peak(); });
        loop.run();
        each.push_back(static_cast<double>(most) / static_cast<double>(count));
    }
    return {each, text("%.0f bytes at the most for %zu items, %lld when start_batch had returned",
                       median(each) * static_cast<double>(count), count, static_cast<long long>(at_start))};
}

/// Jobs that wait: each was started and paused. Less the host's one item.
inline Figures bytes_per_job(Effort const& effort) {
    auto const jobs = effort.items(5'000);
    Samples each;
    for (int round = 0; round < effort.rounds(3); ++round) {
        asio::io_context loop;
        batchpace::BatchProcessor processor{loop, batchpace::Unlimited{}, empty};
        auto const start = [&] { processor.pause(processor.start_batch(Ints{1})); };
        start();
        loop.run();
        Allocations::Counting const counting;
        for (std::size_t i = 0; i < jobs; ++i) {
            start();
            loop.restart();
            loop.run();
        }
        Ints const item{1};
        each.push_back(static_cast<double>(Allocations::live()) / static_cast<double>(jobs) -
                       static_cast<double>(::malloc_usable_size(const_cast<int*>(item.data()))));
    }
    return {each, text("of %zu jobs that were started and paused", jobs)};
}

/// Many jobs that wait for one limit to open. Less the host's one item.
inline Figures waiting_jobs(Effort const& effort) {
    auto const jobs = effort.items(100'000);
    Samples each, starts;
    for (int round = 0; round < effort.rounds(3); ++round) {
        asio::io_context loop;
        batchpace::ProcessorOptions options;
        options.max_active_jobs = 1'000'000;
        batchpace::BatchProcessor processor{loop, batchpace::SlidingWindow{1, std::chrono::hours{1}}, empty, options};
        job_ns(loop, processor, numbers(1), {});  // the limit is used up
        Ints const item{1};
        Allocations::Counting const counting;
        Stopwatch const stopwatch;
        for (std::size_t i = 0; i < jobs; ++i) processor.start_batch(Ints{1});
        starts.push_back(stopwatch.ns() / 1'000 / static_cast<double>(jobs));
        each.push_back(static_cast<double>(Allocations::live()) / static_cast<double>(jobs) -
                       static_cast<double>(::malloc_usable_size(const_cast<int*>(item.data()))));
        loop.restart();
        require(loop.poll() == 0, "something ran although nothing may start");
    }
    return {each, text("of %zu jobs that one closed limit holds back; %.2f us a start", jobs, median(starts))};
}

/// Calls of the allocator between the ends of 10 % and of 90 % of a job's items.
template <class Annotator>
double allocations(std::size_t count, Annotator const& annotator) {
    asio::io_context loop;
    std::uint64_t from = 0, to = 0;
    auto counted = [&](int index) {
        if (static_cast<std::size_t>(index) == count / 10) from = Allocations::calls();
        if (static_cast<std::size_t>(index) == count - count / 10) to = Allocations::calls();
        return annotator(index);
    };
    batchpace::BatchProcessor processor{loop, batchpace::Unlimited{}, counted, serial()};
    Allocations::Counting const counting;
    job_ns(loop, processor, numbers(count), no_check());
    return static_cast<double>(to - from) / static_cast<double>(count - count / 10 - count / 10);
}

inline Figures allocations_per_item(Effort const& effort) {
    auto const count = effort.items(1'000'000);
    auto const t = alternate(
        effort.rounds(3), [&] { return allocations(count, empty); }, [&] { return allocations(count, ready); },
        [&] { return allocations(count, suspending_once); });
    Samples worst;
    for (std::size_t i = 0; i < t[0].size(); ++i) worst.push_back(std::max({t[0][i], t[1][i], t[2][i]}));
    return {worst, text("between 10 %% and 90 %% of a job: synchronous %.2g, ready %.2g, suspending %.2g", median(t[0]),
                        median(t[1]), median(t[2]))};
}

}  // namespace bench
