// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/engine/boxed.hpp>
#include <batchpace/engine/item_ranges.hpp>
#include <batchpace/failure_kind.hpp>
#include <batchpace/item_result.hpp>
#include <batchpace/time.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>

namespace batchpace::engine {

/// The items of a job in the order of their ending, the latest `keep` of them. A run of items that a cancel dropped is
/// one entry, so that dropping ten million costs no more than dropping one.
template <class T>
class ResultLog {
public:
    struct Entry {
        ItemRange items;
        ItemStatus status = ItemStatus::successful;
        FailureKind kind = FailureKind::transient;
        int attempts = 0;
        duration took{};
        wall_time at{};
        std::optional<T> annotation;
        std::string error;
        std::uint64_t first = 0;  ///< number of its first item in the order of ending
    };

    using Entries = std::deque<Entry>;

    explicit ResultLog(std::uint64_t keep) : keep_{keep} {}

    /// Adds what has ended, and drops what is too old: `dropped(status, items)` is told.
    template <class Dropped>
    void push(Entry entry, Dropped&& dropped) {
        entry.first = next_;
        next_ += entry.items.size();
        if (keep_ == 0) {
            dropped(entry.status, entry.items);
            return;
        }
        texts_ += entry.error.capacity();
        auto& entries = entries_.made();
        entries.push_back(std::move(entry));
        while (next_ - first_available() > keep_) {
            auto& oldest = entries.front();
            auto const over = std::min(next_ - oldest.first - keep_, oldest.items.size());
            dropped(oldest.status, ItemRange{oldest.items.begin, oldest.items.begin + over});
            oldest.first += over;
            oldest.items.begin += over;
            if (!oldest.items.empty()) continue;
            texts_ -= oldest.error.capacity();
            entries.pop_front();
        }
    }

    /// About how much memory it takes; what annotations hold beyond their own size is the host's.
    std::uint64_t bytes() const noexcept { return size() * sizeof(Entry) + texts_; }

    /// The number of the oldest item that is still here.
    std::uint64_t first_available() const noexcept { return size() == 0 ? next_ : entries_->front().first; }
    /// One past the number of the latest.
    std::uint64_t next() const noexcept { return next_; }

    /// Calls `visit(entry, item index)` for up to `most` items from number `from` on; returns where to go on.
    template <class Visit>
    std::uint64_t read(std::uint64_t from, std::uint64_t most, Visit&& visit) const {
        from = std::max(from, first_available());
        if (!entries_) return from;
        auto entry = std::upper_bound(entries_->begin(), entries_->end(), from,
                                      [](std::uint64_t number, Entry const& e) { return number < e.first; });
        if (entry != entries_->begin()) --entry;
        for (; entry != entries_->end() && most > 0; ++entry)
            for (; from < entry->first + entry->items.size() && most > 0; ++from, --most)
                visit(*entry, entry->items.begin + (from - entry->first));
        return from;
    }

    /// Entries that are kept.
    std::size_t size() const noexcept { return entries_ ? entries_->size() : 0; }

    /// Takes everything out, to be destroyed where that is cheap.
    Boxed<Entries> drain() noexcept {
        texts_ = 0;
        return std::move(entries_);
    }

private:
    std::uint64_t keep_;
    std::uint64_t next_ = 0;
    std::uint64_t texts_ = 0;  // bytes of the errors' texts
    Boxed<Entries> entries_;
};

}  // namespace batchpace::engine
