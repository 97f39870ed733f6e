// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/time.hpp>

#include <cstddef>

namespace batchpace {

/// The right to make `cost` starts at `at`, taken from a rate limiter.
/// A limiter finds it again by `at`, so that a permit whose call is not made can be given back.
struct Permit {
    time_point at{};       ///< when it was taken
    std::size_t cost = 0;  ///< how many starts it stands for

    friend bool operator==(Permit const&, Permit const&) = default;
};

}  // namespace batchpace
