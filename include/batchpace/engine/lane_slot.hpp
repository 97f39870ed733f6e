// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/engine/batch_item.hpp>
#include <batchpace/engine/burst.hpp>
#include <batchpace/engine/item_ranges.hpp>
#include <batchpace/engine/lane_word.hpp>
#include <batchpace/permit.hpp>
#include <batchpace/time.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace batchpace::engine {

class Job;

/// What the engine knows of one lane. The lane itself touches only `word` without the engine's mutex.
class LaneSlot {
public:
    /// Where a lane stands; every change is made under the mutex.
    enum class State : unsigned char {
        granted,    ///< chosen by the scheduler, on its way to the executor
        claimed,    ///< has a block: runs it, or comes back from it
        left,       ///< gave its place back: the driver forgets it
        abandoned,  ///< its attempt was given up; only its late answer is awaited
    };

    explicit LaneSlot(Job& owner) noexcept : job{&owner} {}
    virtual ~LaneSlot() = default;
    LaneSlot(LaneSlot const&) = delete;
    LaneSlot& operator=(LaneSlot const&) = delete;

    LaneWord word;
    Job* job;
    State state = State::granted;

    // The open block. Items are started in order, so the word's count says which of them were.
    ItemRange block;                   ///< its end shrinks when unstarted items are taken back
    std::vector<BatchItem> batch;      ///< of a batched call: its items, which `block` then has the places of
    std::uint64_t width = 1;           ///< items in flight where the word says that one is
    std::uint64_t base = 0;            ///< items started before this block
    std::uint64_t unsuccessful = 0;    ///< ends in this block that the ledger has already counted otherwise
    std::uint64_t flushed = 0;         ///< results of this block already handed over
    int attempt_number = 1;            ///< of the block's items; above 1 the block is one item
    int throttles = 0;
    std::optional<Permit> permit;      ///< admitted mode: taken for the block's one item
    time_point claimed_at{};
    time_point ended_at{};             ///< the lane's own note: when its block was over
    Burst burst;

    // The watchdog's notes.
    std::uint64_t seen = 0;            ///< sequence number of the attempt it looked at last
    time_point seen_at{};              ///< since when
    bool stop_asked = false;
    time_point stop_asked_at{};
    std::uint64_t abandoned_items = 0;  ///< in the call that was given up
    std::size_t live_index = 0;        ///< place in the engine's list of lanes
    std::size_t job_index = 0;         ///< place in the job's list of lanes

    bool batched() const noexcept { return !batch.empty(); }

    /// The item at a place of the block, from 0.
    BatchItem item(std::uint64_t place) const noexcept {
        return batched() ? batch[static_cast<std::size_t>(place)]
                         : BatchItem{block.begin + place, attempt_number, throttles};
    }

    /// The first item of the block that was not started, given a reading of the word.
    std::uint64_t first_unstarted(LaneWord::Value seen_word) const noexcept {
        return block.begin + (seen_word.started() - base);
    }
};

}  // namespace batchpace::engine
