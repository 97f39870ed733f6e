// SPDX-License-Identifier: BSL-1.0
#pragma once

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
        entry.order = next_order_++;
        heap_.push_back(entry);
        std::push_heap(heap_.begin(), heap_.end(), later);
    }

    /// The first entry that is due at `now`, taken out.
    std::optional<Entry> pop(time_point now) {
        if (heap_.empty() || heap_.front().due > now) return std::nullopt;
        std::pop_heap(heap_.begin(), heap_.end(), later);
        Entry const entry = heap_.back();
        heap_.pop_back();
        return entry;
    }

    /// The same, where it is of that group.
    std::optional<Entry> pop(time_point now, std::uint32_t group) {
        return heap_.empty() || heap_.front().group != group ? std::nullopt : pop(now);
    }

    /// Whether the first entry may be called together with any other one.
    bool first_is_free() const noexcept { return !heap_.empty() && heap_.front().group == 0; }
    /// When the first entry is due; time_point::max() for an empty queue.
    time_point next() const noexcept { return heap_.empty() ? time_point::max() : heap_.front().due; }
    std::size_t size() const noexcept { return heap_.size(); }
    bool empty() const noexcept { return heap_.empty(); }

    /// Takes everything out and gives the memory back.
    std::vector<Entry> drain() noexcept { return std::exchange(heap_, {}); }

private:
    static bool later(Entry const& a, Entry const& b) noexcept {
        return a.due != b.due ? a.due > b.due : a.order > b.order;
    }

    std::vector<Entry> heap_;
    std::uint64_t next_order_ = 0;
};

}  // namespace batchpace::engine
