// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/http/problem.hpp>
#include <batchpace/http/response.hpp>
#include <batchpace/job_progress.hpp>
#include <batchpace/job_status.hpp>
#include <batchpace/json/detail/text_object.hpp>
#include <batchpace/json/detail/tree_object.hpp>
#include <batchpace/json/dump.hpp>
#include <batchpace/json/iso_time.hpp>
#include <batchpace/json/job_progress.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace batchpace::http::detail {

/// The answers of the REST API that are JSON, and its problems.
struct Answers {
    static Response json(int status, nlohmann::json const& document) { return text(status, dump(document)); }
    /// JSON that has been written already.
    static Response text(int status, std::string document) {
        Response r{status, "application/json", std::move(document)};
        r.fields.add("Cache-Control", "no-store");
        r.fields.add("X-Content-Type-Options", "nosniff");
        return r;
    }

    /// How many errors a status answer has at the most.
    static constexpr std::size_t most_errors = 1'000;

    /// The status answer without its errors, for an event: they are many, and who wants them asks for the status.
    /// @param progress with all of its errors: the answer still says whether the status is without some
    static std::string event(JobProgress const& p) {
        std::string text;
        {
            batchpace::detail::json::TextObject o{text};
            batchpace::detail::json::describe_without_errors(o, p);
            o.member("errorsTruncated", std::min(p.errors.size(), most_errors) < p.error_count);
        }
        return text;
    }

    /// A job in a list, where nobody knows how many errors there would be.
    static nlohmann::json without_errors(JobProgress const& p) {
        nlohmann::json document;
        batchpace::detail::json::TreeObject o{document};
        batchpace::detail::json::describe_without_errors(o, p);
        return document;
    }

    /// What cancel, pause, resume and update say.
    static nlohmann::json steered(JobProgress const& p, std::string_view what) {
        auto document = nlohmann::json::object();
        document["message"] = named(p, what);
        document["jobId"] = p.job_id;
        document["status"] = p.status;
        document["paused"] = p.paused;
        auto& progress = document["progress"] = nlohmann::json::object();
        progress["total"] = p.total;
        progress["processed"] = p.processed();
        progress["successful"] = p.successful;
        progress["failed"] = p.failed;
        progress["percentage"] = nullptr;
        if (p.percentage) progress["percentage"] = *p.percentage;
        return document;
    }

    static nlohmann::json active(JobProgress const& p) {
        auto document = nlohmann::json::object();
        document["id"] = p.job_id;
        document["status"] = p.status;
        document["processedItems"] = p.processed();
        document["totalItems"] = p.total;
        document["successfulItems"] = p.successful;
        document["failedItems"] = p.failed;
        document["startedAt"] = IsoTime::text(p.started_at.value_or(p.created_at));
        document["createdAt"] = IsoTime::text(p.created_at);
        return document;
    }

    static Problem unknown_job() {
        return {404, "unknown-job", "There is no such job", "It never was, has been forgotten, or is not yours"};
    }
    static Problem job_finished(JobProgress const& p, std::string_view not_done) {
        Problem problem{409, "job-finished", "The job has finished"};
        auto const status = to_string(p.status);
        problem.message = named(p, std::string{"already "} + std::string{status} + ", not " + std::string{not_done});
        problem.detail = problem.message;
        return problem;
    }
    static Problem shutting_down(std::chrono::seconds wait) {
        Problem problem{503, "shutting-down", "The service is shutting down",
                        "It takes no job any more; ask its successor"};
        problem.fields.add("Retry-After", std::to_string(wait.count()));
        return problem;
    }

private:
    static std::string named(JobProgress const& p, std::string_view what) {
        return "Batch job " + p.job_id.to_string() + ' ' + std::string{what};
    }
};

}  // namespace batchpace::http::detail
