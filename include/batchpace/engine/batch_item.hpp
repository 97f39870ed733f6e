// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>

namespace batchpace::engine {

/// One item of a batched call.
struct BatchItem {
    std::uint64_t index = 0;
    int attempt_number = 1;
    int throttles = 0;
    std::uint32_t group = 0;  ///< see `DueQueue::Entry`
    bool failed = false;      ///< it was answered, badly

    /// Nothing of it has been tried yet.
    bool fresh() const noexcept { return attempt_number == 1 && throttles == 0 && group == 0; }
};

}  // namespace batchpace::engine
