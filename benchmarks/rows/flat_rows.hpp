// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "rows/items.hpp"
#include "support/harness.hpp"
#include "support/jobs.hpp"

#include <batchpace/batch_processor.hpp>

#include <asio/io_context.hpp>

#include <algorithm>
#include <cstddef>
#include <system_error>
#include <vector>

/// Whether an item costs the same in large jobs, and among many jobs.
namespace bench {

/// A job's fixed cost taken off: what the second half of a job adds to the first, in the best rounds of both.
class Slope {
public:
    /// So many `times` a round, which should take a few milliseconds.
    Slope(std::size_t count, std::size_t times) : count_{count}, times_{times} {}

    template <class Processor>
    double measure(asio::io_context& loop, Processor& processor) {
        double whole = 0, half = 0;
        for (std::size_t i = 0; i < times_; ++i) {
            whole += job_ns(loop, processor, numbers(count_), no_check());
            half += job_ns(loop, processor, numbers(count_ / 2), no_check());
        }
        whole_.push_back(whole);
        half_.push_back(half);
        return (whole - half) / items();
    }
    double on_its_own() {
        asio::io_context loop;
        batchpace::BatchProcessor processor{loop, batchpace::Unlimited{}, empty};
        return measure(loop, processor);
    }
    double best() const { return (minimum(whole_) - minimum(half_)) / items(); }

private:
    double items() const { return static_cast<double>((count_ - count_ / 2) * times_); }

    std::size_t count_;
    std::size_t times_;
    Samples whole_;
    Samples half_;
};

/// A processor that knows many other jobs: every second one has finished, the rest wait.
class Crowd {
public:
    explicit Crowd(std::size_t others) {
        for (std::size_t i = 0; i < others / 2; ++i) {
            job_ns(loop_, processor_, numbers(1), no_check());
            processor_.pause(processor_.start_batch(numbers(10), no_check()));
        }
    }
    double measure(Slope& slope) { return slope.measure(loop_, processor_); }

private:
    static batchpace::ProcessorOptions many_jobs() {
        batchpace::ProcessorOptions options;
        options.max_active_jobs = 1'000'000;
        return options;
    }

    asio::io_context loop_;
    batchpace::BatchProcessor<asio::io_context::executor_type, batchpace::Unlimited, Item> processor_{
        loop_, batchpace::Unlimited{}, empty, many_jobs()};
};

inline Figures flat_cost(Effort const& effort) {
    auto const items = effort.items(10'000'000);
    auto const jobs = effort.items(100'000);
    Crowd few{jobs / 100}, many{jobs};
    Slope slopes[] = {{items / 1'000, 200}, {items / 100, 20}, {items / 10, 2},
                      {items, 1},           {items / 10, 2},   {items / 10, 2}};
    auto const t = alternate(
        effort.rounds(15), [&] { return slopes[0].on_its_own(); }, [&] { return slopes[1].on_its_own(); },
        [&] { return slopes[2].on_its_own(); }, [&] { return slopes[3].on_its_own(); },
        [&] { return few.measure(slopes[4]); }, [&] { return many.measure(slopes[5]); });
    Samples best, spread;
    for (auto const& each : slopes) best.push_back(each.best());
    for (std::size_t round = 0; round < t[0].size(); ++round) {
        Samples here;
        for (auto const& each : t) here.push_back(each[round]);
        spread.push_back(maximum(here) / minimum(here));
    }
    Figures figures{
        spread, text("%.2f, %.2f, %.2f, %.2f ns with 10^4 to 10^7 items; %.2f, %.2f ns with 10^3, 10^5 jobs", best[0],
                     best[1], best[2], best[3], best[4], best[5])};
    figures.measured = maximum(best) / minimum(best);
    return figures;
}

/// Many jobs that run at the same time, of `count` items each: nanoseconds from the last start to the last finish.
inline double at_once_ns(std::size_t jobs, std::size_t count) {
    asio::io_context loop;
    batchpace::BatchProcessor processor{loop, batchpace::Unlimited{}, tiny};
    Stopwatch stopwatch;
    double took = 0;
    auto left = jobs;
    for (std::size_t i = 0; i < jobs; ++i)
        processor.async_wait(processor.start_batch(std::vector<Tiny>(count), no_check()),
                             [&](std::error_code, batchpace::JobProgress const& p) {
                                 require(p.successful == count, "a job did not annotate all of its items");
                                 if (--left == 0) took = stopwatch.ns();
                             });
    stopwatch = Stopwatch{};
    loop.run();
    require(left == 0, "not every job finished");
    return took;
}

/// As a slope too: what 10,000 items more a job cost. By then bursts have grown, which is part of the fixed cost.
inline Figures flat_cost_at_once(Effort const& effort) {
    auto const most = effort.smoke ? 10U : 2'000U;
    auto const count = effort.items(10'000);
    auto const slope = [&](std::size_t jobs) {
        auto const times = jobs == 1 ? most / 10 : 1;
        double more = 0;
        for (std::size_t i = 0; i < times; ++i) more += at_once_ns(jobs, 2 * count) - at_once_ns(jobs, count);
        return more / static_cast<double>(times * jobs * count);
    };
    auto const t = alternate(
        effort.rounds(5), [&] { return slope(most); }, [&] { return slope(1); });
    return {ratios(t[0], t[1]),
            text("%.1f ns an item in %u jobs that share the loop, %.1f ns in one", median(t[0]), most, median(t[1]))};
}

}  // namespace bench
