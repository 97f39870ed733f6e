// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/job_id.hpp>
#include <batchpace/json/detail/reading.hpp>

#include <nlohmann/json.hpp>

#include <string>

namespace batchpace {

/// A job's id as its 36 characters.
inline void to_json(nlohmann::json& j, JobId const& id) { j = id.to_string(); }
inline void from_json(nlohmann::json const& j, JobId& id) {
    if (!j.is_string()) detail::json::refuse_type("the id of a job", j);
    auto const& text = j.get_ref<std::string const&>();
    auto const parsed = JobId::parse(text);
    if (!parsed) detail::json::refuse("the id of a job is expected, not \"" + text + '"', j);
    id = *parsed;
}

}  // namespace batchpace
