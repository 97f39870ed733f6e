// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "support/harness.hpp"

#include <batchpace/engine/scheduler.hpp>
#include <batchpace/engine/scope.hpp>
#include <batchpace/policy/sliding_window.hpp>
#include <batchpace/time.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>

/// What a rate limit costs a start.
namespace bench {

/// Saturated, as it is used: when may the next one start, then start it at that time.
inline Figures window_try_acquire(Effort const& effort) {
    auto const count = effort.items(2'000'000);
    batchpace::SlidingWindow saturated{500, std::chrono::minutes{1}};
    batchpace::SlidingWindow idle{500, std::chrono::minutes{1}};
    auto const try_acquire = [&](batchpace::SlidingWindow& window, batchpace::duration step) {
        static batchpace::time_point now{};
        Stopwatch const stopwatch;
        for (std::size_t i = 0; i < count; ++i) {
            now += step;
            auto const at = window.earliest(now, 1);
            now = std::max(now, at);
            window.take(now, 1);
        }
        keep(now);
        return stopwatch.ns() / static_cast<double>(count);
    };
    auto const t = alternate(
        effort.rounds(15), [&] { return try_acquire(saturated, std::chrono::milliseconds{1}); },
        [&] { return try_acquire(idle, std::chrono::seconds{1}); });
    return Figures{t[0], text("500 a minute, saturated; at an eighth of that %.1f ns", median(t[1]))}.best();
}

/// Asked and charged as one attempt is: processor, tenant and job, each with a limit that is just kept.
inline Figures scoped_admission(Effort const& effort) {
    using batchpace::engine::Scheduler;
    using batchpace::engine::Scope;
    auto const count = effort.items(1'000'000);
    Scope processor{Scope::Level::processor, nullptr}, tenant{Scope::Level::tenant, &processor},
        job{Scope::Level::job, &tenant};
    for (auto* scope : {&processor, &tenant, &job}) scope->rate.emplace(500, std::chrono::minutes{1});
    Scheduler scheduler{processor};
    Scheduler::attach(tenant);
    Scheduler::attach(job);
    Scheduler::set_wish(job, batchpace::time_point::min());
    batchpace::time_point now{};
    auto const t = alternate(effort.rounds(15), [&] {
        Stopwatch const stopwatch;
        for (std::size_t i = 0; i < count; ++i) {
            now += std::chrono::milliseconds{120};
            auto* const leaf = scheduler.pick(now);
            require(leaf != nullptr && Scheduler::stamp(*leaf, now, true), "no start was admitted");
            Scheduler::release(*leaf, false);
        }
        return stopwatch.ns() / static_cast<double>(count);
    });
    return Figures{t[0], "the scheduler's pick, stamp and release, one thread"}.best();
}

}  // namespace bench
