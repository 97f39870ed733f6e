// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/batch_processor.hpp>
#include <batchpace/policy/token_bucket.hpp>
#include <batchpace/sleep_for.hpp>
#include <batchpace/testing/simulation.hpp>

#include "net.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// Runs jobs in virtual time, asks all along how long they will still take, and compares with when they have ended.
namespace estimates {

using namespace std::chrono_literals;
using batchpace::duration;
using batchpace::Tier;

enum class Durations { constant, uniform, exponential };

struct Batch {
    int items;
    int concurrency = 5;
    std::string tenant = "a";
    int priority = 1;
    std::optional<int> per_minute = {};
    duration after = 0s;  // when it is started
    std::optional<duration> mean = {};  // of its calls, where they differ from the scenario's
};

struct Scenario {
    std::string name;
    std::optional<int> limit;      // the processor's, a minute
    std::optional<int> in_flight;  // the processor's
    std::optional<Tier> tier;      // every tenant's
    Durations latency = Durations::constant;
    duration mean = 1s;
    double failures = 0.0;         // share of the calls that fail once more
    std::vector<Batch> batches;
    bool smooth = false;           // the processor's limit paces, instead of counting in a window
    bool warm = false;             // a job has run before, so that durations are known
    double bar = 0.10;             // of the error in steady state
};

/// One time that somebody asked.
struct Sample {
    double done;              // share of the items
    double calls_left;
    double waves_left;        // a wave: as many calls as start at once, as lanes or a fresh limit let them
    double at;                // seconds since the job's start
    std::optional<double> said;  // seconds left
    double naive;
    double truth;
};

struct Told {
    std::vector<Sample> samples;
    std::optional<double> before;  // the estimate made at the start
    double took = 0.0;
    double from = 0.0;             // when it was started, seconds since the first one
};

template <class Limiter>
inline std::vector<Told> run(Scenario const& s, std::uint64_t seed, Limiter limiter, int samples = 300) {
    batchpace::testing::Simulation sim{seed};
    auto& random = sim.random();
    auto const unit = [&] { return (static_cast<double>(random() >> 11) + 0.5) * 0x1p-53; };
    auto const latency = [&](duration mean) {
        auto const m = static_cast<double>(mean.count());
        switch (s.latency) {
            case Durations::constant: return mean;
            case Durations::uniform: return duration{static_cast<duration::rep>(2.0 * m * unit())};
            case Durations::exponential: break;
        }
        return duration{static_cast<duration::rep>(-m * std::log(unit()))};
    };
    // An item carries how long its calls take.
    struct Item {
        int number;
        duration mean;
    };
    auto const annotate = [&](Item const& item) -> asio::awaitable<batchpace::Outcome<int>> {
        co_await batchpace::sleep_for(latency(item.mean), asio::use_awaitable);
        if (unit() < s.failures) {
            batchpace::Outcome<int> out{batchpace::Failure::transient("again")};
            co_return out;
        }
        batchpace::Outcome<int> out{item.number};
        co_return out;
    };
    batchpace::ProcessorOptions options;
    options.max_in_flight = s.in_flight;
    auto hooks = batchpace::Hooks{}.tier_of([&](std::string_view tenant) {
        return tenant == "warm" ? std::nullopt : s.tier;
    });
    batchpace::BatchProcessor processor{sim, std::move(limiter), annotate, options, std::move(hooks)};
    auto const start = [&](Batch const& b, int count) {
        std::vector<Item> items;
        for (int i = 0; i < count; ++i) items.push_back({i, b.mean.value_or(s.mean)});
        batchpace::JobOptions o;
        o.concurrency = b.concurrency;
        o.tenant = b.tenant;
        o.priority = b.priority;
        o.rate_limit_per_minute = b.per_minute;
        o.duplicates = batchpace::Duplicates::allow;
        o.keep_results = 1;
        o.attempt_timeout = 10min;
        auto const before = processor.estimate(static_cast<std::uint64_t>(count), {}, o).time;
        return std::pair{processor.start_batch(std::move(items), o), before};
    };
    if (s.warm) {
        start({.items = 100, .tenant = "warm"}, 100);
        sim.run();
        sim.run_for(2min);  // the windows are empty again
    }

    struct Running {
        batchpace::JobId id{};
        batchpace::time_point from{};
        bool started = false;
        bool ended = false;
        Told told{};
    };
    std::vector<Running> jobs(s.batches.size());
    auto const begin = sim.now();
    auto const seconds = [](duration d) { return std::chrono::duration<double>(d).count(); };
    // Short steps at first, longer and longer ones: whatever a job takes, there are many samples of it.
    auto step = duration{50ms};
    for (std::size_t ended = 0; ended < jobs.size();) {
        for (std::size_t i = 0; i < jobs.size(); ++i) {
            auto& job = jobs[i];
            auto const& b = s.batches[i];
            if (job.ended) continue;
            if (!job.started) {
                if (sim.now() - begin < b.after) continue;
                job.started = true;
                job.from = sim.now();
                auto const [id, before] = start(b, b.items);
                job.id = id;
                job.told.from = seconds(sim.now() - begin);
                if (before) job.told.before = seconds(*before);
                step = 50ms;
                continue;
            }
            auto const p = *processor.progress(job.id, 0);
            if (p.finished()) {
                job.ended = true;
                ++ended;
                job.told.took = std::chrono::duration<double>(*p.finished_at - p.created_at).count();
                for (auto& sample : job.told.samples) sample.truth = job.told.took - sample.at;
                continue;
            }
            auto lanes = b.concurrency;
            if (s.tier) lanes = std::min(lanes, s.tier->max_concurrency);
            auto wave = std::max(lanes, b.per_minute.value_or(0));
            if (s.tier) wave = std::max(wave, s.tier->per_minute);
            if (s.limit && !s.smooth) wave = std::max(wave, *s.limit);
            Sample sample{};
            auto const processed = static_cast<double>(p.processed());
            auto const left = static_cast<double>(p.total) - processed;
            sample.done = processed / static_cast<double>(p.total);
            sample.calls_left = left;
            sample.waves_left = left / wave;
            sample.at = seconds(sim.now() - job.from);
            if (p.estimated_time_remaining) sample.said = seconds(*p.estimated_time_remaining);
            sample.naive = processed > 0 ? sample.at * left / processed : 0.0;
            job.told.samples.push_back(sample);
        }
        // At times that have nothing to do with the jobs' own rhythm.
        sim.run_for(duration{static_cast<duration::rep>(static_cast<double>(step.count()) * (0.5 + unit()))});
        auto oldest = duration::zero();
        for (auto const& job : jobs)
            if (job.started && !job.ended) oldest = std::max(oldest, sim.now() - job.from);
        step = std::max<duration>(step, oldest / samples);
    }
    std::vector<Told> all;
    for (auto& job : jobs) all.push_back(std::move(job.told));
    return all;
}

inline std::vector<Told> run(Scenario const& s, std::uint64_t seed, int samples = 300) {
    if (s.limit && s.smooth) return run(s, seed, batchpace::TokenBucket{*s.limit, 1min}, samples);
    if (s.limit) return run(s, seed, batchpace::SlidingWindow{*s.limit, 1min}, samples);
    return run(s, seed, batchpace::Unlimited{}, samples);
}

}  // namespace estimates
