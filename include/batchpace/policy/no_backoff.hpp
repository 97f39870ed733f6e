// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/failure.hpp>
#include <batchpace/policy/random.hpp>
#include <batchpace/time.hpp>

#include <optional>

namespace batchpace {

/// Does not wait: a failed item is tried again at once. For annotators that are local, and for tests.
/// It has no state: safe from any thread.
///
/// @par Example
/// @code
/// batchpace::RetryPolicy policy{batchpace::NoBackoff{}};
/// @endcode
class NoBackoff {
public:
    /// The delay after any attempt: none.
    duration delay(int, Random&) const noexcept { return duration::zero(); }

    /// As a retry policy: always another attempt.
    std::optional<duration> next(Failure const&, int, Random&) const noexcept { return duration::zero(); }
};

}  // namespace batchpace
