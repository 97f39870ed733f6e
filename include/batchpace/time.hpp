// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>

namespace batchpace {

/// A point on the monotonic clock, as a plain value: whoever decides something gets it as an argument.
/// Under the simulation it is virtual; nothing in policies and engine reads a clock.
using time_point = std::chrono::steady_clock::time_point;

/// The monotonic clock's duration (nanoseconds).
using duration = std::chrono::steady_clock::duration;

/// A point on the wall clock, for people and logs; never used to decide anything.
using wall_time = std::chrono::system_clock::time_point;

}  // namespace batchpace
