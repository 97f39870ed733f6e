// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/engine/boxed.hpp>
#include <batchpace/time.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace batchpace::engine {

/// Items that wait for their next attempt, the one due first in front; ties in the order of arrival.
/// An item in it holds no lane and no permit.
class DueQueue {
public:
    struct Entry {
        time_point due;
        std::uint64_t index;      ///< the item
        int attempt_number;       ///< of the attempt that will be made
        int throttles;            ///< how often the service has turned it away
        bool paid = false;        ///< the retry budget was charged for it
        std::uint32_t group = 0;  ///< called only together with the others of its group; 0: with any
        std::uint64_t order = 0;  ///< set by the queue
    };

    void push(Entry entry) {
        auto& [heap, next_order] = waiting_.made();
        entry.order = next_order++;
        heap.push_back(entry);
        std::push_heap(heap.begin(), heap.end(), later);
    }

    /// The first entry that is due at `now`, taken out.
    std::optional<Entry> pop(time_point now) {
        if (empty() || waiting_->heap.front().due > now) return std::nullopt;
        auto& heap = waiting_->heap;
        std::pop_heap(heap.begin(), heap.end(), later);
        Entry const entry = heap.back();
        heap.pop_back();
        return entry;
    }

    /// The same, where it is of that group.
    std::optional<Entry> pop(time_point now, std::uint32_t group) {
        return empty() || waiting_->heap.front().group != group ? std::nullopt : pop(now);
    }

    /// Whether the first entry may be called together with any other one.
    bool first_is_free() const noexcept { return !empty() && waiting_->heap.front().group == 0; }
    /// When the first entry is due; time_point::max() for an empty queue.
    time_point next() const noexcept { return empty() ? time_point::max() : waiting_->heap.front().due; }
    /// When the last one is due; visits them all.
    time_point last() const noexcept {
        auto latest = time_point::min();
        if (waiting_)
            for (auto const& entry : waiting_->heap) latest = std::max(latest, entry.due);
        return latest;
    }
    std::size_t size() const noexcept { return waiting_ ? waiting_->heap.size() : 0; }
    bool empty() const noexcept { return size() == 0; }

    /// Takes everything out and gives the memory back.
    std::vector<Entry> drain() noexcept { return waiting_ ? std::exchange(waiting_->heap, {}) : std::vector<Entry>{}; }

private:
    struct Waiting {
        std::vector<Entry> heap;
        std::uint64_t next_order = 0;
    };

    static bool later(Entry const& a, Entry const& b) noexcept {
        return a.due != b.due ? a.due > b.due : a.order > b.order;
    }

    Boxed<Waiting> waiting_;
};

}  // namespace batchpace::engine
