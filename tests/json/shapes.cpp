// SPDX-License-Identifier: BSL-1.0
// What each value looks like as JSON, held against literals, and what is refused on the way back.
#include <batchpace/json.hpp>

#include "../catch.hpp"

#include <chrono>
#include <concepts>
#include <limits>
#include <map>
#include <string>
#include <variant>

using namespace batchpace;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

wall_time const t0 = wall_time{} + 1'767'323'045'678ms;  // 2026-01-02T03:04:05.678Z
auto const job = JobId::make(1'767'323'045'678, 0x123, 0x456);
std::string const job_text = "019b7ca9-8f2e-7123-8000-000000000456";

/// Both as text, so that a failure shows them.
std::string text(json const& j) { return j.dump(); }
std::string literal(char const* text) { return json::parse(text).dump(); }

JobProgress running_job() {
    JobProgress p;
    p.job_id = job;
    p.status = JobStatus::processing;
    p.version = 17;
    p.total = 10;
    p.waiting = 3;
    p.running = 2;
    p.retrying = 1;
    p.successful = 3;
    p.failed = 1;
    p.percentage = 40;
    p.created_at = t0;
    p.tenant = "secret";
    p.error_count = 1;
    return p;
}

template <class T>
std::string refusal(json const& j) {
    try {
        j.get<T>();
    } catch (json::type_error const& e) {
        return e.what();
    }
    return "";
}

using Catch::Matchers::Contains;

}  // namespace

TEST_CASE("a status has the members of the contract and no others", "[json][status]") {
    auto p = running_job();
    p.waiting_for.emplace();
    p.waiting_for->reason = WaitingFor::Reason::throttled;
    p.waiting_for->scope = WaitingFor::Scope::tenant;
    p.waiting_for->until = t0 + 5s;
    p.estimated_time_remaining = 12'345'000us;
    p.started_at = t0 + 1s;
    p.finished_at = t0 + 2s;
    p.stop_reason = StopReason::deadline;
    p.label = "nightly";
    p.retry_of = JobId::make(1, 2, 3);
    p.abandoned = 1;
    p.paused = true;
    p.stalled = true;
    p.milestones.push_back({25, 3, 10, 9, t0 + 3s});
    p.errors.emplace_back("img-1", "no \"such\" image\n", 3, FailureKind::permanent, t0 + 4s);
    p.error_distribution["no such image"] = 1;
    CHECK(text(p) == literal(R"({
        "jobId": "019b7ca9-8f2e-7123-8000-000000000456", "status": "processing", "version": 17,
        "progress": {"total": 10, "processed": 4, "successful": 3, "failed": 1, "percentage": 40},
        "totalKnown": true, "waiting": 3, "inFlight": 2, "retrying": 1, "cancelled": 0, "abandoned": 1,
        "errors": [{"itemId": "img-1", "error": "no \"such\" image\n", "attemptNumber": 3, "kind": "permanent",
                    "timestamp": "2026-01-02T03:04:09.678Z"}],
        "errorCount": 1, "errorsTruncated": false, "errorDistribution": {"no such image": 1},
        "estimatedTimeRemaining": 12345, "createdAt": "2026-01-02T03:04:05.678Z",
        "startedAt": "2026-01-02T03:04:06.678Z", "finishedAt": "2026-01-02T03:04:07.678Z",
        "paused": true, "stalled": true, "stopReason": "deadline",
        "waitingFor": {"reason": "throttled", "scope": "tenant", "until": "2026-01-02T03:04:10.678Z"},
        "label": "nightly", "retryOf": "00000000-0001-7002-8000-000000000003",
        "milestones": [{"percentage": 25, "processed": 3, "total": 10, "at": "2026-01-02T03:04:08.678Z"}]})"));
}

TEST_CASE("a status leaves out what there is nothing to say about", "[json][status]") {
    auto p = running_job();
    p.percentage.reset();
    p.total_known = false;
    CHECK(text(p) == literal(R"({
        "jobId": "019b7ca9-8f2e-7123-8000-000000000456", "status": "processing", "version": 17,
        "progress": {"total": 10, "processed": 4, "successful": 3, "failed": 1, "percentage": null},
        "totalKnown": false, "waiting": 3, "inFlight": 2, "retrying": 1, "cancelled": 0, "abandoned": 0,
        "errors": [], "errorCount": 1, "errorsTruncated": true, "errorDistribution": {},
        "createdAt": "2026-01-02T03:04:05.678Z", "paused": false, "stalled": false, "milestones": []})"));
    p.waiting_for.emplace();
    CHECK(text(json(p)["waitingFor"]) == literal(R"({"reason": "rate", "scope": "processor"})"));
}

TEST_CASE("a time left is rounded up, so that it is never shown as none", "[json][status]") {
    auto p = running_job();
    p.estimated_time_remaining = 1ns;
    CHECK(json(p)["estimatedTimeRemaining"] == 1);
    p.estimated_time_remaining = duration::max();
    CHECK(json(p)["estimatedTimeRemaining"] == 9'223'372'036'855);
}

TEST_CASE("bytes that are no UTF-8 are replaced, not thrown at", "[json][dump]") {
    auto p = running_job();
    p.errors.emplace_back("\xff", "\xc3(", 1, FailureKind::transient, t0);
    p.error_distribution["cut off \xe2\x82"] = 1;
    p.label = std::string{"\x01\0\"\\", 4};
    std::string out;
    CHECK_NOTHROW(out = dump(p));
    auto const back = json::parse(out);  // which throws where it is not valid
    CHECK(back["errors"][0]["itemId"] == "\xef\xbf\xbd");
    CHECK(back["errors"][0]["error"] == "\xef\xbf\xbd(");
    CHECK(back["errorDistribution"].begin().key() == "cut off \xef\xbf\xbd");
    CHECK(back["label"] == p.label);
}

TEST_CASE("enumerators are their names", "[json][names]") {
    CHECK(json(JobStatus::cancelled) == "cancelled");
    CHECK(json(StopReason::shut_down) == "shut_down");
    CHECK(json(FailureKind::timed_out) == "timed_out");
    CHECK(json(ItemStatus::successful) == "successful");
    CHECK(json(Duplicates::allow) == "allow");
    CHECK(json(WaitingFor::Reason::breaker) == "breaker");
    CHECK(json(WaitingFor::Scope::job) == "job");
    CHECK(json("cancelled").get<JobStatus>() == JobStatus::cancelled);
    CHECK(json("shut_down").get<StopReason>() == StopReason::shut_down);
    CHECK(json("timed_out").get<FailureKind>() == FailureKind::timed_out);
    CHECK(json("failed").get<ItemStatus>() == ItemStatus::failed);
    CHECK(json("allow").get<Duplicates>() == Duplicates::allow);
    CHECK(json("store").get<WaitingFor::Reason>() == WaitingFor::Reason::store);
    CHECK(json("tenant").get<WaitingFor::Scope>() == WaitingFor::Scope::tenant);
    CHECK_THAT(refusal<JobStatus>("done"), Contains("unknown job status \"done\"") && Contains("known are pending, "));
    CHECK_THAT(refusal<JobStatus>("unknown"), Contains("unknown job status"));
    CHECK_THAT(refusal<FailureKind>(1), Contains("name of a failure kind") && Contains("not number"));
}

TEST_CASE("a job's id is its text", "[json][job_id]") {
    CHECK(json(job) == job_text);
    CHECK(json(job_text).get<JobId>() == job);
    CHECK_THAT(refusal<JobId>("17"), Contains("the id of a job is expected, not \"17\""));
    CHECK_THAT(refusal<JobId>(17), Contains("the id of a job is expected, not number"));
}

TEST_CASE("reading a status names the member that is wrong", "[json][status]") {
    json const good = running_job();
    CHECK(refusal<JobProgress>(good) == "");
    CHECK_THAT(refusal<JobProgress>(json::array()), Contains("an object is expected, not array"));
    auto const with = [&](char const* path, json value) {
        auto j = good;
        j[json::json_pointer{path}] = std::move(value);
        return refusal<JobProgress>(j);
    };
    auto missing = good;
    missing.erase("version");
    CHECK_THAT(refusal<JobProgress>(missing), Contains("member version is missing"));
    CHECK_THAT(with("/status", "done"), Contains("status: unknown job status \"done\""));
    CHECK_THAT(with("/progress", 1), Contains("progress") && Contains("object"));
    CHECK_THAT(with("/progress/total", -1), Contains("total: an integer from 0 to 18446744073709551615"));
    CHECK_THAT(with("/progress/failed", 1.5), Contains("failed: an integer is expected"));
    CHECK_THAT(with("/progress/percentage", 3'000'000'000), Contains("percentage: an integer from -2147483648 to"));
    CHECK_THAT(with("/inFlight", true), Contains("inFlight: an integer is expected, not boolean"));
    CHECK_THAT(with("/paused", 0), Contains("paused: true or false is expected, not number"));
    CHECK_THAT(with("/createdAt", "yesterday"), Contains("createdAt: a time such as") && Contains("not \"yesterday\""));
    CHECK_THAT(with("/createdAt", 5), Contains("createdAt: a time is expected, not number"));
    CHECK_THAT(with("/label", json::array()), Contains("label: a string is expected, not array"));
    CHECK_THAT(with("/estimatedTimeRemaining", 9'223'372'036'855), Contains("Remaining: a number of milliseconds"));
    CHECK_THAT(with("/waitingFor", json::object()), Contains("waitingFor: member reason is missing"));
    CHECK(with("/waitingFor", nullptr) == "");
}

TEST_CASE("an estimate is null where it knows nothing", "[json][estimate]") {
    Estimate e;
    e.calls = 200;
    e.concurrency = 2;
    CHECK(text(e) == literal(R"({"minutes": null, "concurrency": 2, "rateLimitPerMinute": null, "tier": null,
                                 "calls": 200})"));
    e.time = 95s;
    e.rate_limit_per_minute = 10;
    e.tier = Tier::free();
    CHECK(text(e) == literal(R"({"minutes": 1.58, "concurrency": 2, "rateLimitPerMinute": 10, "tier": "free",
                                 "calls": 200})"));
    e.time = 1ms;
    CHECK(json(e)["minutes"] == 0.01);
    e.time = 0s;
    CHECK(json(e)["minutes"] == 0);
}

TEST_CASE("a processor's totals", "[json][stats]") {
    ProcessorStats s;
    s.active_jobs = 1;
    s.finished_jobs = 2;
    s.in_flight = 3;
    s.abandoned = 4;
    s.jobs_started = 5;
    s.successful = 6;
    s.failed = 7;
    s.cancelled = 8;
    s.attempts_failed = 9;
    s.abandoned_ever = 10;
    s.late_answers = 11;
    s.hook_exceptions = std::numeric_limits<std::uint64_t>::max();
    auto const* expected = R"({"activeJobs": 1, "finishedJobs": 2, "totalProcessing": 3, "abandoned": 4,
        "jobsStarted": 5, "totalSuccessful": 6, "totalFailed": 7, "totalCancelled": 8, "attemptsFailed": 9,
        "totalAbandoned": 10, "lateAnswers": 11, "hookExceptions": 18446744073709551615})";
    CHECK(text(s) == literal(expected));
    CHECK(text(json::parse(expected).get<ProcessorStats>()) == literal(expected));
}

TEST_CASE("options are what a client may ask for", "[json][options]") {
    CHECK(text(JobOptions{}) == literal(R"({"concurrency": 5, "maxAttempts": 3, "attemptTimeout": 60000, "priority": 1,
                                            "allowDuplicates": false})"));
    auto const* all = R"({"concurrency": 8, "rateLimitPerMinute": 100, "maxAttempts": 1, "attemptTimeout": 250,
        "priority": 7, "idempotencyKey": "k", "label": "l", "allowDuplicates": true})";
    auto const document = json::parse(all);
    auto const o = document.get<JobOptions>();
    CHECK(o.concurrency == 8);
    CHECK(o.rate_limit_per_minute == 100);
    CHECK(o.attempt_timeout == 250ms);
    CHECK(o.idempotency_key == "k");
    CHECK(o.duplicates == Duplicates::allow);
    CHECK(text(o) == literal(all));
    CHECK(text(json::object().get<JobOptions>()) == text(JobOptions{}));
    CHECK(text(json::parse(R"({"imageIds": [], "tenant": "other"})").get<JobOptions>()) == text(JobOptions{}));
    CHECK_THAT(refusal<JobOptions>(json::parse(R"({"concurrency": "8"})")), Contains("concurrency: an integer"));
    CHECK_THAT(refusal<JobOptions>(json::parse(R"({"concurrency": 3000000000})")), Contains("not 3000000000"));
}

TEST_CASE("an update has what it changes", "[json][update]") {
    CHECK(text(JobUpdate{}) == "{}");
    auto const* all = R"({"concurrency": 8, "rateLimitPerMinute": 0, "priority": 7})";
    CHECK(text(json::parse(all).get<JobUpdate>()) == literal(all));
    CHECK_FALSE(json::parse(R"({"priority": null})").get<JobUpdate>().priority);
}

TEST_CASE("a line of results has an annotation, or an error", "[json][results]") {
    ItemResult<std::map<std::string, int>> r;
    r.index = 5;
    r.item_id = "img-1";
    r.annotation = {{"cats", 2}};
    r.attempts = 1;
    r.took = 1'499us;
    r.finished_at = t0;
    CHECK(text(r) == literal(R"({"itemId": "img-1", "status": "successful", "annotation": {"cats": 2}, "attempts": 1,
                                 "durationMs": 1, "finishedAt": "2026-01-02T03:04:05.678Z"})"));
    CHECK(json(r).get<decltype(r)>().annotation == r.annotation);
    r.status = ItemStatus::failed;
    r.annotation.reset();
    r.error = "";
    r.kind = FailureKind::timed_out;
    CHECK(text(r) == literal(R"({"itemId": "img-1", "status": "failed", "error": "", "kind": "timed_out",
                                 "attempts": 1, "durationMs": 1, "finishedAt": "2026-01-02T03:04:05.678Z"})"));
    r.status = ItemStatus::cancelled;
    r.attempts = 0;
    r.took = 0s;
    CHECK(text(r) == literal(R"({"itemId": "img-1", "status": "cancelled", "attempts": 0, "durationMs": 0,
                                 "finishedAt": "2026-01-02T03:04:05.678Z"})"));
    r.error = "busy";
    CHECK(json(r)["error"] == "busy");
}

TEST_CASE("an annotator that returns nothing has no annotation in its results", "[json][results]") {
    ItemResult<std::monostate> r;
    r.annotation.emplace();
    CHECK(text(r) == literal(R"({"itemId": "", "status": "successful", "attempts": 0, "durationMs": 0,
                                 "finishedAt": "1970-01-01T00:00:00.000Z"})"));
    CHECK(json(r).get<ItemResult<std::monostate>>().annotation);
    struct Unknown {};
    STATIC_REQUIRE(std::constructible_from<json, ItemResult<int>>);
    STATIC_REQUIRE_FALSE(std::constructible_from<json, ItemResult<Unknown>>);
}
