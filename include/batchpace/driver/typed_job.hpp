// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/driver/any_completion.hpp>
#include <batchpace/driver/rubbish.hpp>
#include <batchpace/engine/boxed.hpp>
#include <batchpace/engine/engine.hpp>
#include <batchpace/engine/item_chunks.hpp>
#include <batchpace/engine/job.hpp>
#include <batchpace/engine/result_log.hpp>
#include <batchpace/item_id.hpp>
#include <batchpace/item_result.hpp>
#include <batchpace/job_progress.hpp>

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace batchpace::inline BATCHPACE_FLAVOUR::driver {

/// Where a lane leaves the annotations of its block until the block is settled: a place for each item of it, so that
/// the watchdog can take those that are done while the lane is still at a later one. Blocks of slow items are small, and
/// so is this.
template <class T>
class BlockResults {
public:
    BlockResults() noexcept = default;
    BlockResults(BlockResults const&) = delete;
    BlockResults& operator=(BlockResults const&) = delete;
    ~BlockResults() { delete[] places_.load(std::memory_order_relaxed); }

    /// For a block of so many items, before its first one is called; what the last block left has been taken.
    void make_room(std::size_t places) noexcept {
        if (places <= count_) return;
        delete[] places_.exchange(nullptr, std::memory_order_relaxed);
        count_ = places;
    }
    /// In a place below what there is room for.
    void put(std::size_t place, T value) {
        auto* places = places_.load(std::memory_order_relaxed);
        if (places == nullptr) {
            places = new std::optional<T>[count_];
            places_.store(places, std::memory_order_release);
        }
        places[place].emplace(std::move(value));
    }
    std::optional<T> take(std::size_t place) {
        auto* const places = places_.load(std::memory_order_acquire);
        if (places == nullptr) return std::nullopt;
        return std::exchange(places[place], std::nullopt);
    }

private:
    // Atomic, because the lane may be making its first place while the watchdog looks: the places themselves are told
    // apart by the lane's word.
    std::atomic<std::optional<T>*> places_{nullptr};
    std::size_t count_ = 0;
};

/// The part of a lane that knows what an annotation is.
template <class T>
struct ResultSlot : engine::LaneSlot {
    using LaneSlot::LaneSlot;
    BlockResults<T> results;
};

/// A job that knows what its items and annotations are: it holds them, and those who wait for it.
template <class Item, class T>
class TypedJob final : public engine::Job {
public:
    using Job::Job;
    using Chunk = typename engine::ItemChunks<Item>::Chunk;
    using ResultCallback = std::function<void(JobId const&, ItemResult<T> const&)>;

    engine::ItemChunks<Item> items;
    engine::ResultLog<T> log{keeps_results ? static_cast<std::uint64_t>(options.keep_results) : 0};

    /// One who waits: for the finish, or (with a version) for the next change.
    struct Waiter {
        std::uint64_t id;
        std::optional<std::uint64_t> seen_version;
        AnyCompletion<net_error_code, JobProgress> done;
    };
    engine::Boxed<std::vector<engine::ItemRange>> cancelled;  ///< items that ended so, for whoever tries them again
    std::vector<Waiter> waiters;
    std::uint32_t watching = 0;  ///< how many of them watch
    bool announces = false;      ///< somebody wants every result
    bool announcing = false;     ///< finished, and its last results not yet handed to the hooks

    /// Asks the item source for up to so many items more; set for jobs that have one.
    engine::Boxed<std::function<void(std::size_t)>> pull;

    /// What it has from its processor.
    struct Surroundings {
        engine::Engine const& engine;  ///< for the wall clock
        // What the driver takes along when it leaves the mutex.
        std::vector<Rubbish<Item, T>> garbage = {};
        std::vector<std::pair<JobId, ItemResult<T>>> announced = {};
    };
    Surroundings* around = nullptr;

    /// About how much memory the job takes beside its own fixed size, for retention.
    std::uint64_t bytes() const {
        auto const of_items = items.bytes([](Item const& item) -> std::uint64_t {
            if constexpr (requires { item.capacity(); })
                return sizeof(Item) + item.capacity();
            else
                return sizeof(Item);
        });
        return of_items + log.bytes();
    }

    /// The job was forgotten: what it holds goes where it is destroyed in slices.
    void give_up_items() {
        for (auto& chunk : items.drain_chunks()) give_back(std::move(chunk));
    }
    void give_up_the_rest() {
        if (items.kept() > slice) around->garbage.emplace_back(items.drain_kept());
        if (log.size() > slice) around->garbage.emplace_back(log.drain());
        if (ledger.errors().size() > slice) around->garbage.emplace_back(ledger.drain_errors());
    }

    std::string item_id(std::uint64_t index) const override {
        auto const* item = items.lookup(index);
        if (item != nullptr) {
            try {
                return item_id_of(*item, index);  // which may be the host's
            } catch (...) {
            }
        }
        return '#' + std::to_string(index);
    }

    std::uint64_t chunk_end(std::uint64_t index) const override { return items.chunk_end(index); }

    void flush(engine::LaneSlot& slot, std::uint64_t count, time_point now) override {
        if (!keeps_results && !announces) return;
        if (slot.flushed >= count) return;
        auto& typed = static_cast<ResultSlot<T>&>(slot);
        auto const took = now - slot.claimed_at;
        auto const each = slot.batched() ? took : took / static_cast<duration::rep>(count);
        for (; slot.flushed < count; ++slot.flushed) {
            auto annotation = typed.results.take(static_cast<std::size_t>(slot.flushed));
            if (!annotation) continue;  // it failed, and was recorded then
            auto const item = slot.item(slot.flushed);
            record({{item.index, item.index + 1},
                    ItemStatus::successful,
                    FailureKind::transient,
                    item.attempt_number,
                    each,
                    around->engine.wall(now),
                    std::move(annotation),
                    {}});
        }
    }

    void item_failed(std::uint64_t index, ItemError const& error, duration took) override {
        items.need({index, index + 1});
        record({{index, index + 1}, ItemStatus::failed, error.kind, error.attempt_number, took, error.at, {}, error.error});
    }

    void items_cancelled(engine::ItemRange range, int attempts) override {
        if (range.empty()) return;
        items.need(range);
        cancelled.made().push_back(range);
        // Not announced one by one: there may be millions, and nothing was done for them.
        if (keeps_results)
            log.push({range, ItemStatus::cancelled, {}, attempts, {}, around->engine.wall(last_progress), {}, {}}, dropped());
    }

    void items_ended(std::uint64_t index, std::uint64_t count) override {
        give_back(items.ended(index, count, has_source()));
    }

    /// An entry of the log as the host sees it.
    ItemResult<T> result(typename engine::ResultLog<T>::Entry const& entry, std::uint64_t index) const {
        ItemResult<T> r;
        r.index = index;
        r.item_id = item_id(index);
        r.status = entry.status;
        if constexpr (std::copy_constructible<T>) r.annotation = entry.annotation;
        r.error = entry.error;
        r.kind = entry.kind;
        r.attempts = entry.attempts;
        r.took = entry.took;
        r.finished_at = entry.at;
        return r;
    }

    static constexpr bool keeps_results = !std::same_as<T, std::monostate> && std::copy_constructible<T>;

    static constexpr std::size_t slice = Rubbish<Item, T>::slice;

private:
    void record(typename engine::ResultLog<T>::Entry entry) {
        if (announces) {
            auto r = result(entry, entry.items.begin);
            if constexpr (!std::copy_constructible<T>) r.annotation = std::move(entry.annotation);
            around->announced.emplace_back(id, std::move(r));
        }
        if constexpr (keeps_results) {
            // Where none is kept the log still counts them: a reader is told what was dropped.
            if (entry.status == ItemStatus::successful && options.keep_results > 0) items.need(entry.items);
            log.push(std::move(entry), dropped());
        }
    }

    // Failed and cancelled items are needed beyond their results: they may be tried again.
    auto dropped() {
        return [this](ItemStatus how, engine::ItemRange range) {
            if (how == ItemStatus::successful) give_back(items.need_no_longer(range.begin, has_source()));
        };
    }

    bool has_source() const noexcept { return static_cast<bool>(pull); }

    void give_back(std::shared_ptr<Chunk> chunk) {
        if (chunk) around->garbage.emplace_back(std::move(chunk));
    }
};

}  // namespace batchpace::inline BATCHPACE_FLAVOUR::driver
