// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/failure_kind.hpp>
#include <batchpace/time.hpp>

#include <string>
#include <utility>

namespace batchpace {

/// An item that ended failed: its last error and the number of its last attempt.
struct ItemError {
    ItemError() = default;
    ItemError(std::string item, std::string text, int attempt, FailureKind what, wall_time when)
        : item_id{std::move(item)}, error{std::move(text)}, attempt_number{attempt}, kind{what}, at{when} {}

    std::string item_id;                          ///< the item, as `item_id(item)` names it
    std::string error;                            ///< the last failure's message
    int attempt_number = 0;                       ///< the last attempt's number, from 1
    FailureKind kind = FailureKind::transient;    ///< the last failure's kind
    wall_time at{};                               ///< when it ended

    friend bool operator==(ItemError const&, ItemError const&) = default;
};

}  // namespace batchpace
