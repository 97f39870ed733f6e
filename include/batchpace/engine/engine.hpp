// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/engine/actions.hpp>
#include <batchpace/engine/batching.hpp>
#include <batchpace/engine/item_verdict.hpp>
#include <batchpace/engine/job.hpp>
#include <batchpace/engine/lane_slot.hpp>
#include <batchpace/engine/registry.hpp>
#include <batchpace/engine/scheduler.hpp>
#include <batchpace/engine/scope.hpp>
#include <batchpace/engine/stall_watch.hpp>
#include <batchpace/engine/tenants.hpp>
#include <batchpace/engine/watchdog.hpp>
#include <batchpace/event.hpp>
#include <batchpace/failure.hpp>
#include <batchpace/job_update.hpp>
#include <batchpace/policy/circuit_breaker.hpp>
#include <batchpace/policy/detail/saturated.hpp>
#include <batchpace/policy/pace.hpp>
#include <batchpace/policy/random.hpp>
#include <batchpace/policy/retry_budget.hpp>
#include <batchpace/processor_metrics.hpp>
#include <batchpace/processor_options.hpp>
#include <batchpace/processor_stats.hpp>
#include <batchpace/time.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace batchpace::engine {

/// Every decision of a processor, and no I/O: the driver tells it what happened and when, and does what it answers
/// (`Actions`, `next_time`). All of it is called under the processor's one mutex; `now` never goes back.
class Engine {
public:
    static constexpr std::uint64_t chunk = 1'024;  ///< the least that `chunk_size` is
    using Retry = std::function<std::optional<duration>(Failure const&, int, Random&)>;

    Engine(ProcessorOptions const& options, std::unique_ptr<AnyLimiter> limiter, Retry retry, std::uint64_t seed)
        : options_{options}, retry_{std::move(retry)}, random_{seed} {
        root_.limiter = std::move(limiter);
        if (options_.max_in_flight) root_.cap = *options_.max_in_flight;
        if (options_.tier) limit(root_, *options_.tier);
    }

    Actions actions;
    std::vector<Event> events;  ///< for the host's log, where it wants one
    bool wants_events = false;
    bool wants_stalls = false;  ///< a job that has stalled is told (`actions.stalled`)
    ProcessorStats stats;
    ProcessorMetrics counted;   ///< what is counted on the way and is not in `stats`; `MetricsReading` adds the rest
    Registry registry;
    std::optional<RetryBudget> retry_budget;  ///< where the host wants one

    /// Before the first start.
    void use(CircuitBreaker breaker) {
        breaker_.emplace(std::move(breaker));
        root_.use(*breaker_);
    }

    /// Before the first start: calls take several items.
    void use(Batching const& batching) {
        batching_ = batching;
        if (batching.cost_per_item) root_.most_cost = static_cast<int>(batching.most);
    }
    /// Items asked of a source at once.
    std::uint64_t chunk_size() const noexcept { return batching_ ? std::max(chunk, 2 * batching_->most) : chunk; }

    // ---- time -------------------------------------------------------------------------------------------------

    /// What the wall clock said at `now`; everything between is reckoned from it.
    void set_wall(time_point now, wall_time wall) noexcept {
        wall_from_ = now;
        wall_ = wall;
    }
    /// `wall_time::max()` where that is beyond it: who was told to come back in a thousand years.
    wall_time wall(time_point at) const noexcept {
        auto const since = std::chrono::duration_cast<wall_time::duration>(at - wall_from_);
        return since > wall_time::max() - wall_ ? wall_time::max() : wall_ + since;
    }
    /// Never goes back, also where threads read the clock in another order than they took the mutex.
    time_point advance(time_point clock) noexcept { return now_ = std::max(now_, clock); }

    /// When `tick` must be called next if nothing else happens; time_point::max(): not at all.
    time_point next_time() const noexcept {
        auto next = std::min({next_watch_, scheduler_.next_time(), stalls_.next()});
        if (!deadlines_.empty()) next = std::min(next, deadlines_.begin()->first);
        return registry.active() == 0 && lanes_.empty() ? time_point::max() : next;
    }

    /// A time has come: deadlines, the watchdog, limits that open, retries that are due.
    void tick(time_point now) {
        while (!deadlines_.empty() && deadlines_.begin()->first <= now)
            stop(*deadlines_.begin()->second, StopReason::deadline, now);
        if (next_watch_ <= now) watch(now);
        pump(now);
        while (auto* job = stalls_.due(now)) look_for_stall(*job, now);  // after it: what can start is no stall
    }

    // ---- jobs -------------------------------------------------------------------------------------------------

    Scope& root() noexcept { return root_; }
    Scope const& root() const noexcept { return root_; }

    /// The scope of a tenant, made where there is none yet.
    Scope& tenant(std::string_view name, std::optional<Tier> tier, time_point now) {
        return tenants_.get(name, now, [&](Scope& scope) {
            scope.most_cost = root_.most_cost;
            if (tier) limit(scope, *tier);
        });
    }

    /// The scope of a tenant where there is one, else nullptr.
    Scope* find_tenant(std::string_view name) noexcept { return tenants_.find(name); }
    Scope const* find_tenant(std::string_view name) const noexcept { return tenants_.find(name); }

    void set_tier(std::string_view name, Tier const& tier, time_point now) {
        auto& scope = tenant(name, {}, now);
        scope.told = true;
        scope.cap = 0;
        limit(scope, tier);
        if (tier.per_minute <= 0) scope.rate.reset();
        reconsider(scope, now);
    }

    void add(std::shared_ptr<Job> job, time_point now) {
        job->created = job->last_progress = now;
        if (batching_) job->batches.emplace(*batching_).fresh_since = now;
        job->scope.most_cost = root_.most_cost;
        job->created_at = wall(now);
        if (job->options.rate_limit_per_minute) set_rate(job->scope, *job->options.rate_limit_per_minute);
        Scheduler::attach(job->scope);
        ++stats.jobs_started;
        registry.add(std::move(job));
    }

    /// The job may start attempts from now on.
    void accept(Job& job, time_point now) {
        job.accepted = true;
        if (job.options.deadline) {
            job.deadline = detail::saturated_add(now, *job.options.deadline);
            if (job.deadline != time_point::max()) deadlines_.emplace(job.deadline, &job);
        }
        if (wants_stalls) watch_for_stall(job);
        ask_source(job);
        refresh(job);
        pump(now);
    }

    /// Ends the job before its time: nothing more is handed out, running attempts are asked to stop.
    void stop(Job& job, StopReason reason, time_point now) {
        if (job.stopping()) return;
        job.stop_reason = reason;
        job.status = reason == StopReason::cancelled || reason == StopReason::shut_down ? JobStatus::cancelled
                                                                                       : JobStatus::failed;
        if (job.deadline != time_point::max()) deadlines_.erase({job.deadline, &job});
        stalls_.forget(job);
        for (auto* slot : job.lanes) {
            job.take_back(*slot);
            if (slot->state == LaneSlot::State::claimed && slot->word.load().in_flight()) ask_to_stop(*slot, now);
        }
        if (auto const paid = job.drop_unclaimed(); paid > 0 && retry_budget) retry_budget->give_back(now, paid);
        refresh(job);
        actions.changed.push_back(&job);
        finish_if_done(job, now);
    }

    bool cancel(Job& job, time_point now) {
        if (job.stopping()) return false;
        stop(job, StopReason::cancelled, now);
        pump(now);
        return true;
    }

    bool pause(Job& job, bool paused, time_point now) {
        if (job.stopping()) return false;
        if (job.scope.paused == paused) return true;
        ++job.changes;
        actions.changed.push_back(&job);
        pause(job.scope, paused, now);
        return true;
    }
    /// A tenant, or the processor: nothing below it starts until it is resumed. The versions of the jobs below stay, as
    /// with `set_tier`: to change them all would cost a visit of each.
    void pause(Scope& scope, bool paused, time_point now) {
        if (scope.paused == paused) return;
        scope.paused = paused;
        if (!paused) {
            scope.awake_since = now;
            for (auto* job : stalls_.asleep()) watch_for_stall(*job);
        }
        reconsider(scope, now);
    }

    bool update(Job& job, JobUpdate const& change, time_point now) {
        if (job.stopping()) return false;
        if (change.concurrency) job.scope.cap = *change.concurrency;
        if (change.priority) job.scope.weight = *change.priority;
        if (change.rate_limit_per_minute) set_rate(job.scope, *change.rate_limit_per_minute);
        shares_changed(job.scope, now);
        ++job.changes;
        actions.changed.push_back(&job);
        reconsider(job.scope, now);
        return true;
    }

    /// Forbids or allows direct mode; what the job does stays the same (the simulation flips it at random).
    void set_admitted_only(Job& job, bool on, time_point now) {
        job.admitted_only = on;
        if (!job.finished_at) reconsider(job.scope, now);  // after that its tenant may be gone
    }

    /// Chunks of the source: `count` more items are there, or it has ended (`error`: badly).
    void source_gave(Job& job, std::uint64_t count, bool ended, std::string error, time_point now) {
        job.refilling = false;
        if (job.stopping()) return;
        if (job.batches && job.unclaimed() == 0) job.batches->fresh_since = now;
        if (count > 0) job.append(count);
        if (error.empty() && ended && job.expected() && *job.expected() != job.known())
            error = "the item source gave " + std::to_string(job.known()) + " items, not the " +
                    std::to_string(*job.expected()) + " it had promised";
        if (error.empty() && job.expected() && job.known() > *job.expected())
            error = "the item source gave more than the " + std::to_string(*job.expected()) + " items it had promised";
        if (!error.empty()) {
            job.source_error.emplace(std::move(error));
            stop(job, StopReason::source, now);
        } else {
            if (ended) job.close_source();
            progress_made(job, now);
            ask_source(job);
            refresh(job);
        }
        pump(now);
    }

    // ---- lanes ------------------------------------------------------------------------------------------------

    /// The lane is back on its executor: its last block is settled, and it gets the next one. False: it has left.
    bool claim(LaneSlot& slot, time_point now) {
        auto& job = *slot.job;
        if (slot.state == LaneSlot::State::claimed) {
            settle(slot, now);
            if (direct(job, now) && job.scope.engaged() <= job.scope.cap) {
                // A call that is not full may have to wait for more items.
                if ((!job.batches || job.wish() <= now) && take(slot, now, most_items(job, slot, now, false))) {
                    handed_out(slot, now);
                    return true;
                }
                leave(slot, false, now);
                return false;
            }
            // Admitted mode: the place goes back, and whoever's turn it is gets it; perhaps this lane again.
            Scheduler::release(job.scope, false);
            slot.state = LaneSlot::State::left;
            refresh(job);
            pump(now, &slot);
            if (slot.state == LaneSlot::State::left) {
                forget(slot);
                return false;
            }
        } else {
            enter(slot, now);
        }
        auto const limited = !direct(job, now);
        // A call's cost is known when its items are; a single item's is 1, and costs nothing to give back.
        auto const open = Scheduler::still_open(job.scope, now, limited);
        if (!open || !take(slot, now, most_items(job, slot, now, limited))) {
            Scheduler::turn_unused(job.scope);
            leave(slot, true, now);
            return false;
        }
        auto const cost = limited && cost_per_item() ? slot.block.size() : 1;
        auto const permit = Scheduler::stamp(job.scope, now, limited, static_cast<std::size_t>(cost));
        if (!permit) {
            job.settle(slot, now);
            leave(slot, false, now);
            return false;
        }
        if (limited) {
            count_permits(job.scope, &ProcessorMetrics::Permits::used, *permit);
            slot.permit = permit;
        }
        handed_out(slot, now);
        return true;
    }

    /// The attempt in flight in `slot` has failed. True: the lane goes on with its block.
    bool attempt_failed(LaneSlot& slot, Failure const& failure, time_point now) {
        auto& job = *slot.job;
        if (slot.state == LaneSlot::State::abandoned) return false;
        auto const items_so_far = slot.word.load().started() - slot.base;
        auto const index = job.end_unsuccessful(slot);
        ++stats.attempts_failed;
        count_failure(slot, failure);
        if (!job.stopping()) judge(failure, now);
        conclude(job, index, slot.attempt_number, slot.throttles, as_seen(slot, failure),
                 (now - slot.claimed_at) / static_cast<duration::rep>(items_so_far), now);
        refresh(job);
        pump(now);
        return !failure.asks_to_wait();
    }

    /// A batched call has come back with these failures: of which places, in order. The other items have succeeded.
    /// False: it was abandoned meanwhile.
    bool batch_ended(LaneSlot& slot, std::vector<std::pair<std::uint64_t, Failure>> const& failures, time_point now) {
        if (slot.state == LaneSlot::State::abandoned) return false;
        auto& job = *slot.job;
        auto const took = now - slot.claimed_at;
        for (auto const& [place, failure] : failures) slot.batch[static_cast<std::size_t>(place)].failed = true;
        job.end_unsuccessful_batch(slot);
        stats.attempts_failed += failures.size();
        for (auto const& [place, failure] : failures) {
            auto const& item = slot.batch[static_cast<std::size_t>(place)];
            count_failure(slot, failure);
            if (!job.stopping()) judge(failure, now);
            conclude(job, item.index, item.attempt_number, item.throttles, as_seen(slot, failure), took, now);
        }
        refresh(job);
        pump(now);
        return true;
    }

    /// A batched call has failed as a whole: nobody knows whose fault it was. False: it was abandoned meanwhile.
    bool batch_failed(LaneSlot& slot, Failure const& failure, time_point now) {
        if (slot.state == LaneSlot::State::abandoned) return false;
        auto& job = *slot.job;
        auto const took = now - slot.claimed_at;
        for (auto& item : slot.batch) item.failed = true;
        job.end_unsuccessful_batch(slot);
        count_failure(slot, failure, slot.batch.size());
        conclude_batch(job, slot.batch, as_seen(slot, failure), took, now);
        refresh(job);
        pump(now);
        return true;
    }

    /// An abandoned attempt has come back after all.
    void late_answer(LaneSlot& slot, time_point now) {
        ++stats.late_answers;
        gone(slot, now);
    }

    /// An abandoned lane is gone, with or without an answer.
    void gone(LaneSlot& slot, time_point now) {
        auto& job = *slot.job;
        job.abandoned_now -= slot.abandoned_items;
        --stats.abandoned;
        ++job.changes;
        slot.state = LaneSlot::State::left;
        if (root_.barred && stats.abandoned < max_abandoned()) {
            root_.barred = false;
            pump(now);
        }
    }

    /// The driver's lane is destroyed without having come back: its loop is gone. Nothing may dangle.
    void lost(LaneSlot& slot, time_point now) {
        auto& job = *slot.job;
        switch (slot.state) {
            case LaneSlot::State::left: return;
            case LaneSlot::State::abandoned: gone(slot, now); return;
            case LaneSlot::State::granted:
                Scheduler::release(job.scope, true);
                slot.state = LaneSlot::State::left;
                break;
            case LaneSlot::State::claimed:
                if (slot.word.load().in_flight()) {
                    std::vector<BatchItem> items;
                    if (slot.batched()) {
                        for (auto& item : slot.batch) item.failed = true;
                        items = slot.batch;
                        job.end_unsuccessful_batch(slot);
                    } else {
                        items = {{job.end_unsuccessful(slot), slot.attempt_number, slot.throttles}};
                    }
                    for (auto const& item : items) {
                        if (job.stopping())
                            job.items_cancelled({item.index, item.index + 1}, item.attempt_number);
                        else
                            job.retry({now, item.index, item.attempt_number, item.throttles, false, item.group});
                    }
                }
                if (slot.ended_at < slot.claimed_at) slot.ended_at = now;  // it had not noted an end
                settle(slot, now);
                Scheduler::release(job.scope, false);
                slot.state = LaneSlot::State::left;
                forget(slot);
                break;
        }
        refresh(job);
        scheduler_.ask_again(now);  // not at once: a launch that fails may be what brought us here
    }

    // ---- the whole --------------------------------------------------------------------------------------------

    bool shutting_down() const noexcept { return shutting_down_; }
    void begin_shutdown() noexcept { shutting_down_ = true; }
    void stop_all(StopReason reason, time_point now) {
        std::vector<Job*> active;
        registry.newest_first([&](Job& job) {
            if (!job.stopping()) active.push_back(&job);
            return true;
        });
        for (auto* job : active) stop(*job, reason, now);
    }

    /// True where the job, its tenant or the processor is paused.
    bool paused(Job const& job) const noexcept {
        for (auto const* s = &job.scope; s != nullptr; s = s->parent())
            if (s->paused) return true;
        return false;
    }
    /// True when no item has ended for `stalled_after`, and neither a pause nor a time that is known holds the job up.
    bool stalled(Job const& job, time_point now) const {
        return now - quiet_since(job) >= job.options.stalled_after && !paused(job) && !waits_until(job, now);
    }
    std::optional<CircuitBreaker> const& circuit_breaker() const noexcept { return breaker_; }
    Scheduler const& scheduler() const noexcept { return scheduler_; }

    /// Items that go into what a limit counts as one call.
    double items_per_call() const noexcept {
        return batching_ && !batching_->cost_per_item ? static_cast<double>(batching_->most) : 1.0;
    }
    /// Of so many calls that may still be made, how many a limit would count.
    std::uint64_t charged(std::uint64_t calls) const noexcept {
        if (!batching_ || !batching_->cost_per_item) return calls;
        return calls > UINT64_MAX / batching_->most ? UINT64_MAX : calls * batching_->most;
    }

    std::uint64_t in_flight() const noexcept {
        std::uint64_t sum = 0;
        for (auto const* slot : lanes_) sum += slot->word.load().in_flight() ? 1U : 0U;
        return sum;
    }
    std::vector<LaneSlot*> const& lanes() const noexcept { return lanes_; }
    ProcessorOptions const& options() const noexcept { return options_; }
    /// How long calls take up a lane, over all jobs.
    Pace const& pace() const noexcept { return pace_; }
    bool direct(Job const& job, time_point now) const noexcept {
        if (job.admitted_only) return false;
        for (auto const* s = &job.scope; s != nullptr; s = s->parent())
            if (!s->free(now)) return false;
        return true;
    }

private:
    static constexpr auto minute = std::chrono::minutes{1};

    void limit(Scope& scope, Tier const& tier) {
        if (tier.max_concurrency > 0) scope.cap = scope.cap > 0 ? std::min(scope.cap, tier.max_concurrency) : tier.max_concurrency;
        if (tier.per_minute > 0) set_rate(scope, tier.per_minute);
    }

    void set_rate(Scope& scope, int per_minute) {
        if (per_minute <= 0)
            scope.rate.reset();
        else if (scope.rate)
            scope.rate->set_limit(per_minute);
        else
            scope.rate.emplace(per_minute, minute, options_.guard_band);
    }

    // A limit, cap or pause has changed: lanes below leave their blocks and ask again, under the new rules.
    void reconsider(Scope& scope, time_point now) {
        close_lanes(scope);
        if (scope.job() != nullptr) refresh(*scope.job());
        Scheduler::activate(scope);
        pump(now);
    }

    void close_lanes(Scope const& scope) {
        for (auto* slot : lanes_)
            if (scope.contains(slot->job->scope) && slot->job->take_back(*slot)) refresh(*slot->job);
    }

    std::uint64_t max_abandoned() const noexcept {
        return static_cast<std::uint64_t>(options_.max_abandoned.value_or(options_.max_in_flight.value_or(64)));
    }

    void refresh(Job& job) noexcept {
        if (!job.finished_at) Scheduler::set_wish(job.scope, job.wish());
    }

    // Wakes a lane for every start that is admitted now; `self` may be one of them instead of a new lane.
    void pump(time_point now, LaneSlot* self = nullptr) {
        while (auto* leaf = scheduler_.pick(now)) {
            auto& job = *leaf->job();
            if (self != nullptr && self->job == &job && self->state == LaneSlot::State::left)
                self->state = LaneSlot::State::granted;
            else
                actions.wakes.push_back(&job);
            refresh(job);
        }
    }

    void enter(LaneSlot& slot, time_point now) {
        slot.live_index = lanes_.size();
        lanes_.push_back(&slot);
        slot.job_index = slot.job->lanes.size();
        slot.job->lanes.push_back(&slot);
        next_watch_ = std::min(next_watch_, now + Watchdog::tick(slot.job->options.attempt_timeout));
    }

    static void unlink(std::vector<LaneSlot*>& list, LaneSlot& slot, std::size_t LaneSlot::*index) noexcept {
        list[slot.*index] = list.back();
        list[slot.*index]->*index = slot.*index;
        list.pop_back();
    }

    void forget(LaneSlot& slot) noexcept {
        unlink(lanes_, slot, &LaneSlot::live_index);
        unlink(slot.job->lanes, slot, &LaneSlot::job_index);
        if (lanes_.empty()) next_watch_ = time_point::max();
    }

    void leave(LaneSlot& slot, bool pending, time_point now) {
        Scheduler::release(slot.job->scope, pending);
        slot.state = LaneSlot::State::left;
        forget(slot);
        refresh(*slot.job);
        pump(now);
    }

    bool cost_per_item() const noexcept { return batching_ && batching_->cost_per_item; }

    // How many items the lane may take now: in a call where calls take several, else in a burst.
    std::uint64_t most_items(Job const& job, LaneSlot const& slot, time_point now, bool limited) const {
        if (batching_ && batching_->cost_per_item && limited)
            return Scheduler::admissible(job.scope, now, batching_->most);
        if (batching_) return batching_->most;
        return limited ? 1 : job.share(slot.burst.size());
    }

    bool take(LaneSlot& slot, time_point now, std::uint64_t most) {
        auto& job = *slot.job;
        slot.permit.reset();
        if (!job.claim(slot, now, most)) {
            // Nobody sits on unstarted items while another lane has nothing to do.
            bool any = false;
            if (!job.stopping() && job.unclaimed() == 0)
                for (auto* other : job.lanes) any = (other != &slot && job.take_back(*other)) || any;
            if (!any || !job.claim(slot, now, most)) return false;
        }
        if (slot.stop_asked) slot.burst.reset();
        return true;
    }

    // What follows from a block that a lane has got for good.
    void handed_out(LaneSlot const& slot, time_point now) {
        auto& job = *slot.job;
        if (job.status == JobStatus::pending) {
            job.status = JobStatus::processing;
            job.started = now;
            job.started_at = wall(now);
            ++job.changes;
            report(Event::Type::started, job, now);
            actions.changed.push_back(&job);
        }
        ask_source(job);
        refresh(job);
        pump(now);
    }

    void ask_source(Job& job) {
        if (job.refilling || !job.wanted(chunk_size())) return;
        job.refilling = true;
        actions.refills.push_back(&job);
    }

    void settle(LaneSlot& slot, time_point now) {
        auto& job = *slot.job;
        if (slot.permit && slot.word.load().started() == slot.base) {
            give_back(job.scope, *slot.permit);  // closed between the claim and the call
            slot.permit.reset();
        }
        auto const before = job.ledger.successful();
        auto const calls_at_once = slot.batched();
        occupied(job, calls_of(slot, slot.word.load().ended(slot.width) - slot.base), now - slot.claimed_at);
        if (auto const measured = job.settle(slot, slot.ended_at); measured > 0) {
            auto const took = slot.ended_at - slot.claimed_at;
            counted.attempt_duration.record(calls_at_once ? took : took / static_cast<duration::rep>(measured), measured);
        }
        auto const good = job.ledger.successful() - before;
        credit(good, calls_at_once ? 1 : good, now);
        progress_made(job, now);
    }

    void progress_made(Job& job, time_point now) {
        if (job.total_known() && job.ledger.milestone_due(job.total())) {
            ++job.changes;  // so that who has seen everything but the milestone is told of it
            job.ledger.pass_milestones(job.total(), job.count().version, wall(now));
        }
        actions.changed.push_back(&job);
        if (StallWatch::over(job)) watch_for_stall(job);
        finish_if_done(job, now);
    }

    void finish_if_done(Job& job, time_point now) {
        if (job.finished_at || job.live() > 0) return;
        if (!job.stopping()) {
            if (job.accepted && job.all_processed())
                job.status = job.ledger.successful() > 0 ? JobStatus::completed : JobStatus::failed;
            else if (job.accepted && job.calls_used_up())
                return stop(job, StopReason::calls, now);
            else
                return;
            if (job.deadline != time_point::max()) deadlines_.erase({job.deadline, &job});
        }
        stalls_.forget(job);
        job.finished = now;
        job.finished_at = wall(now);
        ++job.changes;
        stats.cancelled += job.total() - job.ledger.processed();
        Scheduler::detach(job.scope);
        shares_changed(job.scope, now);
        registry.finished(job);
        actions.ended.push_back(&job);
        report(Event::Type::finished, job, now, {}, to_string(job.status));
    }

    void report(Event::Type type, Job const& job, time_point now, std::optional<std::uint64_t> item = {},
                std::string_view text = {}) {
        if (!wants_events) return;
        auto& event = events.emplace_back(type, job.id, wall(now));
        event.item = item;
        event.text = text;
    }

    // So many items have ended well, in so many calls that were answered.
    void credit(std::uint64_t good, std::uint64_t calls, time_point now) {
        stats.successful += good;
        if (good > 0 && retry_budget) retry_budget->succeeded(now, good);
        if (good > 0 && breaker_) breaker_->succeeded(now, calls);
    }

    // How the others shared with this one says nothing any more, unless it had but little of it.
    void shares_changed(Scope& scope, time_point now) noexcept {
        auto const lately = StartLog::minutes(now, time_point::min());
        auto const own = scope.starts ? scope.starts->count(*lately) : 0;
        for (auto* s = &scope; s != nullptr; s = s->parent())
            if (s->starts && 20 * own >= s->starts->count(*lately)) s->starts->forget(now);
    }

    // What of `items` a lane has called counts as calls: what limits charge for, and estimates reckon in.
    std::uint64_t calls_of(LaneSlot const& slot, std::uint64_t items) const noexcept {
        return slot.batched() && !batching_->cost_per_item ? std::min<std::uint64_t>(items, 1) : items;
    }

    // A lane was taken up so long by so many calls, its way back included: what the estimates rest on.
    void occupied(Job& job, std::uint64_t calls, duration took) {
        job.pace.made().record(calls, took);
        pace_.record(calls, took);
    }

    // What a failure says about the service, to the circuit breaker.
    void judge(Failure const& failure, time_point now) {
        if (!breaker_ || failure.asks_to_wait()) return;  // which has its own way of waiting
        if (failure.kind() == FailureKind::permanent)
            breaker_->succeeded(now, 1);  // it was answered: the item's fault
        else if (breaker_->failed(now))
            close_lanes(root_);
    }

    // What the host's policy says; one that throws has given the item up.
    std::optional<duration> next_delay(Failure const& failure, int number) {
        if (failure.kind() == FailureKind::permanent) return std::nullopt;
        try {
            return retry_(failure, number, random_);
        } catch (...) {
            ++stats.hook_exceptions;
            return std::nullopt;
        }
    }

    // What an attempt says that was asked to stop is as a rule only that it was.
    static bool too_late(LaneSlot const& slot, Failure const& failure) noexcept {
        return slot.stop_asked && failure.kind() == FailureKind::transient;
    }
    static Failure as_seen(LaneSlot const& slot, Failure const& failure) {
        if (too_late(slot, failure)) return Failure::timed_out("the attempt's time-out passed: " + failure.message());
        return failure;
    }

    // A call that failed as a whole: it is halved until the item whose fault it was is alone, and then it is that one's.
    // Each of these calls is an attempt of its items, but nobody is given up for being in bad company.
    void conclude_batch(Job& job, std::vector<BatchItem> const& items, Failure const& failure, duration took,
                        time_point now) {
        if (!job.stopping()) judge(failure, now);
        stats.attempts_failed += items.size();
        auto const free_of_charge = [&](BatchItem const& item) { return item.throttles < options_.max_throttles; };
        auto const turned_away = failure.asks_to_wait() && std::all_of(items.begin(), items.end(), free_of_charge) &&
                                 next_delay(failure, items.front().attempt_number);
        if (job.stopping() || turned_away || items.size() == 1) {
            for (auto const& item : items)
                conclude(job, item.index, item.attempt_number, item.throttles, failure, took, now,
                         items.size() == 1 && job.most_a_call() > 1 ? job.new_group() : 0);
            return;
        }
        if (failure.asks_to_wait())
            close(scope_of(job, failure.scope()),
                  later_by_chance(detail::saturated_add(now, failure.retry_after().value_or(duration::zero())), now), now);
        auto const delay = std::max(next_delay(failure, items.front().attempt_number).value_or(duration::zero()),
                                    failure.retry_after().value_or(duration::zero()));
        report(Event::Type::retry, job, now, items.front().index, failure.message());
        auto due = detail::saturated_add(now, std::max(duration::zero(), delay));
        auto const paid = retry_budget.has_value() && failure.kind() != FailureKind::permanent;
        if (paid)
            for (auto i = items.size(); i > 0; --i) due = std::max(due, retry_budget->reserve(now));
        counted.retries += items.size();
        auto const half = (items.size() + 1) / 2;
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < items.size(); ++i) {
            if (i % half == 0) group = job.new_group();
            auto const& item = items[i];
            job.retry({due, item.index, std::min(item.attempt_number + 1, job.options.max_attempts), item.throttles, paid, group});
        }
        actions.changed.push_back(&job);
    }

    // What becomes of an item whose attempt has failed: another attempt, or its end.
    void conclude(Job& job, std::uint64_t index, int number, int throttles, Failure const& failure, duration took,
                  time_point now, std::uint32_t group = 0) {
        auto const delay = job.stopping() ? std::nullopt : next_delay(failure, number);
        auto const verdict = ItemVerdict::of(failure, number, throttles, delay, job.options.max_attempts,
                                             options_.max_throttles, now);
        // The service may have asked more than this job, so also where that is stopping.
        if (verdict.close_until) close(scope_of(job, failure.scope()), later_by_chance(*verdict.close_until, now), now);
        if (job.stopping()) {
            job.items_cancelled({index, index + 1}, number);
            return;
        }
        if (verdict.retry_at) {
            // What was turned away free of charge is no load to the service, and the whole processor waits for it.
            auto const paid = retry_budget && verdict.attempt_number > number;
            auto const paid_for = paid ? retry_budget->reserve(now) : now;
            report(failure.asks_to_wait() ? Event::Type::throttled : Event::Type::retry, job, now, index, failure.message());
            ++counted.retries;
            job.retry({std::max(*verdict.retry_at, paid_for), index, verdict.attempt_number, verdict.throttles, paid, group});
            actions.changed.push_back(&job);
            return;
        }
        ++stats.failed;
        job.fail(index, {job.item_id(index), failure.message(), number, failure.kind(), wall(now)}, took, now);
        auto const& o = job.options;
        auto const failed = job.ledger.failed();
        if (o.stop_after_failures && failed >= static_cast<std::uint64_t>(*o.stop_after_failures))
            stop(job, StopReason::failures, now);
        else if (auto const processed = job.count().successful + failed;
                 o.stop_at_failure_rate && processed >= 20 &&
                 static_cast<double>(failed) >= *o.stop_at_failure_rate * static_cast<double>(processed))
            stop(job, StopReason::failure_rate, now);
        progress_made(job, now);
    }

    Scope& scope_of(Job& job, WaitingFor::Scope level) noexcept {
        switch (level) {
            case WaitingFor::Scope::processor: break;
            case WaitingFor::Scope::tenant: return *job.scope.parent();
            case WaitingFor::Scope::job: return job.scope;
        }
        return root_;
    }

    // Up to a tenth of the wait on top, 10 s at the most: those who were turned away together do not come back together.
    time_point later_by_chance(time_point until, time_point now) noexcept {
        if (until <= now) return until;
        auto const most = std::min<duration>((until - now) / 10, std::chrono::seconds{10});
        return detail::saturated_add(until, random_.below(most + duration{1}));
    }

    // The service asked to be left alone: nothing below `scope` starts before `until`.
    void close(Scope& scope, time_point until, time_point now) {
        if (until <= std::max(scope.closed_until, now)) return;
        scope.closed_until = until;
        if (scope.limiter) scope.limiter->on_throttled(now, until);
        close_lanes(scope);
    }

    // ---- what is counted for metrics --------------------------------------------------------------------------

    void count_failure(LaneSlot const& slot, Failure const& failure, std::uint64_t items = 1) noexcept {
        auto& a = counted.attempts;
        if (too_late(slot, failure)) {
            (slot.job->stopping() ? a.stopped : a.timed_out) += items;
            return;
        }
        switch (failure.kind()) {
            case FailureKind::transient: a.transient += items; break;
            case FailureKind::permanent: a.permanent += items; break;
            case FailureKind::throttled: a.throttled += items; break;
            case FailureKind::timed_out: a.timed_out += items; break;
        }
    }
    void count_permits(Scope const& leaf, std::uint64_t ProcessorMetrics::Permits::*what, Permit permit) noexcept {
        for (auto const* s = &leaf; s != nullptr; s = s->parent())
            if (s->rate || s->limiter) counted.permits[s->level()].*what += permit.cost;
    }
    void give_back(Scope& leaf, Permit permit) {
        Scheduler::give_back(leaf, permit);
        count_permits(leaf, &ProcessorMetrics::Permits::given_back, permit);
    }

    // ---- stalls -----------------------------------------------------------------------------------------------

    // Since when nothing of the job has ended, though it could: what it spent paused does not count.
    static time_point quiet_since(Job const& job) noexcept {
        auto since = job.last_progress;
        for (auto const* s = &job.scope; s != nullptr; s = s->parent()) since = std::max(since, s->awake_since);
        return since;
    }

    // Until when it waits, where the clock says so: for a backoff, or for a limit that opens. `now` where that is over
    // and a lane is on its way.
    static std::optional<time_point> waits_until(Job const& job, time_point now) {
        if (job.scope.pending() > 0) return now;
        if (auto const until = job.lingers_until(now)) return until;
        auto const count = job.count();
        auto const nothing_waits = job.total() == count.running + count.successful + job.ledger.failed();
        if (nothing_waits && job.total_known()) return std::nullopt;
        if (job.unclaimed() == 0 && count.running == 0) {
            if (job.next_due() > now && job.next_due() != time_point::max()) return job.next_due();
            if (job.source_open()) return std::nullopt;
        }
        auto const refusal = Scheduler::refusal(job.scope, now);
        return refusal ? refusal->until : std::nullopt;
    }

    static time_point stall_due(Job const& job) noexcept {
        return detail::saturated_add(quiet_since(job), job.options.stalled_after);
    }
    void watch_for_stall(Job& job) { stalls_.set(job, stall_due(job)); }

    // At a tick: tells of a stall, or finds out when to look again.
    void look_for_stall(Job& job, time_point now) {
        if (stall_due(job) > now) {
            watch_for_stall(job);
        } else if (paused(job)) {
            stalls_.set(job, time_point::max());
        } else if (auto const until = waits_until(job, now)) {
            job.scope.awake_since = *until;
            watch_for_stall(job);
        } else {
            stalls_.told(job);
            actions.stalled.push_back(&job);
        }
    }

    // ---- the watchdog -----------------------------------------------------------------------------------------

    void watch(time_point now) {
        next_watch_ = time_point::max();
        auto const watched = lanes_;  // abandoning changes the list
        for (auto* slot : watched) {
            next_watch_ = std::min(next_watch_, now + Watchdog::tick(slot->job->options.attempt_timeout));
            if (slot->state == LaneSlot::State::claimed) watch(*slot, now);
        }
        if (lanes_.empty()) next_watch_ = time_point::max();
    }

    void watch(LaneSlot& slot, time_point now) {
        auto& job = *slot.job;
        auto const word = slot.word.load();
        if (!word.in_flight()) return;
        auto const verdict =
            Watchdog::look(slot, word, job.options.attempt_timeout, options_.abandon_grace, now);
        if (verdict.take_back) {
            job.flush(slot, word.ended(slot.width) - slot.base, now);
            job.take_back(slot);
            slot.burst.reset();
            refresh(job);
        }
        if (verdict.ask_to_stop) ask_to_stop(slot, now);
        if (verdict.abandon) abandon(slot, word.started(), now);
    }

    void ask_to_stop(LaneSlot& slot, time_point now) {
        if (slot.stop_asked) return;
        slot.job->take_back(slot);
        auto const word = slot.word.load();
        if (!word.in_flight()) return;
        slot.stop_asked = true;
        slot.stop_asked_at = now;
        actions.stops.push_back({&slot, word.started()});
    }

    void abandon(LaneSlot& slot, std::uint64_t sequence, time_point now) {
        auto& job = *slot.job;
        if (!slot.word.abandon(sequence)) return;  // it has just come back
        auto const before = job.ledger.successful();
        auto const took = now - slot.seen_at;
        occupied(job, calls_of(slot, slot.width), took);
        auto const items = job.end_abandoned(slot, now);
        slot.abandoned_items = items.size();
        auto const good = job.ledger.successful() - before;
        credit(good, good, now);
        counted.attempts.abandoned += items.size();
        ++stats.abandoned;
        ++stats.abandoned_ever;
        slot.state = LaneSlot::State::abandoned;
        report(Event::Type::abandoned, job, now, items.front().index);
        forget(slot);
        if (stats.abandoned >= max_abandoned()) {
            root_.barred = true;
            close_lanes(root_);
        }
        Scheduler::release(job.scope, false);
        auto const failure = Failure::timed_out("no answer within the time-out, and none within the grace after it");
        conclude_batch(job, items, failure, took, now);
        progress_made(job, now);
        refresh(job);
    }

    ProcessorOptions options_;
    Retry retry_;
    Random random_;
    Scope root_{Scope::Level::processor, nullptr};
    std::optional<CircuitBreaker> breaker_;
    std::optional<Batching> batching_;
    Tenants tenants_{root_};
    Scheduler scheduler_{root_};
    StallWatch stalls_;
    std::vector<LaneSlot*> lanes_;  // engaged, abandoned ones apart
    std::set<std::pair<time_point, Job*>> deadlines_;
    time_point next_watch_ = time_point::max();
    time_point now_ = time_point::min();
    time_point wall_from_{};
    wall_time wall_{};
    Pace pace_;
    bool shutting_down_ = false;
};

}  // namespace batchpace::engine
