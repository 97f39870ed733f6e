// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/failure_kind.hpp>
#include <batchpace/time.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace batchpace {

/// How one item ended.
enum class ItemStatus : unsigned char { successful, failed, cancelled };

constexpr std::string_view to_string(ItemStatus status) noexcept {
    switch (status) {
        case ItemStatus::successful: return "successful";
        case ItemStatus::failed: return "failed";
        case ItemStatus::cancelled: return "cancelled";
    }
    return "unknown";
}

/// One ended item: what `on_result` is called with and `results` returns.
template <class T>
struct ItemResult {
    ItemResult() = default;

    std::uint64_t index = 0;                       ///< the item's place in its job
    std::string item_id;                           ///< the item, as `item_id(item)` names it
    ItemStatus status = ItemStatus::successful;
    std::optional<T> annotation;                   ///< what the annotator made of it, where it succeeded
    std::string error;                             ///< the last failure's message, where it did not
    FailureKind kind = FailureKind::transient;     ///< the last failure's kind, where it failed
    int attempts = 0;                              ///< attempts made
    duration took{};                               ///< the last attempt's duration; in a burst of fast items their mean
    wall_time finished_at{};                       ///< when it ended; in a burst of fast items when the burst ended
};

}  // namespace batchpace
