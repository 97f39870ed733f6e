# SPDX-License-Identifier: BSL-1.0
#
# What is broken, and what the simulation must say about it. In the broken text BROKEN is true where the mutation is on.

# ---- G1: counts ----------------------------------------------------------------------------------------------------

mutation(failed_item_counts_as_success "G1: " engine/job.hpp
    "++slot.unsuccessful;"
    "if (!BROKEN) ++slot.unsuccessful;")
mutation(lane_is_counted_after_its_block "G1: |G10: " engine/job.hpp
    "slot.base = word.started();
        slot.block = {};"
    "if (!BROKEN) slot.base = word.started();
        slot.block = {};")

# ---- G2: concurrency -----------------------------------------------------------------------------------------------

mutation(direct_lanes_outlive_a_lowered_cap "G2: " engine/engine.hpp
    "if (direct(job, now) && job.scope.engaged() <= job.scope.cap)"
    "if (direct(job, now) && (BROKEN || job.scope.engaged() <= job.scope.cap))")
mutation(lowered_cap_is_not_looked_at_again "G2: " engine/scheduler.hpp
    "(s->cap == 0 || s->engaged_ <= s->cap)"
    "(BROKEN || s->cap == 0 || s->engaged_ <= s->cap)")

# ---- G3: rate ------------------------------------------------------------------------------------------------------

mutation(permit_of_a_call_is_given_back "G3: " engine/engine.hpp
    "if (slot.permit && slot.word.load().started() == slot.base)"
    "if (slot.permit && (BROKEN || slot.word.load().started() == slot.base))")
mutation(direct_mode_ignores_limits "G3: " engine/scope.hpp
    "return !rate && !limiter && (cap == 0"
    "return (BROKEN || (!rate && !limiter)) && (cap == 0")

# ---- G4: cancel ----------------------------------------------------------------------------------------------------

mutation(cancel_leaves_blocks_with_lanes "G4: " engine/engine.hpp
    "job.take_back(*slot);
            if (slot->state == LaneSlot::State::claimed && slot->word.load().in_flight()) ask_to_stop(*slot, now);"
    "if (!BROKEN) job.take_back(*slot);
            if (!BROKEN && slot->state == LaneSlot::State::claimed && slot->word.load().in_flight()) ask_to_stop(*slot, now);")
mutation(cancel_asks_nobody_to_stop "G4: |G5: abandoned, but not asked to stop" engine/engine.hpp
    "        slot.stop_asked_at = now;
        actions.stops.push_back"
    "        slot.stop_asked_at = now;
        if (!BROKEN || !slot.job->stopping()) actions.stops.push_back")

# ---- G5: never stuck -----------------------------------------------------------------------------------------------

mutation(watchdog_never_abandons "G5: " engine/watchdog.hpp
    "verdict.abandon = (slot.stop_asked"
    "verdict.abandon = !BROKEN && (slot.stop_asked")
mutation(time_out_is_forgotten "G5: " engine/watchdog.hpp
    "verdict.ask_to_stop = !slot.stop_asked"
    "verdict.ask_to_stop = !BROKEN && !slot.stop_asked")
mutation(freed_place_wakes_nobody "G5: " engine/scheduler.hpp
    "            if (was_pending) --s->pending_;
        }
        activate(leaf);"
    "            if (was_pending) --s->pending_;
        }
        if (!BROKEN) activate(leaf);")
mutation(max_abandoned_is_not_held "G5: " engine/engine.hpp
    "root_.barred = true;"
    "root_.barred = !BROKEN;")

# ---- G6: retries ---------------------------------------------------------------------------------------------------

mutation(one_attempt_too_many "G6: " engine/item_verdict.hpp
    "free_of_charge || number < max_attempts"
    "free_of_charge || number < max_attempts + (BROKEN ? 1 : 0)")
mutation(throttled_closes_nothing "G6: " engine/engine.hpp
    "if (verdict.close_until) close"
    "if (!BROKEN && verdict.close_until) close")
mutation(permanent_failures_are_retried "G6: " engine/engine.hpp
    "if (failure.kind() == FailureKind::permanent) return std::nullopt;"
    "if (!BROKEN && failure.kind() == FailureKind::permanent) return std::nullopt;")
mutation(any_number_may_wait_for_a_retry "G6: " engine/job.hpp
    "return taken >= max_retrying_ ? 0 : max_retrying_ - taken;"
    "return BROKEN ? UINT64_MAX : taken >= max_retrying_ ? 0 : max_retrying_ - taken;")

mutation(retry_budget_is_not_charged "G6: above the retry budget" engine/engine.hpp
    "std::max(*verdict.retry_at, paid_for)"
    "BROKEN ? *verdict.retry_at : std::max(*verdict.retry_at, paid_for)")
mutation(granted_start_ignores_the_breaker "G6: a call while the circuit breaker" engine/scope.hpp
    "most != 0 && engaged_ > most"
    "most != 0 && engaged_ > most && !BROKEN")

# ---- G7: fairness, and what tenants and their tiers may do ----------------------------------------------------------

mutation_noticed_by("[systems]" weights_are_ignored "G7: a job" engine/scheduler.hpp
    "child.deficit_ += child.weight;"
    "child.deficit_ += BROKEN ? 1 : child.weight;")
mutation_noticed_by("[systems]" one_child_keeps_its_turn "G7: " engine/scheduler.hpp
    "if (--child.deficit_ <= 0) scope.below_->ready"
    "if (--child.deficit_ <= 0 && !BROKEN) scope.below_->ready")
mutation_noticed_by("[fairness]" who_joins_is_next "a job is not passed over by a stream of those" engine/scheduler.hpp
    "child.next_->previous_ = &child;"
    "child.next_->previous_ = &child;
        if (BROKEN) parent.below_->ready = &child;")
mutation_noticed_by("[systems]" changed_priority_is_ignored "G7: a job" engine/engine.hpp
    "if (change.priority) job.scope.weight"
    "if (change.priority && !BROKEN) job.scope.weight")
mutation_noticed_by("[systems]" tenants_have_no_cap "G2: above the tenant's cap" engine/engine.hpp
    "if (tier.max_concurrency > 0) scope.cap"
    "if (tier.max_concurrency > 0 && !(BROKEN && scope.parent() != nullptr)) scope.cap")
mutation_noticed_by("[systems]" tenants_have_no_limit "G3: above the tenant's limit" engine/engine.hpp
    "if (tier.per_minute > 0) set_rate"
    "if (tier.per_minute > 0 && !(BROKEN && scope.parent() != nullptr)) set_rate")
mutation_noticed_by("[systems]" guard_band_is_ignored "G3: above the (tenant|job)'s limit|G3: above the processor's tier" engine/engine.hpp
    "scope.rate.emplace(per_minute, minute, options_.guard_band);"
    "scope.rate.emplace(per_minute, minute, BROKEN ? duration::zero() : options_.guard_band);")
mutation_noticed_by("[systems]" new_tier_is_for_new_jobs_only "G[23]: above the tenant's" engine/engine.hpp
    "scope.cap = 0;
        limit(scope, tier);"
    "if (BROKEN && scope.has_children()) return;
        scope.cap = 0;
        limit(scope, tier);")
mutation_noticed_by("[systems]" new_tier_wakes_nobody "G5: a job waits, and nothing is in its way" engine/engine.hpp
    "if (tier.per_minute <= 0) scope.rate.reset();
        reconsider(scope, now);"
    "if (tier.per_minute <= 0) scope.rate.reset();
        if (!BROKEN) reconsider(scope, now);")
mutation_noticed_by("[systems]" tenant_forgets_its_starts_by_leaving "G3: above the tenant's limit" engine/tenants.hpp
    "(scope.rate && scope.rate->used(now) > 0)"
    "(!BROKEN && scope.rate && scope.rate->used(now) > 0)")

# ---- batched calls -------------------------------------------------------------------------------------------------

mutation(halves_are_called_together "G6: a call is halved without end" engine/due_queue.hpp
    "waiting_->heap.front().group != group"
    "(!BROKEN && waiting_->heap.front().group != group)")
mutation(batch_is_charged_as_one_item "G3: " engine/engine.hpp
    "limited && cost_per_item() ? slot.block.size() : 1"
    "limited && cost_per_item() && !BROKEN ? slot.block.size() : 1")
mutation(items_are_given_up_in_bad_company "G6: an item was given up" engine/engine.hpp
    "if (job.stopping() || turned_away || items.size() == 1) {"
    "if (job.stopping() || turned_away || items.size() == 1 || BROKEN) {")
mutation(batch_runs_as_one_item " running and .* inside" engine/job.hpp
    "sum.running += word.in_flight() ? slot->width : 0U;"
    "sum.running += word.in_flight() ? (BROKEN ? 1U : slot->width) : 0U;")
mutation(throttled_closes_only_its_job "G6: a call while the service had asked" engine/engine.hpp
    "case WaitingFor::Scope::processor: break;"
    "case WaitingFor::Scope::processor: if (BROKEN) return job.scope; break;")

# ---- G8: memory ----------------------------------------------------------------------------------------------------

mutation(all_errors_are_kept "G8: " engine/ledger.hpp
    "if (errors.size() < keep_errors_)"
    "if (BROKEN || errors.size() < keep_errors_)")
mutation_noticed_by("[memory]" items_of_dropped_results_are_kept "kept results cost no more than those that are kept" driver/typed_job.hpp
    "if (how == ItemStatus::successful) give_back("
    "if (!BROKEN && how == ItemStatus::successful) give_back(")
mutation_noticed_by("[memory]" chunks_are_never_given_up "an item of a source costs 2 bytes at most" engine/item_chunks.hpp
    "if (chunk.ended < chunk.items.size() || !pulled"
    "if (BROKEN || chunk.ended < chunk.items.size() || !pulled")

# ---- G9: lifetime --------------------------------------------------------------------------------------------------

mutation(destructor_forgets_who_waits "G9: " driver/core.hpp
    "engine.actions.ended.clear();
            take_waiters(waiters);"
    "engine.actions.ended.clear();
            if (!BROKEN) take_waiters(waiters);")
mutation(shutdown_does_not_wait_for_lanes "G9: " driver/core.hpp
    "engine_.registry.active() > 0 || engine_.root().engaged() > 0 ||"
    "(!BROKEN && (engine_.registry.active() > 0 || engine_.root().engaged() > 0)) ||")

# ---- G10: once -----------------------------------------------------------------------------------------------------

mutation(milestones_are_told_again "G10: " driver/core.hpp
    "m.version <= *waiter.seen_version; });"
    "!BROKEN && m.version <= *waiter.seen_version; });")
mutation(milestone_without_a_version "G10: " engine/engine.hpp
    "++job.changes;  // so that who has seen"
    "if (!BROKEN) ++job.changes;  // so that who has seen")

# ---- G12: the loop stays alive -------------------------------------------------------------------------------------

mutation_noticed_by("[simulation]" bursts_never_shrink "long_ones <= 1" engine/burst.hpp
    "if (took > long_burst)"
    "if (!BROKEN && took > long_burst)")
mutation_noticed_by("[simulation]" long_bursts_go_on "longer than 128 items" driver/core.hpp
    "return done != 0 && done % engine::Burst::looks_after == 0"
    "return !BROKEN && done != 0 && done % engine::Burst::looks_after == 0")
