// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/time.hpp>

#include <cstdint>

namespace batchpace::detail {

/// `at + span`, or `time_point::max()` where that is beyond it; `span` is not negative.
constexpr time_point saturated_add(time_point at, duration span) noexcept {
    return at > time_point::max() - span ? time_point::max() : at + span;
}

/// `a + b`, or `duration::max()` where that is beyond it; neither is negative.
constexpr duration saturated_add(duration a, duration b) noexcept {
    return a > duration::max() - b ? duration::max() : a + b;
}

/// `span * times`, or `duration::max()` where that is beyond it; `span` is not negative.
constexpr duration saturated_multiply(duration span, std::uint64_t times) noexcept {
    if (span.count() == 0 || times == 0) return duration::zero();
    if (times > static_cast<std::uint64_t>(duration::max().count() / span.count())) return duration::max();
    return span * static_cast<duration::rep>(times);
}

}  // namespace batchpace::detail
