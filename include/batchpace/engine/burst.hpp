// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/time.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace batchpace::engine {

/// How many items a lane takes at once before it yields to the host's loop.
/// Starts at one, doubles while a burst was short, and is half of what a long one has done: slow items are handed out
/// one by one, fast ones share the cost of a post.
class Burst {
public:
    static constexpr std::uint64_t largest = 512;
    static constexpr std::uint64_t looks_after = 128;  ///< items of one burst that are called without a look at the clock
    static constexpr duration short_burst = std::chrono::microseconds{100};
    static constexpr duration long_burst = std::chrono::microseconds{500};

    std::uint64_t size() const noexcept { return size_; }

    /// A burst of `items` took `took`.
    void record(std::uint64_t items, duration took) noexcept {
        if (took > long_burst)
            size_ = std::max<std::uint64_t>(1, std::min(size_, items) / 2);
        else if (took < short_burst && items >= size_)  // one cut short by the end of a block says nothing
            size_ = std::min(largest, size_ * 2);
    }

    /// An item was found to be slow: the next ones are handed out one by one again.
    void reset() noexcept { size_ = 1; }

private:
    std::uint64_t size_ = 1;
};

}  // namespace batchpace::engine
