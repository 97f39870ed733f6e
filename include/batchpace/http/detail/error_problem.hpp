// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/error.hpp>
#include <batchpace/http/detail/answers.hpp>
#include <batchpace/http/problem.hpp>

#include <chrono>
#include <string>
#include <system_error>
#include <utility>

namespace batchpace::http::detail {

/// What a client is told where the library refuses a call.
struct ErrorProblem {
    /// @param why  in words, as the library says it: the item that is there twice
    /// @param wait what is told to who should come back
    static Problem of(std::error_code code, std::string why, std::chrono::seconds wait) {
        if (code.category() != error_category()) return failed();
        switch (static_cast<error>(code.value())) {
            case error::duplicate_item:
                return invalid("duplicate-item", "An item is there twice", "imageIds",
                               "has \"" + why + "\" more than once");
            case error::no_items:
                return invalid("invalid-request", "The request is well-formed, but wrong", "imageIds", std::move(why));
            case error::cost_above_limit:
                return invalid("invalid-request", "The request is well-formed, but wrong", "rateLimitPerMinute",
                               std::move(why));
            case error::too_many_items:
                return {413, "too-many-items", "There are too many items in the request", std::move(why)};
            case error::too_many_jobs: {
                Problem p{429, "too-many-jobs", "Too many jobs are active", "Try again when one has finished"};
                p.fields.add("Retry-After", std::to_string(wait.count()));
                return p;
            }
            case error::unknown_job:
                return Answers::unknown_job();
            case error::job_active:
                return {409, "job-active", "The job is still active", "Wait until it has finished"};
            case error::nothing_to_retry:
                return {409, "nothing-to-retry", "The job has no item that could be tried again", std::move(why)};
            case error::shut_down:
            case error::no_processor:
                return Answers::shutting_down(wait);
            // What a client may say has been checked before: an option out of its range is the host's.
            case error::invalid_option:
            case error::hook_failed:
            case error::job_finished:
                break;
        }
        return failed();
    }

    /// Whose fault it is, is not the client's business.
    static Problem failed() { return {500, "internal-error", "The service has failed"}; }

private:
    static Problem invalid(std::string name, std::string title, std::string field, std::string why) {
        Problem p{422, std::move(name), std::move(title), why};
        p.errors.emplace_back(std::move(field), std::move(why));
        return p;
    }
};

}  // namespace batchpace::http::detail
