// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/engine/engine.hpp>
#include <batchpace/engine/snapshot.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// A driver without a loop: what the engine asks for is noted down, and the test says what happens next and when.
// Items are numbers. After every step the whole state is held against a slow and obvious model (`fault`).
namespace scripted {

using namespace std::chrono_literals;
using batchpace::duration;
using batchpace::Failure;
using batchpace::JobOptions;
using batchpace::JobProgress;
using batchpace::JobStatus;
using batchpace::ProcessorOptions;
using batchpace::StopReason;
using batchpace::Tier;
using batchpace::time_point;
using batchpace::WaitingFor;
using batchpace::wall_time;
using batchpace::engine::Engine;
using batchpace::engine::ItemRange;
using batchpace::engine::LaneSlot;
using batchpace::engine::Scope;
using batchpace::engine::Snapshot;

enum class End : unsigned char { none, successful, failed, cancelled };

struct Lane : LaneSlot {
    using LaneSlot::LaneSlot;
    enum class Phase { coming, holding, calling, answered, gone };

    std::uint64_t sequence_now() const { return word.load().started(); }

    int serial = 0;
    Phase phase = Phase::coming;  // holding: it has a block and has not begun it yet; answered: an instant
    std::uint64_t index = 0;      // the item it is at
    std::uint64_t end = 0;        // of its block, as it was told
    std::array<bool, batchpace::engine::Burst::largest> answered{};
    std::vector<std::uint64_t> stops;  // the attempts it was asked to stop
    std::vector<Scope const*> paid;    // scopes whose limit its permit was taken from
    bool hung = false;                 // the test's note: this attempt will not answer by itself
};

struct FakeJob final : batchpace::engine::Job {
    using Job::Job;

    std::vector<End> ends;
    std::vector<int> attempts;              // calls made for each item
    std::vector<std::uint64_t> twice;       // items that ended a second time
    std::vector<std::uint64_t> chunk_ends;  // in order
    std::uint64_t ended_for_good = 0;
    int finishes = 0;  // told by the engine
    int stalls = 0;
    int changes_told = 0;
    int refills = 0;   // asked for by the engine, not answered yet
    JobProgress last;  // the snapshot before

    void give(std::uint64_t count) {
        ends.resize(ends.size() + count, End::none);
        attempts.resize(ends.size(), 0);
        chunk_ends.push_back(ends.size());
    }
    void conclude(std::uint64_t index, End how) {
        auto& end = ends.at(index);
        if (end != End::none) twice.push_back(index);
        end = how;
    }
    std::uint64_t ended(End how) const {
        return static_cast<std::uint64_t>(std::count(ends.begin(), ends.end(), how));
    }

    std::string item_id(std::uint64_t index) const override { return "item " + std::to_string(index); }
    void flush(LaneSlot& slot, std::uint64_t count, time_point) override {
        auto& lane = static_cast<Lane&>(slot);
        for (; slot.flushed < count; ++slot.flushed)
            if (std::exchange(lane.answered[slot.flushed], false))
                conclude(slot.block.begin + slot.flushed, End::successful);
    }
    void item_failed(std::uint64_t index, batchpace::ItemError const&, duration) override {
        conclude(index, End::failed);
    }
    void items_cancelled(ItemRange items, int) override {
        for (auto i = items.begin; i != items.end; ++i) conclude(i, End::cancelled);
    }
    std::uint64_t chunk_end(std::uint64_t index) const override {
        auto const found = std::upper_bound(chunk_ends.begin(), chunk_ends.end(), index);
        return found == chunk_ends.end() ? ends.size() : *found;
    }
    void items_ended(std::uint64_t, std::uint64_t count) override { ended_for_good += count; }
};

class Script {
public:
    /// Every failure but a permanent one is tried again after `backoff`.
    explicit Script(ProcessorOptions const& options = {}, duration backoff = 1s,
                    std::unique_ptr<batchpace::engine::AnyLimiter> limiter = nullptr)
        : engine{options, std::move(limiter),
                 [backoff](Failure const&, int, batchpace::Random&) { return std::optional{backoff}; }, 1} {
        engine.set_wall(now, {});
    }

    /// What people are told for `at`.
    static wall_time wall(time_point at) { return wall_time{} + (at - time_point{1h}); }

    Engine engine;
    time_point now{1h};
    std::vector<std::shared_ptr<FakeJob>> jobs;
    std::vector<std::unique_ptr<Lane>> lanes;  // those not gone, abandoned ones too
    std::map<Scope const*, std::vector<time_point>> log;  // permits of calls made, at scopes with a rate
    std::map<Scope const*, int> windows;  // of the last minute, used to catch a limit that is exceeded
    std::string first_fault;
    std::vector<std::string>* story = nullptr;  // every step, for who replays a history

    // ---- what a host does -------------------------------------------------------------------------------------

    FakeJob& start(std::uint64_t items, JobOptions const& options = {}, std::optional<Tier> tier = {}) {
        return begin(options, tier, [&](FakeJob& job) { give(job, items); });
    }
    FakeJob& start_source(std::optional<std::uint64_t> total, JobOptions const& options = {}) {
        return begin(options, {}, [&](FakeJob& job) { job.open_source(total); });
    }
    void source_gives(FakeJob& job, std::uint64_t count, bool ended = false, std::string error = {}) {
        tell("source gives", job, count, ended);
        job.refills = 0;
        if (!job.stopping()) job.give(count);
        engine.source_gave(job, count, ended, std::move(error), now);
        obey();
    }
    bool cancel(FakeJob& job) {
        tell("cancel", job);
        return then(engine.cancel(job, now));
    }
    bool pause(FakeJob& job, bool on = true) {
        tell(on ? "pause" : "resume", job);
        return then(engine.pause(job, on, now));
    }
    void pause_tenant(std::string_view name, bool on = true) {
        tell((on ? "pause_tenant " : "resume_tenant ") + std::string{name});
        if (on)
            engine.pause(engine.tenant(name, {}, now), true, now);
        else if (auto* const scope = engine.find_tenant(name))
            engine.pause(*scope, false, now);
        obey();
    }
    void pause_all(bool on = true) {
        tell(on ? "pause_all" : "resume_all");
        engine.pause(engine.root(), on, now);
        obey();
    }
    bool update(FakeJob& job, batchpace::JobUpdate const& change) {
        now += 1ns;  // as in set_tier
        tell("update", job, change.concurrency.value_or(-1), change.rate_limit_per_minute.value_or(-1));
        return then(engine.update(job, change, now));
    }
    void set_tier(std::string_view tenant, Tier const& tier) {
        now += 1ns;  // a permit is known by its time: one from before must not be taken for one of a new limit
        tell("set_tier " + std::string{tenant}, tier.max_concurrency, tier.per_minute);
        engine.set_tier(tenant, tier, now);
        obey();
    }
    void admitted_only(FakeJob& job, bool on) {
        tell("admitted_only", job, on);
        engine.set_admitted_only(job, on, now);
        obey();
    }
    JobProgress progress(FakeJob const& job) const { return Snapshot::of(engine, job, now, 1'000); }

    // ---- what a loop does -------------------------------------------------------------------------------------

    /// Time passes; the engine's timer fires when it asked for it.
    void after(duration d) {
        auto const until = now + d;
        while (engine.next_time() <= until) {
            now = std::max(now, engine.next_time());
            tick();
        }
        now = until;
    }
    /// The same, the timer fires late by up to all of it.
    void late(duration d) {
        now += d;
        if (engine.next_time() <= now) tick();
    }
    void tick() {
        tell("tick");
        engine.tick(now);
        obey();
    }

    /// The lane reaches the engine: it gets a block (true) or leaves. It does not begin yet.
    bool claim(Lane& lane) {
        auto const got = engine.claim(lane, now);
        tell("claim", lane, got, got ? lane.block.begin : 0, got ? lane.block.end : 0);
        if (got) {
            lane.stop_asked = false;
            lane.stops.clear();
            lane.hung = false;
            lane.answered.fill(false);
            lane.paid.clear();
            if (lane.permit)
                for (auto* s = &lane.job->scope; s != nullptr; s = s->parent())
                    if (s->rate) lane.paid.push_back(s);
            lane.index = lane.block.begin;
            lane.end = lane.block.end;
            lane.phase = Lane::Phase::holding;
            if (lane.end - lane.index > lane.answered.size() || lane.end <= lane.index) note("a block of a strange size");
        } else {
            lane.phase = Lane::Phase::gone;
        }
        obey();
        return got;
    }
    /// It begins its block, if nobody has closed it meanwhile.
    bool begin(Lane& lane) {
        tell("begin", lane);
        if (!lane.word.try_start()) {
            over(lane);
            return false;
        }
        for (auto* s : lane.paid) log[s].push_back(lane.permit->at);
        called(lane);
        return true;
    }
    /// Every lane on its way arrives and begins.
    void run_lanes() {
        for (bool again = true; again;) {
            again = false;
            for (std::size_t i = 0; i < lanes.size(); ++i) {
                auto& lane = *lanes[i];
                if (lane.state == LaneSlot::State::abandoned) continue;
                if (lane.phase == Lane::Phase::coming)
                    claim(lane), again = true;
                else if (lane.phase == Lane::Phase::holding)
                    begin(lane), again = true;
            }
            tidy();
        }
        check();
    }

    /// The attempt in flight succeeds; the lane goes on with its block, or comes back.
    void succeed(Lane& lane) {
        tell("succeed", lane);
        lane.answered[lane.index - lane.block.begin] = true;
        go_on(lane);
    }
    void fail(Lane& lane, Failure const& failure) {
        tell("fail " + failure.message(), lane);
        lane.phase = Lane::Phase::answered;
        auto const on = engine.attempt_failed(lane, failure, now);
        obey();
        if (on)
            go_on(lane);
        else
            over(lane);
    }
    void lose(Lane& lane) {
        tell("lose", lane, static_cast<int>(lane.state));
        engine.lost(lane, now);
        lane.phase = Lane::Phase::gone;
        obey();
        tidy();
        check();
    }

    // ---- shorthand --------------------------------------------------------------------------------------------

    std::vector<Lane*> calling(FakeJob const* of = nullptr) {
        std::vector<Lane*> found;
        for (auto& lane : lanes)
            if (lane->phase == Lane::Phase::calling && lane->state == LaneSlot::State::claimed &&
                (of == nullptr || lane->job == of))
                found.push_back(lane.get());
        return found;
    }
    Lane* at(FakeJob const& job, std::uint64_t index) {
        for (auto* lane : calling(&job))
            if (lane->index == index) return lane;
        return nullptr;
    }
    std::vector<std::uint64_t> items_at(FakeJob const& job) {
        std::vector<std::uint64_t> found;
        for (auto* lane : calling(&job)) found.push_back(lane->index);
        std::sort(found.begin(), found.end());
        return found;
    }
    std::size_t coming(FakeJob const& job) const {
        return static_cast<std::size_t>(std::count_if(lanes.begin(), lanes.end(), [&](auto& lane) {
            return lane->job == &job && lane->phase == Lane::Phase::coming;
        }));
    }
    /// All calls succeed, `each` after they began, until the job has finished; false if it never does.
    bool finish(FakeJob& job, duration each = 0s) {
        for (int round = 0; round < 1'000'000 && !job.finished_at; ++round) {
            run_lanes();
            auto const now_calling = calling();
            if (now_calling.empty()) {
                if (job.finished_at) break;
                if (engine.next_time() == time_point::max()) return false;
                after(std::max(duration{0}, engine.next_time() - now));
                continue;
            }
            if (each > 0s) after(each);
            for (auto* lane : now_calling)
                if (lane->phase == Lane::Phase::calling && lane->state == LaneSlot::State::claimed) succeed(*lane);
        }
        run_lanes();
        return job.finished_at.has_value();
    }
    /// True when nothing is left: no lane, no time to wait for, every scope empty.
    bool idle() {
        tidy();
        if (!lanes.empty() || engine.next_time() != time_point::max()) return false;
        for (auto const& job : jobs)
            if (job->scope.engaged() != 0 || job->scope.pending() != 0) return false;
        for (auto const& [name, scope] : tenants_)
            if (scope->engaged() != 0 || scope->pending() != 0) return false;
        return engine.root().engaged() == 0 && engine.root().pending() == 0;
    }

    // ---- the model --------------------------------------------------------------------------------------------

    /// What is wrong with the engine's state; empty where nothing is. `first_fault` keeps the first one.
    void check() {
        if (first_fault.empty()) first_fault = fault();
    }
    void note(std::string text) {
        if (first_fault.empty()) first_fault = std::move(text);
    }

    /// What a call stamped now leaves of the last minute must be within the limit: called after each start.
    void check_rates(Scope const& leaf) {
        for (auto const* s = &leaf; s != nullptr; s = s->parent()) {
            if (!s->rate) continue;
            auto const& stamps = log[s];
            auto const used = std::count_if(stamps.begin(), stamps.end(), [&](time_point t) { return t > now - 1min; });
            if (used > s->rate->limit())
                note("G3: " + std::to_string(used) + " starts in a minute, " + std::to_string(s->rate->limit()) +
                     " allowed, at scope " + std::string{to_string(s->level())});
        }
    }

    void tidy() {
        std::erase_if(lanes, [](auto& lane) { return lane->phase == Lane::Phase::gone; });
    }

private:
    template <class Fill>
    FakeJob& begin(JobOptions const& options, std::optional<Tier> tier, Fill fill) {
        auto& tenant = engine.tenant(options.tenant, tier, now);
        tenants_[std::string{options.tenant}] = &tenant;
        auto job = std::make_shared<FakeJob>(batchpace::JobId::make(1, 0, ++ids_), options, tenant,
                                             engine.options().max_retrying);
        tell("start", *job, options.concurrency, options.rate_limit_per_minute.value_or(-1));
        engine.add(job, now);
        fill(*job);
        jobs.push_back(job);
        engine.accept(*job, now);
        obey();
        return *job;
    }
    static void give(FakeJob& job, std::uint64_t count) {
        job.give(count);
        job.append(count);
    }
    bool then(bool answer) {
        obey();
        return answer;
    }

    void obey() {
        auto actions = std::exchange(engine.actions, {});
        for (auto* job : actions.wakes) {
            lanes.push_back(std::make_unique<Lane>(*job));
            lanes.back()->serial = ++serials_;
            tell("wake", *lanes.back());
        }
        for (auto const& stop : actions.stops) {
            auto& lane = static_cast<Lane&>(*stop.slot);
            if (std::find(lane.stops.begin(), lane.stops.end(), stop.sequence) != lane.stops.end())
                note("an attempt was asked to stop twice");
            lane.stops.push_back(stop.sequence);
        }
        for (auto* job : actions.changed) ++static_cast<FakeJob&>(*job).changes_told;
        for (auto* job : actions.refills)
            if (++static_cast<FakeJob&>(*job).refills > 1) note("a source was asked twice at once");
        for (auto* job : actions.ended)
            if (++static_cast<FakeJob&>(*job).finishes > 1) note("a job finished twice");
        for (auto* job : actions.stalled) {
            ++static_cast<FakeJob&>(*job).stalls;
            if (!progress(static_cast<FakeJob&>(*job)).stalled) note("a stall was told of a job that is not stalled");
        }
        check();
    }

    void called(Lane& lane) {
        auto& job = static_cast<FakeJob&>(*lane.job);
        lane.phase = Lane::Phase::calling;
        auto& attempts = job.attempts.at(lane.index);
        ++attempts;
        if (job.ends.at(lane.index) != End::none) note("an item was called that had ended");
        if (lane.job->stopping()) note("G4: a start after the stop");
        if (engine.paused(job)) note("a start while paused");
        if (engine.root().barred) note("a start while barred");
        if (engine.root().closed_until > now) note("a start while the service wants to be left alone");
        for (auto* s = &lane.job->scope; s != nullptr; s = s->parent()) {
            auto const flying = std::count_if(lanes.begin(), lanes.end(), [&](auto const& other) {
                return other->phase == Lane::Phase::calling && other->state == LaneSlot::State::claimed &&
                       s->contains(other->job->scope);
            });
            if (s->cap > 0 && flying > s->cap)
                note("G2: " + std::to_string(flying) + " attempts, " + std::to_string(s->cap) + " allowed, at scope " +
                     std::string{to_string(s->level())});
        }
        check_rates(lane.job->scope);
        check();
    }
    void go_on(Lane& lane) {
        if (++lane.index == lane.end || !lane.word.try_start()) return over(lane);
        called(lane);
    }
    void over(Lane& lane) {
        if (lane.word.end().abandoned()) {
            lane.phase = Lane::Phase::gone;
            engine.late_answer(lane, now);
            obey();
            return;
        }
        lane.ended_at = now;
        lane.phase = Lane::Phase::coming;
        check();
    }

    std::string fault() {
        std::map<Scope const*, std::pair<int, int>> held;  // engaged, pending
        std::map<Scope const*, std::size_t> unused;        // permits of blocks not begun
        for (auto const& lane : lanes) {
            if (lane->phase == Lane::Phase::gone) continue;
            auto const pending = lane->state == LaneSlot::State::granted;
            if (!pending && lane->state != LaneSlot::State::claimed) continue;
            for (auto* s = &lane->job->scope; s != nullptr; s = s->parent()) {
                ++held[s].first;
                if (pending) ++held[s].second;
            }
            std::erase_if(lane->paid, [](auto* s) { return !s->rate; });
            // not begun, or closed before it could begin
            if (!pending && lane->permit && lane->permit->at > now - 1min && lane->word.load().started() == lane->base)
                for (auto* s : lane->paid) ++unused[s];
        }
        auto const scope_fault = [&](Scope const& s) -> std::string {
            auto const name = std::string{to_string(s.level())};
            if (s.engaged() != held[&s].first || s.pending() != held[&s].second)
                return "scope " + name + " counts " + std::to_string(s.engaged()) + " engaged, " +
                       std::to_string(s.pending()) + " pending, there are " + std::to_string(held[&s].first) + ", " +
                       std::to_string(held[&s].second);
            if (!s.rate) {
                log.erase(&s);
            } else {
                auto& stamps = log[&s];
                std::erase_if(stamps, [&](time_point t) { return t <= now - 1min; });
                if (static_cast<std::size_t>(s.rate->used(now)) != stamps.size() + unused[&s])
                    return "scope " + name + ": " + std::to_string(s.rate->used(now)) + " permits are taken, " +
                           std::to_string(stamps.size()) + " calls were made, " + std::to_string(unused[&s]) +
                           " wait to be made";
            }
            return {};
        };
        if (auto text = scope_fault(engine.root()); !text.empty()) return text;
        for (auto const& [name, scope] : tenants_)
            if (auto text = scope_fault(*scope); !text.empty()) return text;
        for (auto const& job : jobs) {
            if (auto text = scope_fault(job->scope); !text.empty()) return text;
            if (auto text = job_fault(*job); !text.empty()) return "job " + job->id.to_string().substr(34) + ": " + text;
        }
        return {};
    }

    template <class... Values>
    void tell(std::string text, Values const&... values) {
        if (story == nullptr) return;
        [[maybe_unused]] auto const one = [&]<class V>(V const& value) {
            if constexpr (std::is_base_of_v<FakeJob, V>)
                text += " job " + value.id.to_string().substr(34);
            else if constexpr (std::is_base_of_v<Lane, V>)
                text += " lane " + std::to_string(value.serial) + " of job " + value.job->id.to_string().substr(34);
            else
                text += ' ' + std::to_string(value);
        };
        (one(values), ...);
        story->push_back(std::to_string((now - time_point{1h}) / 1us) + " us: " + text);
    }

    static std::string counts(JobProgress const& p) {
        std::string text{to_string(p.status)};
        for (auto n : {p.total, p.waiting, p.running, p.retrying, p.successful, p.failed, p.cancelled, p.abandoned})
            text += ' ' + std::to_string(n);
        return text + (p.paused ? " paused" : "") + (p.finished_at ? " finished" : "");
    }

    std::string job_fault(FakeJob& job) {
        auto const p = progress(job);
        auto const s = [](auto n) { return std::to_string(n); };
        auto const sum = p.waiting + p.running + p.retrying + p.successful + p.failed + p.cancelled;
        if (p.total != sum || p.waiting > p.total || p.cancelled > p.total)
            return "G1: " + counts(p);
        if (p.processed() < job.last.processed()) return "processed went back";
        if (p.total < job.last.total) return "total went back";
        if (p.version < job.last.version) return "version went back";
        auto const same = p.waiting == job.last.waiting && p.running == job.last.running &&
                          p.retrying == job.last.retrying && p.successful == job.last.successful &&
                          p.failed == job.last.failed && p.cancelled == job.last.cancelled &&
                          p.total == job.last.total && p.status == job.last.status && p.paused == job.last.paused &&
                          p.abandoned == job.last.abandoned && p.finished_at == job.last.finished_at &&
                          p.milestones == job.last.milestones && p.stop_reason == job.last.stop_reason;
        if (!same && p.version == job.last.version && job.last.job_id)
            return "it changed, its version did not: " + counts(job.last) + " became " + counts(p);
        if (is_final(job.last.status) && p.status != job.last.status) return "a final status changed";
        if (p.percentage && *p.percentage != static_cast<int>(p.processed() * 100 / std::max<std::uint64_t>(1, p.total)))
            return "a wrong percentage";
        if (!job.twice.empty()) return "item " + s(job.twice.front()) + " ended twice";
        std::uint64_t flying = 0;
        for (auto const& lane : lanes)
            if (lane->job == &job && lane->phase == Lane::Phase::calling && lane->state == LaneSlot::State::claimed)
                ++flying;
        if (p.running != flying) return s(p.running) + " running, " + s(flying) + " are in flight";
        if (job.options.max_calls) {
            auto calls = std::uint64_t{0};
            for (auto n : job.attempts) calls += static_cast<std::uint64_t>(n);
            if (calls > static_cast<std::uint64_t>(*job.options.max_calls)) return "max_calls: " + s(calls) + " were made";
        }
        if (p.retrying > static_cast<std::uint64_t>(engine.options().max_retrying)) return "max_retrying: " + s(p.retrying);
        if (p.failed != job.ended(End::failed)) return "failed items do not add up";
        if (job.finished_at) {
            if (job.finishes > 1 || !is_final(job.status)) return "finished strangely";
            if (p.successful != job.ended(End::successful))
                return s(p.successful) + " successful, results of " + s(job.ended(End::successful));
            // an expected total that a source never gave is counted as cancelled, but there is no item
            if (p.cancelled < job.ended(End::cancelled) ||
                (p.total == job.ends.size() && p.cancelled != job.ended(End::cancelled)))
                return s(p.cancelled) + " cancelled, told of " + s(job.ended(End::cancelled));
            if (job.ended(End::none) != 0) return "finished, but an item has not ended";
            if (job.ended_for_good != p.processed()) return "chunks were told of another number of ended items";
            if (p.running + p.waiting + p.retrying != 0) return "finished with items left";
        }
        job.last = p;
        return {};
    }

    std::map<std::string, Scope*> tenants_;
    std::uint64_t ids_ = 0;
    int serials_ = 0;
};

}  // namespace scripted
