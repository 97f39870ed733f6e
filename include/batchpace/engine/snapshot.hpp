// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/engine/engine.hpp>
#include <batchpace/engine/estimator.hpp>
#include <batchpace/engine/job.hpp>
#include <batchpace/engine/refusal.hpp>
#include <batchpace/engine/scheduler.hpp>
#include <batchpace/job_progress.hpp>
#include <batchpace/policy/eta.hpp>
#include <batchpace/time.hpp>
#include <batchpace/waiting_for.hpp>

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
            auto const direct = engine.direct(job, now);
            if (auto const why = refusal(job, p, now, direct)) {
                p.waiting_for.emplace();
                p.waiting_for->reason = why->reason;
                p.waiting_for->scope = why->scope;
                if (why->until) p.waiting_for->until = engine.wall(*why->until);
            }
            p.stalled = engine.stalled(job, now);
            if (!engine.paused(job) && p.total_known) p.estimated_time_remaining = time_left(engine, job, p, now, direct);
        }
    }

    /// Why nothing is started; of `p` only the counts are read.
    static std::optional<Refusal> refusal(Engine const& engine, Job const& job, JobProgress const& p, time_point now) {
        return refusal(job, p, now, engine.direct(job, now));
    }

private:
    // `direct`: nothing limits the job but its own concurrency.
    static std::optional<Refusal> refusal(Job const& job, JobProgress const& p, time_point now, bool direct) {
        if (p.waiting + p.retrying == 0 && job.total_known()) return std::nullopt;
        Refusal why;
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
        if (auto const until = job.lingers_until(now); until && p.running == 0) {
            why.reason = job.refilling ? WaitingFor::Reason::source : WaitingFor::Reason::backoff;
            why.until = until;
            return why;
        }
        if (direct) return std::nullopt;
        auto const refused = Scheduler::refusal(job.scope, now);
        // Its own lanes being busy is what a running job looks like, not a reason to wait.
        if (refused && refused->reason == WaitingFor::Reason::concurrency &&
            refused->scope == WaitingFor::Scope::job && p.running > 0)
            return std::nullopt;
        return refused;
    }

    static std::optional<duration> time_left(Engine const& engine, Job const& job, JobProgress const& p, time_point now,
                                             bool direct) {
        if (p.waiting + p.retrying + p.running == 0) return std::nullopt;  // all done, and about to be said so
        auto const& pace = Estimator::pace(engine, job);
        Eta::Input in;
        in.waiting = p.waiting;
        in.retrying = p.retrying;
        in.running = p.running;
        in.retry_rate = Estimator::retry_rate(engine, job.retried(), p.processed());
        in.max_attempts = job.options.max_attempts;
        in.concurrency = job.scope.cap;
        in.elapsed = job.started_at ? now - job.started : duration::zero();
        in.processed = p.processed();
        if (pace.known()) {
            in.mean_duration = pace.mean();
            in.variation = pace.variation();
            // Towards the end it matters how long the running calls have been out.
            if (p.waiting + p.retrying < 16 * static_cast<std::uint64_t>(job.scope.cap)) in.running_left = job.running_left(now, pace);
        }
        if (p.retrying > 0 && p.waiting + p.running == 0 && job.next_due() > now)
            in.blocked_for = job.next_due() - now;  // all of them back off
        in.items_per_call = engine.items_per_call();
        if (job.options.max_calls)
            in.most_calls = engine.charged(static_cast<std::uint64_t>(*job.options.max_calls) - job.calls());
        // Where nothing limits it there is nothing to gather: half the price of a snapshot's estimate.
        auto left = direct ? Eta::time_left(in)
                           : Estimator::of(engine, {job.scope, job.scope.parent(), engine.root()}, in, now).time;
        if (left && job.deadline != time_point::max() && job.deadline > now) left = std::min(*left, job.deadline - now);
        return left;
    }
};

}  // namespace batchpace::engine
