// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/job_progress.hpp>
#include <batchpace/json/detail/reading.hpp>
#include <batchpace/json/iso_time.hpp>
#include <batchpace/json/item_error.hpp>
#include <batchpace/json/job_id.hpp>
#include <batchpace/json/milestone.hpp>
#include <batchpace/json/names.hpp>
#include <batchpace/json/waiting_for.hpp>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>

namespace batchpace {

/// The answer to a status request of the REST API.
///
/// Optional members are absent where there is nothing to say, also `stopReason` of a job that was not stopped and an
/// empty `label`; `progress.percentage` is always there, null while the total is unknown. `errorsTruncated` says that
/// more items failed than are in `errors`. The tenant and what the item source said are the server's business and not
/// shown: they do not come back from JSON either. Times are cut off to milliseconds.
inline void to_json(nlohmann::json& j, JobProgress const& p) {
    j = nlohmann::json::object();
    j["jobId"] = p.job_id;
    j["status"] = p.status;
    if (p.stop_reason != StopReason::none) j["stopReason"] = p.stop_reason;
    j["version"] = p.version;
    auto& progress = j["progress"] = nlohmann::json::object();
    progress["total"] = p.total;
    progress["processed"] = p.processed();
    progress["successful"] = p.successful;
    progress["failed"] = p.failed;
    progress["percentage"] = nullptr;
    if (p.percentage) progress["percentage"] = *p.percentage;
    j["totalKnown"] = p.total_known;
    j["waiting"] = p.waiting;
    j["inFlight"] = p.running;
    j["retrying"] = p.retrying;
    j["cancelled"] = p.cancelled;
    j["abandoned"] = p.abandoned;
    if (p.estimated_time_remaining) j["estimatedTimeRemaining"] = detail::json::ms_up(*p.estimated_time_remaining);
    if (p.waiting_for) j["waitingFor"] = *p.waiting_for;
    j["paused"] = p.paused;
    j["stalled"] = p.stalled;
    j["createdAt"] = IsoTime::text(p.created_at);
    if (p.started_at) j["startedAt"] = IsoTime::text(*p.started_at);
    if (p.finished_at) j["finishedAt"] = IsoTime::text(*p.finished_at);
    if (!p.label.empty()) j["label"] = p.label;
    if (p.retry_of) j["retryOf"] = *p.retry_of;
    j["milestones"] = p.milestones;
    j["errors"] = p.errors;
    j["errorCount"] = p.error_count;
    j["errorsTruncated"] = p.errors.size() < p.error_count;
    j["errorDistribution"] = p.error_distribution;
}

/// Reads it back. Throws `nlohmann::json::type_error`, naming the member, where one is missing, of the wrong type or
/// out of range. What follows from other members (`processed`, `errorsTruncated`) is not looked at.
inline void from_json(nlohmann::json const& j, JobProgress& p) {
    using detail::json::member;
    p = JobProgress{};
    member(j, "jobId", p.job_id);
    member(j, "status", p.status);
    detail::json::member_or(j, "stopReason", p.stop_reason);
    member(j, "version", p.version);
    auto const& progress = detail::json::object_member(j, "progress");
    member(progress, "total", p.total);
    member(progress, "successful", p.successful);
    member(progress, "failed", p.failed);
    member(progress, "percentage", p.percentage);
    member(j, "totalKnown", p.total_known);
    member(j, "waiting", p.waiting);
    member(j, "inFlight", p.running);
    member(j, "retrying", p.retrying);
    member(j, "cancelled", p.cancelled);
    member(j, "abandoned", p.abandoned);
    member(j, "estimatedTimeRemaining", p.estimated_time_remaining);
    member(j, "waitingFor", p.waiting_for);
    member(j, "paused", p.paused);
    member(j, "stalled", p.stalled);
    member(j, "createdAt", p.created_at);
    member(j, "startedAt", p.started_at);
    member(j, "finishedAt", p.finished_at);
    detail::json::member_or(j, "label", p.label);
    member(j, "retryOf", p.retry_of);
    member(j, "milestones", p.milestones);
    member(j, "errors", p.errors);
    member(j, "errorCount", p.error_count);
    member(j, "errorDistribution", p.error_distribution);
}

}  // namespace batchpace
