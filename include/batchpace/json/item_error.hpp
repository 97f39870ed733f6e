// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/item_error.hpp>
#include <batchpace/json/iso_time.hpp>
#include <batchpace/json/names.hpp>

#include <nlohmann/json.hpp>

namespace batchpace {

/// {itemId, error, attemptNumber, kind, timestamp}
inline void to_json(nlohmann::json& j, ItemError const& e) {
    j = nlohmann::json::object();
    j["itemId"] = e.item_id;
    j["error"] = e.error;
    j["attemptNumber"] = e.attempt_number;
    j["kind"] = e.kind;
    j["timestamp"] = IsoTime::text(e.at);
}
inline void from_json(nlohmann::json const& j, ItemError& e) {
    using detail::json::member;
    member(j, "itemId", e.item_id);
    member(j, "error", e.error);
    member(j, "attemptNumber", e.attempt_number);
    member(j, "kind", e.kind);
    member(j, "timestamp", e.at);
}

}  // namespace batchpace
