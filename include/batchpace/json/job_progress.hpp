// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/job_progress.hpp>
#include <batchpace/json/detail/reading.hpp>
#include <batchpace/json/detail/text_object.hpp>
#include <batchpace/json/detail/tree_object.hpp>
#include <batchpace/json/iso_time.hpp>
#include <batchpace/json/item_error.hpp>
#include <batchpace/json/job_id.hpp>
#include <batchpace/json/milestone.hpp>
#include <batchpace/json/names.hpp>
#include <batchpace/json/waiting_for.hpp>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>

namespace batchpace::detail::json {

/// All but the errors themselves.
template <class Object>
void describe_without_errors(Object& o, JobProgress const& p) {
    o.member("jobId", p.job_id);
    o.member("status", p.status);
    if (p.stop_reason != StopReason::none) o.member("stopReason", p.stop_reason);
    o.member("version", p.version);
    o.object("progress", [&](auto& progress) {
        progress.member("total", p.total);
        progress.member("processed", p.processed());
        progress.member("successful", p.successful);
        progress.member("failed", p.failed);
        if (p.percentage)
            progress.member("percentage", *p.percentage);
        else
            progress.member("percentage", nullptr);
    });
    o.member("totalKnown", p.total_known);
    o.member("waiting", p.waiting);
    o.member("inFlight", p.running);
    o.member("retrying", p.retrying);
    o.member("cancelled", p.cancelled);
    o.member("abandoned", p.abandoned);
    if (p.estimated_time_remaining) o.member("estimatedTimeRemaining", ms_up(*p.estimated_time_remaining));
    if (p.waiting_for) o.object("waitingFor", [&](auto& waiting) { describe(waiting, *p.waiting_for); });
    o.member("paused", p.paused);
    o.member("stalled", p.stalled);
    o.member("createdAt", IsoTime::text(p.created_at));
    if (p.started_at) o.member("startedAt", IsoTime::text(*p.started_at));
    if (p.finished_at) o.member("finishedAt", IsoTime::text(*p.finished_at));
    if (!p.label.empty()) o.member("label", p.label);
    if (p.retry_of) o.member("retryOf", *p.retry_of);
    o.array("milestones", p.milestones, [](auto& milestone, Milestone const& m) { describe(milestone, m); });
    o.member("errorCount", p.error_count);
    o.object("errorDistribution", [&](auto& distribution) {
        for (auto const& [text, count] : p.error_distribution) distribution.member(text, count);
    });
}

template <class Object>
void describe(Object& o, JobProgress const& p) {
    describe_without_errors(o, p);
    o.array("errors", p.errors, [](auto& error, ItemError const& e) { describe(error, e); });
    o.member("errorsTruncated", p.errors.size() < p.error_count);
}

}  // namespace batchpace::detail::json

namespace batchpace {

/// The answer to a status request of the REST API.
///
/// Optional members are absent where there is nothing to say, also `stopReason` of a job that was not stopped and an
/// empty `label`; `progress.percentage` is always there, null while the total is unknown. `errorsTruncated` says that
/// more items failed than are in `errors`. The tenant and what the item source said are the server's business and not
/// shown: they do not come back from JSON either. Times are cut off to milliseconds.
inline void to_json(nlohmann::json& j, JobProgress const& p) {
    detail::json::TreeObject o{j};
    detail::json::describe(o, p);
}
/// The same as compact text, without building a document: a fifth of the time.
inline std::string dump(JobProgress const& p) {
    std::string text;
    text.reserve(768 + p.errors.size() * 160);
    {
        detail::json::TextObject o{text};
        detail::json::describe(o, p);
    }
    return text;
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
