// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/json/detail/reading.hpp>
#include <batchpace/processor_stats.hpp>

#include <nlohmann/json.hpp>

namespace batchpace {

/// {activeJobs, finishedJobs, jobsStarted, totalProcessing, totalSuccessful, totalFailed, totalCancelled, abandoned,
/// totalAbandoned, attemptsFailed, lateAnswers, hookExceptions}.
/// `totalProcessing` and `abandoned` are attempts out now; the totals are of items and count since the start, but
/// `totalAbandoned` counts attempts.
inline void to_json(nlohmann::json& j, ProcessorStats const& s) {
    j = nlohmann::json::object();
    j["activeJobs"] = s.active_jobs;
    j["finishedJobs"] = s.finished_jobs;
    j["jobsStarted"] = s.jobs_started;
    j["totalProcessing"] = s.in_flight;
    j["totalSuccessful"] = s.successful;
    j["totalFailed"] = s.failed;
    j["totalCancelled"] = s.cancelled;
    j["abandoned"] = s.abandoned;
    j["totalAbandoned"] = s.abandoned_ever;
    j["attemptsFailed"] = s.attempts_failed;
    j["lateAnswers"] = s.late_answers;
    j["hookExceptions"] = s.hook_exceptions;
}
inline void from_json(nlohmann::json const& j, ProcessorStats& s) {
    using detail::json::member;
    member(j, "activeJobs", s.active_jobs);
    member(j, "finishedJobs", s.finished_jobs);
    member(j, "jobsStarted", s.jobs_started);
    member(j, "totalProcessing", s.in_flight);
    member(j, "totalSuccessful", s.successful);
    member(j, "totalFailed", s.failed);
    member(j, "totalCancelled", s.cancelled);
    member(j, "abandoned", s.abandoned);
    member(j, "totalAbandoned", s.abandoned_ever);
    member(j, "attemptsFailed", s.attempts_failed);
    member(j, "lateAnswers", s.late_answers);
    member(j, "hookExceptions", s.hook_exceptions);
}

}  // namespace batchpace
