// SPDX-License-Identifier: BSL-1.0
#pragma once

namespace batchpace {

/// Which items of a finished job to try again.
struct RetryFailed {
    bool include_cancelled = false;  ///< also those that a cancel, a stop or a shutdown cut off
};

}  // namespace batchpace
