// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/attempt.hpp>
#include <batchpace/job_id.hpp>
#include <batchpace/time.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <stop_token>
#include <utility>

namespace batchpace {

/// The items of one batched call, as its annotator sees them: all of one job, in the order in which answers are due.
/// A view: valid, with its items, until the call has really ended, also when that is after it was abandoned.
///
/// @par Example
/// @code
/// [&](batchpace::Batch<std::string> images) -> std::vector<batchpace::Outcome<Labels>> {
///     auto request = vision.request();
///     for (std::string const& image : images) request.add(image);
///     return request.send(images.deadline());
/// }
/// @endcode
template <class Item>
class Batch {
public:
    using item_type = Item;

    /// One item, and which attempt of it this is.
    struct Entry {
        Item const* item = nullptr;
        std::uint64_t index = 0;
        int attempt_number = 1;
    };

    class iterator {
    public:
        using value_type = Item;
        using difference_type = std::ptrdiff_t;
        using reference = Item const&;
        using pointer = Item const*;
        using iterator_category = std::forward_iterator_tag;

        iterator() = default;
        explicit iterator(Entry const* at) noexcept : at_{at} {}
        reference operator*() const noexcept { return *at_->item; }
        pointer operator->() const noexcept { return at_->item; }
        iterator& operator++() noexcept {
            ++at_;
            return *this;
        }
        iterator operator++(int) noexcept { return iterator{at_++}; }
        friend bool operator==(iterator, iterator) = default;

    private:
        Entry const* at_ = nullptr;
    };

    /// For whoever makes calls: a driver, or a host's test of its own annotator.
    Batch(Attempt const& call, std::span<Entry const> entries) noexcept : call_{&call}, entries_{entries} {}

    std::size_t size() const noexcept { return entries_.size(); }
    bool empty() const noexcept { return entries_.empty(); }
    Item const& operator[](std::size_t place) const noexcept { return *entries_[place].item; }
    iterator begin() const noexcept { return iterator{entries_.data()}; }
    iterator end() const noexcept { return iterator{entries_.data() + entries_.size()}; }

    JobId const& job() const noexcept { return call_->job(); }
    /// When the call will be asked to stop.
    time_point deadline() const noexcept { return call_->deadline(); }
    /// Asked to stop on cancel, time-out and shutdown.
    std::stop_token const& stop_token() const noexcept { return call_->stop_token(); }
    /// What is known of the attempt at one item: its index, number and idempotency key.
    Attempt attempt(std::size_t place) const {
        auto const& entry = entries_[place];
        return {call_->job(), entry.index, entry.attempt_number, call_->deadline(), call_->stop_token()};
    }

private:
    Attempt const* call_;
    std::span<Entry const> entries_;
};

}  // namespace batchpace
