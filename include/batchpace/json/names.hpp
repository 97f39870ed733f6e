// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/failure_kind.hpp>
#include <batchpace/item_result.hpp>
#include <batchpace/job_options.hpp>
#include <batchpace/job_status.hpp>
#include <batchpace/json/detail/reading.hpp>
#include <batchpace/stop_reason.hpp>
#include <batchpace/waiting_for.hpp>

#include <nlohmann/json.hpp>

namespace batchpace {

// Enumerators are written as `to_string` names them; an unknown name throws `nlohmann::json::type_error`, which lists
// those that are known.

inline void to_json(nlohmann::json& j, JobStatus value) { j = to_string(value); }
inline void from_json(nlohmann::json const& j, JobStatus& value) { detail::json::read_name(j, "job status", value); }

inline void to_json(nlohmann::json& j, StopReason value) { j = to_string(value); }
inline void from_json(nlohmann::json const& j, StopReason& value) { detail::json::read_name(j, "stop reason", value); }

inline void to_json(nlohmann::json& j, FailureKind value) { j = to_string(value); }
inline void from_json(nlohmann::json const& j, FailureKind& value) {
    detail::json::read_name(j, "failure kind", value);
}

inline void to_json(nlohmann::json& j, ItemStatus value) { j = to_string(value); }
inline void from_json(nlohmann::json const& j, ItemStatus& value) { detail::json::read_name(j, "item status", value); }

inline void to_json(nlohmann::json& j, Duplicates value) { j = to_string(value); }
inline void from_json(nlohmann::json const& j, Duplicates& value) {
    detail::json::read_name(j, "way with duplicates", value);
}

inline void to_json(nlohmann::json& j, WaitingFor::Reason value) { j = to_string(value); }
inline void from_json(nlohmann::json const& j, WaitingFor::Reason& value) {
    detail::json::read_name(j, "reason to wait", value);
}

inline void to_json(nlohmann::json& j, WaitingFor::Scope value) { j = to_string(value); }
inline void from_json(nlohmann::json const& j, WaitingFor::Scope& value) { detail::json::read_name(j, "scope", value); }

}  // namespace batchpace
