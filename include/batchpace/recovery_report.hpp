// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>

namespace batchpace {

/// What `async_recover` found in the store.
struct RecoveryReport {
    std::uint64_t jobs = 0;            ///< jobs that go on
    std::uint64_t items_left = 0;      ///< their items without an acknowledged outcome
    std::uint64_t jobs_finished = 0;   ///< finished ones that can be asked about again
};

}  // namespace batchpace
