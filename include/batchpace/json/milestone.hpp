// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/json/detail/reading.hpp>
#include <batchpace/json/detail/tree_object.hpp>
#include <batchpace/json/iso_time.hpp>
#include <batchpace/milestone.hpp>

#include <nlohmann/json.hpp>

namespace batchpace::detail::json {

template <class Object>
void describe(Object& o, Milestone const& m) {
    o.member("percentage", m.percentage);
    o.member("processed", m.processed);
    o.member("total", m.total);
    o.member("at", IsoTime::text(m.at));
}

}  // namespace batchpace::detail::json

namespace batchpace {

/// {percentage, processed, total, at}; the event adds the jobId. The version is the event's id and no part of it.
inline void to_json(nlohmann::json& j, Milestone const& m) {
    detail::json::TreeObject o{j};
    detail::json::describe(o, m);
}
inline void from_json(nlohmann::json const& j, Milestone& m) {
    using detail::json::member;
    member(j, "percentage", m.percentage);
    member(j, "processed", m.processed);
    member(j, "total", m.total);
    member(j, "at", m.at);
}

}  // namespace batchpace
