// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/error.hpp>
#include <batchpace/failure.hpp>
#include <batchpace/policy/random.hpp>
#include <batchpace/time.hpp>

#include <optional>
#include <system_error>

namespace batchpace {

/// Waits the same time after every failure. Many items that fail together are tried again together; where that is a
/// storm, take `ExponentialBackoff`. Immutable: safe from any thread.
///
/// @par Example
/// @code
/// batchpace::RetryPolicy policy{batchpace::FixedBackoff{std::chrono::seconds{2}}};
/// @endcode
class FixedBackoff {
public:
    /// @param wait the delay, at least 0.
    /// @throws std::system_error `error::invalid_option` if it is negative.
    explicit FixedBackoff(duration wait) : wait_{wait} {
        if (wait < duration::zero())
            throw std::system_error{error::invalid_option, "FixedBackoff: wait must be at least 0"};
    }

    /// The delay after any attempt.
    duration delay(int, Random&) const noexcept { return wait_; }

    /// As a retry policy: always another attempt.
    std::optional<duration> next(Failure const&, int, Random&) const noexcept { return wait_; }

private:
    duration wait_;
};

}  // namespace batchpace
