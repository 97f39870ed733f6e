// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/engine/engine.hpp>
#include <batchpace/engine/job.hpp>
#include <batchpace/engine/snapshot.hpp>
#include <batchpace/job_progress.hpp>
#include <batchpace/processor_metrics.hpp>
#include <batchpace/time.hpp>
#include <batchpace/waiting_for.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace batchpace::engine {

/// Reads a processor's metrics, a slice of its jobs at a time, so that its mutex can be given up in between. What
/// counts jobs and items *now* is then true of each job at its moment, and not of all of them at the same one.
class MetricsReading {
public:
    MetricsReading() = default;
    MetricsReading(MetricsReading const&) = delete;
    MetricsReading& operator=(MetricsReading const&) = delete;

    /// What one step reads at most: jobs, and the words of their lanes.
    static constexpr std::size_t slice = 256;

    /// The first step reads the counters, every step some jobs. True: there are more.
    bool step(Engine& engine, time_point now) {
        if (!std::exchange(begun_, true)) {
            read_counters(engine, now);
            engine.registry.begin(cursor_);
        }
        return engine.registry.go_on(cursor_, slice, [&](Job const& job) {
            if (!job.finished_at) read(engine, job, now);
            return 1 + job.lanes.size();
        });
    }

    ProcessorMetrics const& result() const noexcept { return metrics_; }

private:
    void read_counters(Engine const& engine, time_point now) {
        auto& m = metrics_;
        auto const& stats = engine.stats;
        m = engine.counted;
        m.attempts.successful = m.items.successful = stats.successful;
        m.items.failed = stats.failed;
        m.items.cancelled = stats.cancelled;
        m.jobs_started = stats.jobs_started;
        m.late_answers = stats.late_answers;
        m.hook_exceptions = stats.hook_exceptions;
        m.abandoned = stats.abandoned;
        m.active_jobs = engine.registry.active();
        m.finished_jobs = engine.registry.kept();
        m.permits.each([&](WaitingFor::Scope level, auto const&) {
            m.permits[level].refused = engine.scheduler().refused(level);
        });
        if (engine.circuit_breaker()) m.circuit_breaker = engine.circuit_breaker()->state(now);
        if (engine.retry_budget) m.retry_budget = engine.retry_budget->left(now);
    }

    void read(Engine const& engine, Job const& job, time_point now) {
        auto const count = job.count();
        metrics_.in_flight += count.running;
        if (job.stopping()) return;  // what is left of it has been dropped
        counts_.running = count.running;
        counts_.retrying = job.retrying();
        counts_.waiting = job.total() - count.running - count.successful - job.ledger.failed() - counts_.retrying;
        if (counts_.waiting + counts_.retrying == 0) return;
        metrics_.queue_depth += counts_.waiting + counts_.retrying;
        metrics_.waiting_for[WaitingFor::Reason::backoff] += counts_.retrying;
        if (counts_.waiting == 0) return;
        auto const why = Snapshot::refusal(engine, job, counts_, now);
        metrics_.waiting_for[why ? why->reason : WaitingFor::Reason::concurrency] += counts_.waiting;
    }

    ProcessorMetrics metrics_;
    JobProgress counts_;  // of the job that is being read
    Registry::Cursor cursor_;
    bool begun_ = false;
};

}  // namespace batchpace::engine
