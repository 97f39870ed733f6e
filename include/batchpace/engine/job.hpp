// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/engine/batching.hpp>
#include <batchpace/engine/boxed.hpp>
#include <batchpace/engine/due_queue.hpp>
#include <batchpace/engine/item_ranges.hpp>
#include <batchpace/engine/kept_options.hpp>
#include <batchpace/engine/lane_slot.hpp>
#include <batchpace/engine/ledger.hpp>
#include <batchpace/engine/scope.hpp>
#include <batchpace/engine/slim.hpp>
#include <batchpace/failure.hpp>
#include <batchpace/job_id.hpp>
#include <batchpace/job_options.hpp>
#include <batchpace/job_status.hpp>
#include <batchpace/policy/pace.hpp>
#include <batchpace/stop_reason.hpp>
#include <batchpace/time.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace batchpace::engine {

/// One job: which of its items wait, which lanes have which, and what became of them.
///
/// It hands out blocks of items, takes unstarted ones back, and knows nothing of what an item is: the typed job that
/// the driver derives from it does. Everything is called under the engine's mutex, with the time as an argument.
class Job {
public:
    Job(JobId job_id, JobOptions const& o, Scope& tenant_scope, std::int64_t most_retrying)
        : id{job_id},
          options{o},
          scope{Scope::Level::job, &tenant_scope, this},
          ledger{static_cast<std::size_t>(o.keep_errors)},
          max_retrying_{static_cast<std::uint64_t>(most_retrying)} {
        scope.cap = o.concurrency;
        scope.weight = o.priority;
    }
    virtual ~Job() = default;
    Job(Job const&) = delete;
    Job& operator=(Job const&) = delete;

    // What only the typed job knows.
    virtual std::string item_id(std::uint64_t index) const = 0;
    /// The first `count` items of the lane's block have ended; hand their results over (in order, once).
    virtual void flush(LaneSlot& slot, std::uint64_t count, time_point now) = 0;
    virtual void item_failed(std::uint64_t index, ItemError const& error, duration took) = 0;
    virtual void items_cancelled(ItemRange items, int attempts) = 0;
    /// Where the chunk that holds `index` ends: a block never crosses it.
    virtual std::uint64_t chunk_end(std::uint64_t index) const = 0;
    /// `count` more items, from `index` on, have ended for good.
    virtual void items_ended(std::uint64_t index, std::uint64_t count) = 0;

    JobId const id;
    KeptOptions const options;
    Scope scope;
    Ledger ledger;
    std::vector<LaneSlot*> lanes;  ///< those engaged, abandoned ones apart

    JobStatus status = JobStatus::pending;
    StopReason stop_reason = StopReason::none;
    Boxed<std::string> source_error;  ///< the text of an item source that failed
    bool refilling = false;    ///< the source is being asked for more
    bool accepted = false;     ///< false while its start is still being checked
    bool admitted_only = false;  ///< the simulation may forbid direct mode

private:
    bool source_open_ = false;  // here, where there is room

public:
    Boxed<JobId> retry_of;
    wall_time created_at{};
    Slim<wall_time> started_at;
    Slim<wall_time> finished_at;
    time_point created{};
    time_point started{};
    time_point last_progress{};
    time_point finished{};
    time_point deadline = time_point::max();
    std::uint64_t abandoned_now = 0;
    std::uint64_t kept_bytes = 0;  ///< about, once it has finished
    /// What `StallWatch` notes of it: nothing, when to look at it, or the last progress before a stall that was told.
    enum class StallState : unsigned char { none, watched, told };
    StallState stall_state = StallState::none;
    time_point stall_time{};
    Boxed<Pace> pace;          ///< how long a call takes up a lane, once that is known

    /// Where calls take several items.
    struct Batches {
        explicit Batches(Batching const& b) noexcept : how{b} {}
        Batching const& how;
        time_point fresh_since{};      ///< since when fresh items have waited for a full call
        std::uint32_t last_group = 0;
    };
    Boxed<Batches> batches;
    std::uint64_t changes = 0; ///< part of the version that lanes' words do not carry

    // ---- the source -------------------------------------------------------------------------------------------

    /// `count` more items are there, in one chunk.
    void append(std::uint64_t count) noexcept {
        known_end_ += count;
        ++changes;
    }
    /// A source of `expected` items, or of an unknown number.
    void open_source(std::optional<std::uint64_t> expected) noexcept {
        source_open_ = true;
        expected_ = expected;
    }
    void close_source() noexcept {
        source_open_ = false;
        ++changes;
    }
    bool source_open() const noexcept { return source_open_; }
    std::optional<std::uint64_t> expected() const noexcept { return expected_; }
    std::uint64_t known() const noexcept { return known_end_; }
    /// True when the source should be asked for more: half a chunk is left.
    bool wanted(std::uint64_t chunk) const noexcept {
        return source_open_ && !stopping() && known_end_ - cursor_ <= chunk / 2;
    }

    std::uint64_t total() const noexcept { return expected_ ? std::max(known_end_, *expected_) : known_end_; }
    bool total_known() const noexcept { return !source_open_ || expected_.has_value(); }

    // ---- handing out ------------------------------------------------------------------------------------------

    bool stopping() const noexcept { return stop_reason != StopReason::none || is_final(status); }

    /// From when on a lane could start something; min(): at once, max(): nothing to start.
    time_point wish() const noexcept {
        if (stopping() || !accepted || calls_left() == 0) return time_point::max();
        // Lanes on their way take one item each, or a call full; nobody is woken for what they will take.
        auto const promised = static_cast<std::uint64_t>(scope.pending()) * most_a_call();
        auto const fresh = std::min(fresh_allowance(), unclaimed());
        if (fresh + due_.size() <= promised) return time_point::max();
        auto const linger = batches ? batches->how.linger : duration::zero();
        if (linger > duration::zero() && fresh < promised + most_a_call()) {
            // Not a full call: a moment for what may come.
            if (fresh > promised && (refilling || !due_.empty()))
                return std::min(detail::saturated_add(batches->fresh_since, linger), due_.next());
            if (fresh <= promised && due_.size() < most_a_call() && due_.first_is_free())
                return std::min(detail::saturated_add(due_.next(), linger), due_.last());
        }
        return fresh > promised ? time_point::min() : due_.next();
    }

    /// Until when a call that is not full waits for more items; nullopt where none does.
    std::optional<time_point> lingers_until(time_point now) const noexcept {
        if (!batches || unclaimed() + due_.size() == 0) return std::nullopt;
        auto const until = wish();
        return until > now && until != time_point::max() ? std::optional{until} : std::nullopt;
    }
    /// Items that one call takes at the most.
    std::uint64_t most_a_call() const noexcept { return batches ? batches->how.most : 1; }

    /// Gives `slot` its next block: a retry that has come due before a fresh item, at most `most` fresh ones.
    /// False where there is nothing to start now.
    bool claim(LaneSlot& slot, time_point now, std::uint64_t most) {
        if (stopping() || calls_left() == 0) return false;
        if (batches) return claim_batch(slot, now, most);
        ItemRange items;
        slot.attempt_number = 1;
        slot.throttles = 0;
        if (auto const due = due_.pop(now)) {
            items = {due->index, due->index + 1};
            ++changes;  // it is no longer counted as retrying
            slot.attempt_number = due->attempt_number;
            slot.throttles = due->throttles;
        } else {
            most = std::min({most, calls_left(), fresh_allowance()});
            if (most == 0) return false;
            items = returned_.take(most);
            if (items.empty()) {
                auto const end = std::min({cursor_ + most, known_end_, chunk_end(cursor_)});
                items = {cursor_, std::max(cursor_, end)};
                cursor_ = items.end;
            } else if (auto const end = chunk_end(items.begin); end < items.end) {
                returned_.give_back({end, items.end});
                items.end = end;
            }
        }
        if (items.empty()) return false;
        calls_ += items.size();
        open(slot, items, now);
        return true;
    }

    /// A fair share of what is left, so that no lane sits on the last items.
    std::uint64_t share(std::uint64_t burst) const noexcept {
        auto const lanes_now = std::max<std::uint64_t>(1, lanes.size());
        return std::clamp<std::uint64_t>(unclaimed() / (2 * lanes_now), 1, burst);
    }

    /// Closes the lane's word and takes its unstarted items back; true if there were any.
    bool take_back(LaneSlot& slot) {
        if (slot.state != LaneSlot::State::claimed) return false;
        return take_back(slot, slot.word.close());
    }

    /// The block of `slot` is over, because the lane has come back or its attempt was given up. Results are handed
    /// over, and what ended well is counted here instead of in the lane's word.
    /// Returns how many attempts of it were measured, from `claimed_at` to `now`.
    std::uint64_t settle(LaneSlot& slot, time_point now) {
        auto const word = slot.word.close();
        take_back(slot, word);
        auto const started_here = word.started() - slot.base;
        auto const ended = word.ended(slot.width) - slot.base;
        auto const good = ended - slot.unsuccessful;
        flush(slot, ended, now);
        auto const measured = word.in_flight() ? 0 : ended;
        if (measured > 0) measure(slot, measured, now);
        if (good > 0) {
            ledger.succeeded(good);
            last_progress = now;
            if (!slot.batched()) items_ended(slot.block.begin, good);
            for (auto const& item : slot.batch)
                if (!item.failed) items_ended(item.index, 1);
        }
        out_ -= good;
        settled_version_ += started_here + ended;
        slot.base = word.started();
        slot.block = {};  // nothing of it can be taken back any more
        slot.batch.clear();
        slot.width = 1;
        slot.unsuccessful = 0;
        --live_;
        return measured;
    }

    /// The attempt in flight in `slot` has failed. Returns its item; what becomes of that is the engine's decision.
    std::uint64_t end_unsuccessful(LaneSlot& slot) noexcept {
        auto const word = slot.word.end();
        ++slot.unsuccessful;
        --out_;
        ++changes;
        return slot.block.begin + (word.started() - slot.base) - 1;
    }

    /// The batched call of `slot` is over, and some of its items (marked) have failed, or all of them.
    void end_unsuccessful_batch(LaneSlot& slot) noexcept {
        slot.word.end();
        for (auto const& item : slot.batch) slot.unsuccessful += item.failed ? 1U : 0U;
        out_ -= slot.unsuccessful;
        ++changes;
    }

    /// The attempt in flight in `slot` was given up (its word says so). Settles the lane and returns the item, or all
    /// those of its call.
    std::vector<BatchItem> end_abandoned(LaneSlot& slot, time_point now) {
        auto const word = slot.word.load();
        std::vector<BatchItem> items = slot.batch;
        if (!slot.batched()) items.push_back(slot.item(word.started() - slot.base - 1));
        settle(slot, now);
        out_ -= items.size();
        ++changes;
        abandoned_now += items.size();
        return items;
    }

    /// A number for items that are to be called together with nobody else.
    std::uint32_t new_group() noexcept {
        auto& last = batches->last_group;
        return ++last == 0 ? ++last : last;
    }

    void retry(DueQueue::Entry entry) {
        due_.push(entry);
        ++retried_;
    }

    void fail(std::uint64_t index, ItemError error, duration took, time_point now) {
        Ledger::cut(error.error);
        item_failed(index, error, took);
        ledger.failed(index, std::move(error));
        items_ended(index, 1);
        last_progress = now;
    }

    /// Nothing more is handed out: every item that no lane has is cancelled. Lanes must have been closed before.
    /// Returns how many of them the retry budget had paid for.
    std::uint64_t drop_unclaimed() {
        std::uint64_t paid = 0;
        for (auto const& entry : due_.drain()) {
            paid += entry.paid ? 1U : 0U;
            items_cancelled({entry.index, entry.index + 1}, entry.attempt_number - 1);
        }
        while (!returned_.empty()) items_cancelled(returned_.take(UINT64_MAX), 0);
        if (cursor_ < known_end_) items_cancelled({cursor_, known_end_}, 0);
        cursor_ = known_end_;
        source_open_ = false;
        ++changes;
        return paid;
    }

    // ---- counting ---------------------------------------------------------------------------------------------

    /// What lanes are doing now, each word read once: so every item is counted once, whatever happens meanwhile.
    struct Count {
        std::uint64_t running = 0;
        std::uint64_t successful = 0;
        std::uint64_t version = 0;
    };
    Count count() const noexcept {
        Count sum{0, ledger.successful(), settled_version_ + changes};
        for (auto const* slot : lanes) {
            if (slot->state != LaneSlot::State::claimed) continue;
            auto const word = slot->word.load();
            auto const ended = word.ended(slot->width) - slot->base;
            sum.running += word.in_flight() ? slot->width : 0U;
            sum.successful += ended - slot->unsuccessful;
            sum.version += word.started() - slot->base + ended;
        }
        return sum;
    }

    /// Lane time that the running calls will still need in all, by how long they have been out.
    duration running_left(time_point now, Pace const& known) const noexcept {
        auto left = duration::zero();
        for (auto const* slot : lanes)
            if (slot->state == LaneSlot::State::claimed && slot->word.load().in_flight())
                left += known.left_after(now - slot->claimed_at);
        return left;
    }

    /// Items that nobody has claimed: fresh ones, and those that lanes gave back.
    std::uint64_t unclaimed() const noexcept { return returned_.size() + (known_end_ - cursor_); }
    std::uint64_t retrying() const noexcept { return due_.size(); }
    time_point next_due() const noexcept { return due_.next(); }
    /// Attempts started, or reserved by a block.
    std::uint64_t calls() const noexcept { return calls_; }
    /// Attempts after which their item was to be tried again.
    std::uint64_t retried() const noexcept { return retried_; }
    /// Lanes whose block is not settled.
    std::uint64_t live() const noexcept { return live_; }
    /// True when every item there will ever be has been processed.
    bool all_processed() const noexcept { return !source_open_ && ledger.processed() == known_end_; }
    /// True when `max_calls` is used up, items are left, and nothing that is out could still change that.
    bool calls_used_up() const noexcept {
        return calls_left() == 0 && live_ == 0 && (unclaimed() > 0 || !due_.empty());
    }

private:
    friend class Registry;

    bool take_back(LaneSlot& slot, LaneWord::Value word) {
        ItemRange const unstarted{slot.first_unstarted(word), slot.block.end};
        if (unstarted.empty()) return false;
        slot.block.end = unstarted.begin;
        calls_ -= slot.batched() ? 1 : unstarted.size();
        out_ -= unstarted.size();
        if (slot.batched()) {
            ++changes;
            ItemRange fresh;  // neighbours go back together
            for (auto const& item : slot.batch) {
                if (!item.fresh()) {
                    due_.push({slot.claimed_at, item.index, item.attempt_number, item.throttles, false, item.group});
                } else if (item.index == fresh.end && !fresh.empty()) {
                    ++fresh.end;
                } else {
                    returned_.give_back(fresh);
                    fresh = {item.index, item.index + 1};
                }
            }
            returned_.give_back(fresh);
        } else if (slot.attempt_number == 1 && slot.throttles == 0) {
            returned_.give_back(unstarted);
        } else {
            due_.push({slot.claimed_at, unstarted.begin, slot.attempt_number, slot.throttles});
            ++changes;
        }
        return true;
    }

    // A call full: first what is due again, then fresh items. A half of a call that failed goes by itself.
    bool claim_batch(LaneSlot& slot, time_point now, std::uint64_t most) {
        auto& batch = slot.batch;
        batch.clear();
        auto const add = [&](DueQueue::Entry const& e) {
            batch.push_back({e.index, e.attempt_number, e.throttles, e.group});
        };
        if (auto const first = due_.pop(now)) {
            add(*first);
            while (batch.size() < most) {
                auto const next = due_.pop(now, first->group);
                if (!next) break;
                add(*next);
            }
            ++changes;
        }
        if (batch.empty() || batch.front().group == 0) {
            // Those just taken out are on their way: they are part of what may still fail.
            auto const allowed = fresh_allowance();
            auto room = std::min(most, batch.size() + (allowed > batch.size() ? allowed - batch.size() : 0));
            while (batch.size() < room) {
                auto items = returned_.take(room - batch.size());
                if (items.empty()) {
                    items = {cursor_, std::min(cursor_ + (room - batch.size()), known_end_)};
                    cursor_ = items.end;
                }
                if (items.empty()) break;
                for (auto index = items.begin; index != items.end; ++index) batch.push_back({index});
            }
        }
        if (batch.empty()) return false;
        ++calls_;
        slot.width = batch.size();
        open(slot, {0, batch.size()}, now);
        return true;
    }

    void open(LaneSlot& slot, ItemRange block, time_point now) noexcept {
        slot.block = block;
        slot.base = slot.word.load().started();
        slot.unsuccessful = 0;
        slot.flushed = 0;
        slot.claimed_at = now;
        slot.state = LaneSlot::State::claimed;
        out_ += block.size();
        ++live_;
        slot.word.open();
    }

    void measure(LaneSlot& slot, std::uint64_t ended, time_point now) noexcept {
        auto const took = now - slot.claimed_at;
        slot.burst.record(ended, took);
    }

    std::uint64_t calls_left() const noexcept {
        return options.max_calls ? static_cast<std::uint64_t>(*options.max_calls) - calls_ : UINT64_MAX;
    }
    /// How many fresh items may be handed out before too many could wait for a retry.
    std::uint64_t fresh_allowance() const noexcept {
        auto const taken = due_.size() + out_;
        return taken >= max_retrying_ ? 0 : max_retrying_ - taken;
    }

    ItemRanges returned_;
    DueQueue due_;
    std::uint64_t cursor_ = 0;     // the first item never handed out
    std::uint64_t known_end_ = 0;  // one past the last item that the source has given
    Slim<std::uint64_t> expected_;
    std::uint64_t calls_ = 0;
    std::uint64_t retried_ = 0;
    std::uint64_t out_ = 0;   // items in open blocks that have not ended, as far as lanes have told
    std::uint64_t live_ = 0;
    std::uint64_t settled_version_ = 0;
    std::uint64_t max_retrying_;
    Job* older_ = nullptr;  // neighbours in the registry
    Job* newer_ = nullptr;
};

}  // namespace batchpace::engine
