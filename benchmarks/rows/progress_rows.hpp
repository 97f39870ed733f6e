// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "rows/items.hpp"
#include "support/contenders.hpp"
#include "support/harness.hpp"
#include "support/jobs.hpp"

#include <batchpace/batch_processor.hpp>

#include <asio/io_context.hpp>
#include <asio/post.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <system_error>
#include <vector>

/// What it costs to ask how far a job is.
namespace bench {

inline constexpr int snapshots_at_once = 100;

template <class Processor>
double snapshot_ns(Processor const& processor, batchpace::JobId const& job) {
    auto const begin = clock::now();
    for (int i = 0; i < snapshots_at_once; ++i) {
        auto const progress = processor.progress(job);
        require(progress.has_value(), "no progress of a job that was started");
        keep(progress->successful);
    }
    return ns_since(begin) / snapshots_at_once;
}

inline batchpace::JobOptions sixteen_at_once() {
    batchpace::JobOptions options;
    options.concurrency = 16;
    return no_check(options);
}

/// From a handler that takes turns with the job's bursts.
inline double snapshot_on_loop(std::size_t count) {
    asio::io_context loop;
    batchpace::BatchProcessor processor{loop, batchpace::Unlimited{}, empty};
    auto const job = processor.start_batch(numbers(count), sixteen_at_once());
    Samples samples;
    bool running = true;
    processor.async_wait(job, [&](std::error_code, batchpace::JobProgress const&) { running = false; });
    std::function<void()> poll = [&] {
        if (!running) return;
        samples.push_back(snapshot_ns(processor, job));
        asio::post(loop, poll);
    };
    asio::post(loop, poll);
    loop.run();
    return median(samples);
}

/// One at a time, some microseconds between two of them. Only those count where the job went on before and after: a
/// loop
// that does not run just then has left all it knows to the asking thread. On a busy machine that takes some jobs.
inline double snapshot_from_elsewhere(std::size_t count) {
    ThreadedLoop elsewhere{1};
    batchpace::BatchProcessor processor{elsewhere.loop(), batchpace::Unlimited{}, empty};
    Samples all, samples;
    for (int job_number = 0; samples.size() < 200 && job_number < 10; ++job_number) {
        Samples took;
        std::vector<std::uint64_t> done;
        job_ns_elsewhere(processor, numbers(count), sixteen_at_once(), [&](auto const& job, auto const& running) {
            do {
                auto const begin = clock::now();
                auto const progress = processor.progress(job);
                took.push_back(ns_since(begin));
                done.push_back(progress->processed());
                Spin::run(10 * Spin::steps_per_us());
            } while (running);
        });
        for (std::size_t i = 1; i + 1 < took.size(); ++i)
            if (done[i - 1] < done[i] && done[i] < done[i + 1]) samples.push_back(took[i]);
        all.insert(all.end(), took.begin(), took.end());
    }
    return median(samples.empty() ? all : samples);
}

inline Figures progress_snapshot(Effort const& effort) {
    auto const count = effort.items(300'000);
    auto const t = alternate(effort.rounds(15), [&] { return snapshot_on_loop(count); });
    return Figures{t[0], "concurrency 16, between the bursts of a running job"}.best();
}

inline Figures progress_snapshot_other_thread(Effort const& effort) {
    auto const count = effort.items(2'000'000);
    Spin::steps_per_us();
    auto const t = alternate(effort.rounds(15), [&] { return snapshot_from_elsewhere(count); });
    return {t[0], "concurrency 16, one each 10 us, with one reading of the clock"};
}

/// A thread that looks at the clock and polls every 20 us, against one that only looks: what 50,000 polls a second
/// cost,
// a fiftieth of it.
inline Figures polls_cost(Effort const& effort) {
    auto const count = effort.items(4'000'000);
    constexpr auto apart = std::chrono::microseconds{20};
    constexpr double times_as_often = 50;
    auto const job = [&](bool poll) {
        ThreadedLoop elsewhere{1};
        batchpace::BatchProcessor processor{elsewhere.loop(), batchpace::Unlimited{}, empty};
        return job_ns_elsewhere(processor, numbers(count), no_check(), [&](auto const& id, auto const& running) {
            for (auto next = clock::now(); running;) {
                if (clock::now() < next) continue;
                if (poll) keep(processor.progress(id)->successful);
                next += apart;
            }
        });
    };
    auto const t = alternate(
        effort.rounds(25), [&] { return job(true); }, [&] { return job(false); });
    auto cost = ratios(t[0], t[1]);
    for (auto& each : cost) each = (each - 1) * 100 / times_as_often;
    return {cost, text("%% of the throughput by 1,000 polls a second (50,000 were made: %.1f %%)",
                       median(cost) * times_as_often)};
}

}  // namespace bench
