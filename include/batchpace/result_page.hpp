// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/item_result.hpp>

#include <cstdint>
#include <vector>

namespace batchpace {

/// Some of a job's ended items, in the order of their ending.
/// Ask on with `next`; where `first_available` is beyond what was asked for, the difference was dropped
/// (`keep_results`).
template <class T>
struct ResultPage {
    ResultPage() = default;

    std::vector<ItemResult<T>> items;
    std::uint64_t first_available = 0;  ///< the oldest result that is still kept
    std::uint64_t next = 0;             ///< where the next page begins
    bool ended = false;                 ///< true when nothing will come after `next`
};

}  // namespace batchpace
