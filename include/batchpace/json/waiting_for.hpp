// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/json/detail/tree_object.hpp>
#include <batchpace/json/iso_time.hpp>
#include <batchpace/json/names.hpp>
#include <batchpace/waiting_for.hpp>

#include <nlohmann/json.hpp>

namespace batchpace::detail::json {

template <class Object>
void describe(Object& o, WaitingFor const& w) {
    o.member("reason", w.reason);
    o.member("scope", w.scope);
    if (w.until) o.member("until", IsoTime::text(*w.until));
}

}  // namespace batchpace::detail::json

namespace batchpace {

/// {reason, scope, until?}; `until` is absent where an event decides, not the clock.
inline void to_json(nlohmann::json& j, WaitingFor const& w) {
    detail::json::TreeObject o{j};
    detail::json::describe(o, w);
}
inline void from_json(nlohmann::json const& j, WaitingFor& w) {
    using detail::json::member;
    member(j, "reason", w.reason);
    member(j, "scope", w.scope);
    member(j, "until", w.until);
}

}  // namespace batchpace
