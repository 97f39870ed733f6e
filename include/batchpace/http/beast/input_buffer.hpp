// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/asio.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

namespace batchpace::http::inline BATCHPACE_FLAVOUR::serving {

/// What a connection has received and not yet used: one piece of memory that grows up to a bound and can be small
/// while nothing happens. Using what is there moves nothing, so it is allowed while a read into the rest is pending.
class InputBuffer {
public:
    static constexpr std::size_t small = 2048;

    std::string_view data() const noexcept { return {memory_.get() + begin_, end_ - begin_}; }
    std::size_t size() const noexcept { return end_ - begin_; }
    bool empty() const noexcept { return begin_ == end_; }

    /// Room for at least one byte more, so that it does not hold more than `bound` bytes. Returns how much room; 0
    /// where it is full. Moves the content: not while a read is pending.
    std::size_t make_room(std::size_t bound) {
        if (size() >= bound) return 0;
        if (begin_ != 0) {
            if (!empty()) std::memmove(memory_.get(), memory_.get() + begin_, size());
            end_ -= begin_;
            begin_ = 0;
        }
        if (end_ == capacity_) grow(std::min(bound, std::max(small, capacity_ * 2)));
        return std::min(capacity_, bound) - end_;
    }
    char* room() noexcept { return memory_.get() + end_; }
    void commit(std::size_t count) noexcept { end_ += count; }
    void consume(std::size_t count) noexcept { begin_ += count; }

    /// Gives memory back that a large request has needed. Not while a read is pending.
    void shrink() {
        if (!empty()) return;
        begin_ = end_ = 0;
        if (capacity_ <= small) return;
        memory_.reset();
        capacity_ = 0;
    }

private:
    void grow(std::size_t capacity) {
        auto larger = std::make_unique_for_overwrite<char[]>(capacity);
        if (!empty()) std::memcpy(larger.get(), memory_.get(), size());
        memory_ = std::move(larger);
        capacity_ = capacity;
    }

    std::unique_ptr<char[]> memory_;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

}  // namespace batchpace::http::inline BATCHPACE_FLAVOUR::serving
