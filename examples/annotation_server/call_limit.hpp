// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/permit.hpp>
#include <batchpace/policy/sliding_window.hpp>
#include <batchpace/time.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

namespace annotation_server {

/// A rate limit that may be none: a `SlidingWindow`, where the command line names one.
class CallLimit {
public:
    CallLimit() = default;
    explicit CallLimit(batchpace::SlidingWindow window) : window_{std::move(window)} {}

    batchpace::time_point earliest(batchpace::time_point now, std::size_t cost) const noexcept {
        return window_ ? window_->earliest(now, cost) : now;
    }
    batchpace::Permit take(batchpace::time_point now, std::size_t cost) {
        return window_ ? window_->take(now, cost) : batchpace::Permit{now, cost};
    }
    void give_back(batchpace::Permit permit) noexcept {
        if (window_) window_->give_back(permit);
    }
    batchpace::time_point last_of(batchpace::time_point now, std::uint64_t calls) const noexcept {
        return window_ ? window_->last_of(now, calls) : now;
    }

private:
    std::optional<batchpace::SlidingWindow> window_;
};

}  // namespace annotation_server
