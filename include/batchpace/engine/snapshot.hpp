// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/engine/engine.hpp>
#include <batchpace/engine/job.hpp>
#include <batchpace/job_progress.hpp>
#include <batchpace/policy/eta.hpp>
#include <batchpace/time.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace batchpace::engine {

/// Reads one job without stopping anybody. Everything that counts comes from one reading of each lane's word.
class Snapshot {
public:
    /// @param most_errors how many of the kept errors are copied
    static JobProgress of(Engine const& engine, Job const& job, time_point now, std::size_t most_errors) {
        JobProgress p;
        fill(p, engine, job, now, most_errors);
        return p;
    }

    /// The same into a snapshot that is there: nothing is moved.
    static void fill(JobProgress& p, Engine const& engine, Job const& job, time_point now, std::size_t most_errors) {
        auto const count = job.count();
        p.job_id = job.id;
        p.status = job.status;
        p.stop_reason = job.stop_reason;
        if (job.source_error) p.source_error = *job.source_error;
        p.version = count.version;
        p.total = job.total();
        p.total_known = job.total_known();
        p.running = count.running;
        p.successful = count.successful;
        p.failed = job.ledger.failed();
        p.retrying = job.retrying();
        p.abandoned = job.abandoned_now;
        // Every item that is neither running nor ended nor due again waits; or was dropped, once the job is stopping.
        auto const rest = p.total - p.running - p.successful - p.failed - p.retrying;
        (job.stopping() ? p.cancelled : p.waiting) = rest;
        if (p.total_known && p.total > 0) p.percentage = static_cast<int>(p.processed() * 100 / p.total);
        p.paused = job.scope.paused;
        p.created_at = job.created_at;
        p.started_at = job.started_at;
        p.finished_at = job.finished_at;
        p.label = job.options.label();
        p.tenant = job.options.tenant();
        if (job.retry_of) p.retry_of = *job.retry_of;
        p.milestones = job.ledger.milestones();
        p.error_count = p.failed;
        if (p.failed > 0) {
            auto const& errors = job.ledger.errors();
            p.errors.assign(errors.begin(),
                            errors.begin() + static_cast<std::ptrdiff_t>(std::min(most_errors, errors.size())));
            p.error_distribution = job.ledger.distribution();
        }
        if (!job.stopping()) {
            p.waiting_for = waiting_for(engine, job, p, now);
            p.stalled = engine.stalled(job, now);
            if (!engine.paused(job) && p.total_known) p.estimated_time_remaining = time_left(job, p, now);
        }
    }

    /// Why nothing is started; of `p` only the counts are read.
    static std::optional<WaitingFor> waiting_for(Engine const& engine, Job const& job, JobProgress const& p,
                                                 time_point now) {
        if (p.waiting + p.retrying == 0 && job.total_known()) return std::nullopt;
        WaitingFor why;
        why.scope = WaitingFor::Scope::job;
        if (job.unclaimed() == 0 && p.running == 0) {
            if (job.next_due() > now && job.next_due() != time_point::max()) {
                why.reason = WaitingFor::Reason::backoff;
                why.until = job.next_due();
                return why;
            }
            if (job.source_open()) {
                why.reason = WaitingFor::Reason::source;
                return why;
            }
        }
        if (engine.direct(job, now)) return std::nullopt;
        auto refusal = Scheduler::refusal(job.scope, now);
        // Its own lanes being busy is what a running job looks like, not a reason to wait.
        if (refusal && refusal->reason == WaitingFor::Reason::concurrency &&
            refusal->scope == WaitingFor::Scope::job && p.running > 0)
            return std::nullopt;
        return refusal;
    }

private:
    static std::optional<duration> time_left(Job const& job, JobProgress const& p, time_point now) {
        Eta::Input in;
        in.items_left = p.waiting + p.retrying + p.running;
        if (in.items_left == 0) return std::nullopt;  // all done, and about to be said so
        in.in_flight = p.running;
        in.concurrency = job.scope.cap;
        for (auto const* s = job.scope.parent(); s != nullptr; s = s->parent())
            if (s->cap > 0) in.concurrency = std::min<std::int64_t>(in.concurrency, s->cap);
        if (job.mean_duration > duration::zero()) in.mean_duration = job.mean_duration;
        auto const ended = p.processed();
        if (ended > 0 && job.calls() > ended)
            in.attempts_per_item = static_cast<double>(job.calls() - p.running) / static_cast<double>(ended + p.retrying);
        for (auto const* s = &job.scope; s != nullptr; s = s->parent())
            if (auto const last = s->last_of(now, Eta::calls_left(in)))
                in.last_start_in = std::max(in.last_start_in.value_or(duration::zero()), *last - now);
        in.elapsed = job.started_at ? now - job.started : duration::zero();
        in.processed = ended;
        return Eta::time_left(in);
    }
};

}  // namespace batchpace::engine
