// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/json/iso_time.hpp>
#include <batchpace/json/names.hpp>
#include <batchpace/waiting_for.hpp>

#include <nlohmann/json.hpp>

namespace batchpace {

/// {reason, scope, until?}; `until` is absent where an event decides, not the clock.
inline void to_json(nlohmann::json& j, WaitingFor const& w) {
    j = nlohmann::json::object();
    j["reason"] = w.reason;
    j["scope"] = w.scope;
    if (w.until) j["until"] = IsoTime::text(*w.until);
}
inline void from_json(nlohmann::json const& j, WaitingFor& w) {
    using detail::json::member;
    member(j, "reason", w.reason);
    member(j, "scope", w.scope);
    member(j, "until", w.until);
}

}  // namespace batchpace
