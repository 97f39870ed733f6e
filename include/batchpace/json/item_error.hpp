// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/item_error.hpp>
#include <batchpace/json/detail/tree_object.hpp>
#include <batchpace/json/iso_time.hpp>
#include <batchpace/json/names.hpp>

#include <nlohmann/json.hpp>

namespace batchpace::detail::json {

template <class Object>
void describe(Object& o, ItemError const& e) {
    o.member("itemId", e.item_id);
    o.member("error", e.error);
    o.member("attemptNumber", e.attempt_number);
    o.member("kind", e.kind);
    o.member("timestamp", IsoTime::text(e.at));
}

}  // namespace batchpace::detail::json

namespace batchpace {

/// {itemId, error, attemptNumber, kind, timestamp}
inline void to_json(nlohmann::json& j, ItemError const& e) {
    detail::json::TreeObject o{j};
    detail::json::describe(o, e);
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
