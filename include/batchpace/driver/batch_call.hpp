// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/batch.hpp>
#include <batchpace/driver/invoke.hpp>
#include <batchpace/failure.hpp>
#include <batchpace/outcome.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace batchpace::inline BATCHPACE_FLAVOUR::driver {

/// What a lane of batched calls holds beside any other's: what the annotator sees, and what keeps that alive.
template <class Item, class Chunk>
class BatchHold {
public:
    using View = Batch<Item>;

    /// The items of the call that the lane has claimed; under the mutex.
    template <class Slot, class Items>
    void fill(Slot const& slot, Items const& items) {
        entries_.clear();
        chunks_.clear();
        for (auto const& item : slot.batch) {
            auto const& chunk = items.chunk(item.index);
            if (chunks_.empty() || chunks_.back() != chunk) chunks_.push_back(chunk);
            entries_.push_back({&chunk->item(item.index), item.index, item.attempt_number});
        }
    }

    /// Items of the call. The lane's own number: the block is the engine's, which may have given the call up.
    std::size_t size() const noexcept { return entries_.size(); }
    View view(Attempt const& call) const noexcept { return {call, entries_}; }

private:
    std::vector<typename View::Entry> entries_;
    std::vector<std::shared_ptr<Chunk>> chunks_;
};

/// Takes the answer of a batched call apart: annotations to the lane, failures to the engine.
template <class Core>
class BatchCall {
public:
    using LaneType = typename Core::LaneType;

    /// Notes what the annotator has answered. What it or its answers throw is the call's failure; `end` tells the engine.
    template <class T>
    void take(Core& core, LaneType& lane, std::vector<T> answers) {
        auto const size = lane.call.size();
        if (answers.size() != size) {
            fail(Failure::transient("the annotator answered " + std::to_string(answers.size()) + " of " +
                                    std::to_string(size) + " items"));
            return;
        }
        for (std::size_t place = 0; place < size; ++place) {
            if constexpr (Annotated<T>::is_outcome) {
                if (answers[place])
                    core.keep(lane, place, std::move(answers[place]).value());
                else
                    failures_.emplace_back(place, std::move(answers[place]).failure());
            } else {
                core.keep(lane, place, std::move(answers[place]));
            }
        }
    }
    template <class T>
    void take(Core& core, LaneType& lane, Outcome<std::vector<T>> answer) {
        if (answer)
            take(core, lane, std::move(answer).value());
        else
            fail(std::move(answer).failure());
    }
    void fail(Failure whole) { whole_.emplace(std::move(whole)); }

    void end(Core& core, LaneType& lane) {
        if (whole_)
            core.batch_failed(lane, *whole_);
        else if (!failures_.empty())
            core.batch_ended(lane, failures_);
    }

private:
    std::vector<std::pair<std::uint64_t, Failure>> failures_;
    std::optional<Failure> whole_;
};

}  // namespace batchpace::inline BATCHPACE_FLAVOUR::driver
