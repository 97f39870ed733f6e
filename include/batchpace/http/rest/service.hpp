// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/asio.hpp>
#include <batchpace/error.hpp>
#include <batchpace/explain.hpp>
#include <batchpace/http/caller.hpp>
#include <batchpace/http/detail/answers.hpp>
#include <batchpace/http/detail/error_problem.hpp>
#include <batchpace/http/detail/query_reader.hpp>
#include <batchpace/http/detail/route.hpp>
#include <batchpace/http/handler.hpp>
#include <batchpace/http/origin_guard.hpp>
#include <batchpace/http/problem.hpp>
#include <batchpace/http/rest/event_feeds.hpp>
#include <batchpace/http/rest/result_stream.hpp>
#include <batchpace/http/rest_options.hpp>
#include <batchpace/http/server_sent_event.hpp>
#include <batchpace/http/start_request.hpp>
#include <batchpace/http/target.hpp>
#include <batchpace/http/update_request.hpp>
#include <batchpace/job_filter.hpp>
#include <batchpace/job_id.hpp>
#include <batchpace/job_progress.hpp>
#include <batchpace/job_status.hpp>
#include <batchpace/json/estimate.hpp>
#include <batchpace/json/processor_stats.hpp>
#include <batchpace/retry_failed.hpp>
#include <batchpace/tier.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace batchpace::http::inline BATCHPACE_FLAVOUR::rest {

/// What a RestApi's copies share: it answers the requests.
template <class Processor>
class Service : public std::enable_shared_from_this<Service<Processor>> {
public:
    Service(Processor& processor, RestOptions options)
        : processor_{&processor},
          options_{std::move(options)},
          prefix_{options_.prefix},
          guard_{options_.origins},
          feeds_{processor, options_} {
        while (options_.prefix.ends_with('/')) options_.prefix.pop_back();
        if (!options_.prefix.empty() && !options_.prefix.starts_with('/')) options_.prefix.insert(0, 1, '/');
        options_.defaults.tenant = options_.defaults.label = options_.defaults.idempotency_key = {};
    }

    bool owns(std::string_view text) const {
        auto const target = Target::parse(text);
        if (!target) return false;
        auto const& all = target->segments;
        return prefix_.match(*target) != SIZE_MAX || (all.size() == 1 && (all[0] == "metrics" || all[0] == "healthz"));
    }

    void answer(Request request, Respond respond) {
        if (guard_.varies())
            respond = [respond = std::move(respond), origin = guard_.allows(request)
                                                                  ? std::string{*request.fields.find("Origin")}
                                                                  : std::string{}](Response response) {
                if (!origin.empty()) OriginGuard::open(origin, response);
                response.fields.add("Vary", "Origin");
                respond(std::move(response));
            };
        Response now;
        try {
            auto answered = look_at(request, respond);
            if (!answered) return;  // it comes later
            now = *std::move(answered);
        } catch (std::system_error const& e) {
            now = problem_of(e.code(), e.what()).response();
        } catch (std::exception const&) {
            // What was thrown is the host's business (its hooks, no memory), not the client's.
            now = detail::ErrorProblem::failed().response();
        }
        respond(std::move(now));
    }

private:
    using Call = detail::Route::Call;
    using Answers = detail::Answers;
    // nullopt: the answer comes later, by a copy of `respond`.
    using Answer = std::optional<Response>;

    static constexpr std::uint64_t most_jobs = 1'000;

    Answer look_at(Request& request, Respond const& respond) {
        if (auto const refused = guard_.refuse(request)) return refused->response();
        auto const target = Target::parse(request.target);
        if (!target) {
            if (request.method == "OPTIONS" && request.target == "*") return no_content();
            return Problem{400, "malformed-request", "The request cannot be read",
                           "Its target is no path, or has an escape that is none"}
                .response();
        }
        auto const route = detail::Route::of(*target, prefix_);
        if (route.call == Call::none || (route.call == Call::metrics && !options_.metrics))
            return Problem{404, "unknown-path", "There is nothing here", "The paths are in docs/rest_api.md"}
                .response();
        if (request.method == "OPTIONS") return preflight(request, route);
        auto const head = request.method == "HEAD";
        if (route.changes() ? request.method != "POST" : request.method != "GET" && !head) {
            Problem p{405, "method-not-allowed", "This path is not asked that way",
                      "It takes " + std::string{route.methods()}};
            p.fields.add("Allow", std::string{route.methods()});
            return p.response();
        }
        if (route.call == Call::healthz) return health();
        auto who = options_.authorize ? options_.authorize(request) : std::variant<Caller, Response>{Caller{}};
        if (auto* const refused = std::get_if<Response>(&who)) return std::move(*refused);
        auto const& caller = std::get<Caller>(who);
        if (request.body.size() > options_.max_body_bytes)
            return Problem{413, "body-too-large", "The body is too large",
                           "It may have " + std::to_string(options_.max_body_bytes) + " bytes"}
                .response();
        switch (route.call) {
            case Call::start:
                return start(caller, request, respond);
            case Call::jobs:
                return jobs(caller, *target);
            case Call::active:
                return active(caller);
            case Call::stats:
                return Answers::json(200, processor_->stats());
            case Call::estimate:
                return estimate(caller, *target);
            case Call::metrics:
                return metrics();
            default:
                return of_job(route, caller, *target, request, respond, head);
        }
    }

    // ---- calls about a job --------------------------------------------------------------------------------------

    Answer of_job(detail::Route const& route, Caller const& caller, Target const& target, Request& request,
                  Respond const& respond, bool head) {
        auto const id = JobId::parse(route.job);
        detail::QueryReader query{target};
        auto const errors =
            route.call == Call::status ? query.number("errors", Answers::most_errors, 0, Answers::most_errors) : 0;
        auto const progress = id ? processor_->progress(*id, static_cast<std::size_t>(errors)) : std::nullopt;
        if (!progress || progress->tenant != caller.tenant) return Answers::unknown_job().response();
        if (auto const problem = query.problem()) return problem->response();
        switch (route.call) {
            case Call::status:
                return Answers::text(200, dump(*progress));
            case Call::results:
                return results(*progress, query);
            case Call::events:
                return events(*progress, request, head);
            case Call::cancel:
                return cancel(*id, respond);
            case Call::pause:
                return steered(*id, processor_->pause(*id), "paused");
            case Call::resume:
                return steered(*id, processor_->resume(*id), "resumed");
            case Call::retry:
                return retry(*progress, target);
            default:
                return update(*id, request);
        }
    }

    // `done`: it was; otherwise the job has finished, or has been forgotten since.
    Response steered(JobId id, bool done, std::string_view what) {
        auto const progress = processor_->progress(id, 0);
        if (!progress) return Answers::unknown_job().response();
        if (!done) return Answers::job_finished(*progress, what).response();
        return Answers::json(200, Answers::steered(*progress, what));
    }

    Answer cancel(JobId id, Respond const& respond) {
        processor_->async_cancel(id, [self = this->shared_from_this(), id, respond](net_error_code error) {
            self->later(respond, [&]() -> Response {
                auto const progress = self->processor_->progress(id, 0);
                if (!progress || error == make_error_code(error::unknown_job)) return Answers::unknown_job().response();
                if (error && error != make_error_code(error::job_finished))
                    return self->problem_of(error, error.message()).response();
                // A second cancel says the same as the first.
                if (progress->status != JobStatus::cancelled)
                    return Answers::job_finished(*progress, "cancelled").response();
                return Answers::json(200, Answers::steered(*progress, "cancelled"));
            });
        });
        return std::nullopt;
    }

    Response retry(JobProgress const& of, Target const& target) {
        detail::QueryReader query{target};
        RetryFailed which;
        if (auto const* include = query.text("include")) {
            if (*include == "cancelled")
                which.include_cancelled = true;
            else
                query.fault("include", "must be \"cancelled\", or be left out");
        }
        if (auto const problem = query.problem()) return problem->response();
        return started(processor_->retry_failed(of.job_id, which), of.job_id);
    }

    Response update(JobId id, Request& request) {
        if (auto const refused = not_json(request)) return refused->response();
        auto parsed = parse_update(std::move(request.body));
        if (auto* const error = std::get_if<RequestError>(&parsed)) return Problem::of(std::move(*error)).response();
        return steered(id, processor_->update(id, std::get<JobUpdate>(parsed)), "updated");
    }

    Response results(JobProgress const& of, detail::QueryReader& query) {
        auto const after = query.number("after", 0, 0, UINT64_MAX);
        auto const limit = query.number("limit", UINT64_MAX, 1, UINT64_MAX);
        auto const follow = query.flag("follow");
        if (auto const problem = query.problem()) return problem->response();
        auto const from = std::max(after, processor_->results(of.job_id, after, 0).first_available);
        Response r;
        r.fields.add("Content-Type", "application/x-ndjson");
        r.fields.add("Cache-Control", "no-store");
        r.fields.add("X-Content-Type-Options", "nosniff");
        r.fields.add("X-Accel-Buffering", "no");
        r.fields.add("Results-From", std::to_string(from));
        r.stream = std::make_shared<ResultStream<Processor>>(*processor_, of.job_id, from, limit, follow,
                                                             options_.event_interval);
        return r;
    }

    Response events(JobProgress const& of, Request const& request, bool head) {
        auto const last = request.fields.find("Last-Event-ID");
        auto const seen = last ? ServerSentEvent::id_of(*last).value_or(0) : 0;
        // It has heard the finish: this tells an EventSource to ask no more.
        if (last && of.finished() && seen == of.version) return no_content();
        Response r;
        r.fields.add("Content-Type", "text/event-stream");
        r.fields.add("Cache-Control", "no-store");
        r.fields.add("X-Content-Type-Options", "nosniff");
        r.fields.add("X-Accel-Buffering", "no");
        if (head) return r;
        // An id from the future is of another life of this service: all of the job is new to that client.
        r.stream = feeds_.open(of.job_id, seen > of.version ? 0 : seen);
        if (r.stream) return r;
        Problem p{
            503, "too-many-streams", "Too many event streams are open",
            "The service has " + std::to_string(options_.max_event_streams) + " of them; ask for the status instead"};
        p.fields.add("Retry-After", std::to_string(options_.retry_after.count()));
        return p.response();
    }

    // ---- other calls --------------------------------------------------------------------------------------------

    Answer start(Caller const& caller, Request& request, Respond const& respond) {
        if (auto const refused = not_json(request)) return refused->response();
        auto parsed = parse_start(std::move(request.body), options_.start);
        if (auto* const error = std::get_if<RequestError>(&parsed)) return Problem::of(std::move(*error)).response();
        auto& asked = std::get<StartRequest>(parsed);
        give_tier(caller);
        auto options = asked.options(options_.defaults);
        options.tenant = caller.tenant;
        processor_->async_start_batch(
            items(std::move(asked.image_ids)), options, explain,
            [self = this->shared_from_this(), respond](net_error_code error, JobId id, std::string why) {
                self->later(respond, [&]() -> Response {
                    if (error) return self->problem_of(error, why).response();
                    return self->started(id, std::nullopt);
                });
            });
        return std::nullopt;
    }

    Response started(JobId id, std::optional<JobId> retry_of) const {
        auto const progress = processor_->progress(id, 0);
        auto document = nlohmann::json::object();
        auto const url = options_.prefix + '/' + id.to_string() + "/status";
        document["jobId"] = id;
        document["status"] = progress ? progress->status : JobStatus::pending;
        document["total"] = progress ? progress->total : 0;
        document["statusUrl"] = url;
        if (retry_of) document["retryOf"] = *retry_of;
        auto response = Answers::json(201, document);
        response.fields.add("Location", url);
        return response;
    }

    Response jobs(Caller const& caller, Target const& target) const {
        detail::QueryReader query{target};
        JobFilter filter;
        filter.tenant = caller.tenant;
        auto const limit = static_cast<std::size_t>(query.number("limit", 50, 1, most_jobs));
        filter.limit = limit + 1;
        if (auto const* after = query.text("after")) {
            filter.after = JobId::parse(*after);
            if (!filter.after) query.fault("after", "must be the id of a job");
        }
        if (auto const* status = query.text("status")) {
            filter.status = status_named(*status);
            if (!filter.status) query.fault("status", "must be one of " + status_names());
        }
        if (auto const problem = query.problem()) return problem->response();
        if (filter.after) {
            // Forgotten since, or another tenant's: a page that is empty would look like the last one.
            auto const after = processor_->progress(*filter.after, 0);
            if (!after || after->tenant != caller.tenant) return Answers::unknown_job().response();
        }
        auto found = processor_->jobs(filter);
        auto document = nlohmann::json::object();
        auto& list = document["jobs"] = nlohmann::json::array();
        bool const more = found.size() > limit;
        if (more) found.resize(limit);
        for (auto const& job : found) list.push_back(Answers::without_errors(job));
        if (more) document["next"] = list.back()["jobId"];
        return Answers::json(200, document);
    }

    Response active(Caller const& caller) const {
        JobFilter filter;
        filter.tenant = caller.tenant;
        filter.active_only = true;
        auto document = nlohmann::json::object();
        auto& list = document["jobs"] = nlohmann::json::array();
        for (auto const& job : processor_->jobs(filter)) list.push_back(Answers::active(job));
        return Answers::json(200, document);
    }

    Response estimate(Caller const& caller, Target const& target) const {
        detail::QueryReader query{target};
        if (query.text("count") == nullptr) query.fault("count", "is missing: how many items?");
        auto const count = query.number("count", 0, 0, 1'000'000'000'000);
        if (auto const problem = query.problem()) return problem->response();
        auto options = options_.defaults;
        options.tenant = caller.tenant;
        return Answers::json(200, processor_->estimate(count, caller.tier, options));
    }

    Response metrics() const {
        Response r{200, "text/plain; version=0.0.4; charset=utf-8", options_.metrics()};
        r.fields.add("Cache-Control", "no-store");
        r.fields.add("X-Content-Type-Options", "nosniff");
        return r;
    }

    Response health() const {
        if (processor_->shutting_down()) return Answers::shutting_down(options_.retry_after).response();
        return Answers::json(200, {{"status", "ok"}});
    }

    Response preflight(Request const& request, detail::Route const& route) const {
        auto r = no_content();
        r.fields.add("Allow", std::string{route.methods()});
        if (!guard_.allows(request) || !request.fields.find("Access-Control-Request-Method")) return r;
        r.fields.add("Access-Control-Allow-Methods", std::string{route.methods()});
        r.fields.add("Access-Control-Allow-Headers", "Authorization, Content-Type, Last-Event-ID");
        r.fields.add("Access-Control-Max-Age", "600");
        return r;
    }

    // ---- parts --------------------------------------------------------------------------------------------------

    static Response no_content() {
        Response r;
        r.status = 204;
        r.fields.add("Cache-Control", "no-store");  // a cache may keep a 204 otherwise
        r.fields.add("X-Content-Type-Options", "nosniff");
        return r;
    }

    // For what comes later: whatever happens, it is answered.
    template <class F>
    void later(Respond const& respond, F&& make) const {
        Response response;
        try {
            response = make();
        } catch (std::exception const&) {
            response = detail::ErrorProblem::failed().response();
        }
        respond(std::move(response));
    }

    static std::optional<Problem> not_json(Request const& request) {
        auto const type = request.fields.find("Content-Type").value_or("");
        auto media = type.substr(0, type.find(';'));
        while (media.ends_with(' ') || media.ends_with('\t')) media.remove_suffix(1);
        if (Fields::same(media, "application/json")) return std::nullopt;
        return Problem{415, "unsupported-media-type", "The body is of another type than this path takes",
                       "Send application/json, and say so in Content-Type"};
    }

    using Item = typename Processor::item_type;
    static std::vector<Item> items(std::vector<std::string> ids) {
        if constexpr (std::is_same_v<Item, std::string>) {
            return ids;
        } else {
            std::vector<Item> made;
            made.reserve(ids.size());
            for (auto& id : ids) made.emplace_back(std::move(id));
            return made;
        }
    }

    // A tenant's tier is told to the processor when it is new, before a job of it starts.
    void give_tier(Caller const& caller) {
        if (!caller.tier) return;
        std::lock_guard const lock{tiers_mutex_};
        auto const known = tiers_.find(caller.tenant);
        if (known != tiers_.end() && known->second == *caller.tier) return;
        processor_->set_tier(caller.tenant, *caller.tier);  // may refuse it: then it is not known
        tiers_.insert_or_assign(caller.tenant, *caller.tier);
    }

    Problem problem_of(std::error_code code, std::string why) const {
        return detail::ErrorProblem::of(code, std::move(why), options_.retry_after);
    }

    static constexpr JobStatus statuses[] = {JobStatus::pending, JobStatus::processing, JobStatus::completed,
                                             JobStatus::failed, JobStatus::cancelled};
    static std::optional<JobStatus> status_named(std::string_view name) {
        for (auto const status : statuses)
            if (to_string(status) == name) return status;
        return std::nullopt;
    }
    static std::string status_names() {
        std::string names;
        for (auto const status : statuses) names.append(names.empty() ? "" : ", ").append(to_string(status));
        return names;
    }

    Processor* processor_;
    RestOptions options_;
    detail::Route::Prefix prefix_;
    OriginGuard guard_;
    EventFeeds<Processor> feeds_;
    std::mutex tiers_mutex_;
    std::map<std::string, Tier> tiers_;
};

}  // namespace batchpace::http::inline BATCHPACE_FLAVOUR::rest
