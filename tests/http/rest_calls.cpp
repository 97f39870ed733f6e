// SPDX-License-Identifier: BSL-1.0
// Each call of the REST API: what it answers, and what it does to the jobs.
#include "ask.hpp"

using namespace http_test;

TEST_CASE("a start answers with the job, where to ask, and how many items", "[http][rest]") {
    Service s;
    auto const r = s.ask("POST", "/start", R"({"imageIds": ["a", "b", "c"], "label": "three"})");
    CHECK(r.status == 201);
    CHECK(r.fields.find("Content-Type") == "application/json");
    CHECK(r.fields.find("Cache-Control") == "no-store");
    auto const j = json::parse(r.body);
    CHECK(j.size() == 4);
    CHECK(j.at("total") == 3);
    CHECK(j.at("status").is_string());
    auto const url = j.at("statusUrl").get<std::string>();
    CHECK(url == "/api/batch/annotations/" + j.at("jobId").get<std::string>() + "/status");
    CHECK(r.fields.find("Location") == url);

    s.sim.run();
    auto const status = json::parse(s.ask("GET", url).body);
    CHECK(status.at("status") == "completed");
    CHECK(status.at("label") == "three");
    CHECK(status.at("progress") ==
          json{{"total", 3}, {"processed", 3}, {"successful", 3}, {"failed", 0}, {"percentage", 100}});
}

TEST_CASE("every option of a start is obeyed", "[http][rest]") {
    Service s;
    auto const id =
        s.start(ids(6, "slow"), {{"concurrency", 2}, {"priority", 7}, {"maxAttempts", 1}, {"attemptTimeout", 20'000}});
    s.sim.run_for(1s);
    CHECK(s.status(id).at("inFlight") == 2);
    s.sim.run();
    auto const j = s.status(id);
    CHECK(j.at("status") == "failed");
    CHECK(j.at("errorCount") == 6);
    for (auto const& error : j.at("errors")) CHECK(error.at("attemptNumber") == 1);
}

TEST_CASE("a rate limit asked for at the start holds", "[http][rest]") {
    Service s;
    auto const id = s.start(ids(5), {{"rateLimitPerMinute", 2}});
    s.sim.run_for(50s);
    auto const j = s.status(id);
    CHECK(j.at("progress").at("processed") == 2);
    CHECK(j.at("waitingFor").at("reason") == "rate");
    CHECK(j.at("waitingFor").at("scope") == "job");
    CHECK(j.at("waitingFor").at("until").is_string());
    CHECK(j.at("estimatedTimeRemaining").is_number());
}

TEST_CASE("a second start with the same idempotency key is the same job", "[http][rest]") {
    Service s{{.authorize = by_key}};
    Fields const anna{{"Authorization", "Bearer anna"}};
    Fields const bert{{"Authorization", "Bearer bert"}};
    auto const first = s.start({"a"}, {{"idempotencyKey", "one"}}, anna);
    CHECK(s.start({"a"}, {{"idempotencyKey", "one"}}, anna) == first);
    CHECK(s.start({"a"}, {{"idempotencyKey", "two"}}, anna) != first);
    CHECK(s.start({"a"}, {{"idempotencyKey", "one"}}, bert) != first);
}

TEST_CASE("the status has one error for each item that failed, and as many as are asked for", "[http][rest]") {
    Service s;
    auto const id = s.start(ids(30, "bad"));
    s.sim.run();
    CHECK(s.status(id).at("errors").size() == 30);
    auto const few = json::parse(s.ask("GET", '/' + id + "/status?errors=3").body);
    CHECK(few.at("errors").size() == 3);
    CHECK(few.at("errorCount") == 30);
    CHECK(few.at("errorsTruncated") == true);
    CHECK(few.at("errors")[0].at("error") == "Invalid image");
    CHECK(few.at("errors")[0].at("kind") == "permanent");
    CHECK(few.at("errorDistribution") == json{{"Invalid image", 30}});
    CHECK(json::parse(s.ask("GET", '/' + id + "/status?errors=0").body).at("errors").empty());
    CHECK(kind(s.ask("GET", '/' + id + "/status?errors=1001")) == "invalid-query");
    CHECK(kind(s.ask("GET", '/' + id + "/status?errors=-1")) == "invalid-query");
}

TEST_CASE("a cancel is answered alike the first and the second time", "[http][rest]") {
    Service s;
    auto const id = s.start(ids(10, "slow"));
    s.sim.run_for(1s);
    auto const first = s.ask("POST", '/' + id + "/cancel");
    CHECK(first.status == 200);
    auto const j = json::parse(first.body);
    CHECK(j.at("message") == "Batch job " + id + " cancelled");
    CHECK(j.at("jobId") == id);
    CHECK(j.at("status") == "cancelled");
    CHECK(j.at("progress").at("total") == 10);
    s.sim.run();
    auto const second = s.ask("POST", '/' + id + "/cancel");
    CHECK(second.status == 200);
    CHECK(json::parse(second.body).at("message") == "Batch job " + id + " cancelled");
}

TEST_CASE("what has finished cannot be cancelled, paused or changed, and says so", "[http][rest]") {
    Service s;
    auto const done = s.start({"a"});
    auto const failed = s.start({"bad"});
    s.sim.run();
    for (auto const* verb : {"cancel", "pause", "resume", "update"}) {
        auto const r = s.ask("POST", '/' + done + '/' + verb, std::string{verb} == "update" ? "{}" : "");
        CAPTURE(verb, r.body);
        CHECK(r.status == 409);
        CHECK(kind(r) == "job-finished");
    }
    CHECK(json::parse(s.ask("POST", '/' + done + "/cancel").body).at("message") ==
          "Batch job " + done + " already completed, not cancelled");
    CHECK(json::parse(s.ask("POST", '/' + failed + "/cancel").body).at("message") ==
          "Batch job " + failed + " already failed, not cancelled");
}

TEST_CASE("pause holds a job, resume lets it go on", "[http][rest]") {
    Service s;
    auto const id = s.start(ids(100), {{"concurrency", 1}});
    s.sim.run_for(50ms);
    auto const paused = s.ask("POST", '/' + id + "/pause");
    CHECK(paused.status == 200);
    CHECK(json::parse(paused.body).at("paused") == true);
    s.sim.run_for(1s);
    auto const held = s.status(id);
    CHECK(held.at("paused") == true);
    CHECK(held.at("inFlight") == 0);
    CHECK(held.at("progress").at("processed") < 10);
    CHECK(held.at("waitingFor").at("reason") == "paused");
    CHECK(json::parse(s.ask("POST", '/' + id + "/resume").body).at("paused") == false);
    s.sim.run();
    CHECK(s.status(id).at("status") == "completed");
}

TEST_CASE("an update changes how fast a job runs", "[http][rest]") {
    Service s;
    auto const id = s.start(ids(20, "slow"), {{"concurrency", 1}});
    s.sim.run_for(1s);
    auto const r = s.ask("POST", '/' + id + "/update", R"({"concurrency": 5})");
    CHECK(r.status == 200);
    s.sim.run_for(1s);
    CHECK(s.status(id).at("inFlight") == 5);
    CHECK(kind(s.ask("POST", '/' + id + "/update", R"({"concurrency": 0, "speed": 9})")) == "invalid-request");
    CHECK(kind(s.ask("POST", '/' + id + "/update", "{}", {{"Content-Type", "text/plain"}})) ==
          "unsupported-media-type");
}

TEST_CASE("a retry is a new job of what failed", "[http][rest]") {
    Service s;
    auto const id = s.start({"a", "bad-1", "bad-2"});
    CHECK(kind(s.ask("POST", '/' + id + "/retry")) == "job-active");
    s.sim.run();
    auto const r = s.ask("POST", '/' + id + "/retry");
    CHECK(r.status == 201);
    auto const j = json::parse(r.body);
    CHECK(j.at("retryOf") == id);
    CHECK(j.at("total") == 2);
    s.sim.run();
    CHECK(s.status(j.at("jobId")).at("retryOf") == id);

    auto const good = s.start({"a"});
    s.sim.run();
    CHECK(kind(s.ask("POST", '/' + good + "/retry")) == "nothing-to-retry");

    auto const cut = s.start(ids(10, "slow"), {{"concurrency", 1}});
    s.sim.run_for(1s);
    s.ask("POST", '/' + cut + "/cancel");
    s.sim.run();
    CHECK(kind(s.ask("POST", '/' + cut + "/retry?include=all")) == "invalid-query");
    CHECK(json::parse(s.ask("POST", '/' + cut + "/retry?include=cancelled").body).at("total").get<int>() >= 9);
}

TEST_CASE("jobs are listed newest first, in pages, and by status", "[http][rest]") {
    Service s;
    std::vector<std::string> started;
    for (int i = 0; i < 7; ++i) {
        started.insert(started.begin(), s.start({i % 2 == 0 ? "a" : "bad"}));
        s.sim.run();
    }
    std::vector<std::string> listed;
    std::string after;
    for (int page = 0; page < 10; ++page) {
        auto const j = json::parse(s.ask("GET", "/jobs?limit=3" + after).body);
        for (auto const& job : j.at("jobs")) {
            CHECK(!job.contains("errors"));
            listed.push_back(job.at("jobId"));
        }
        if (!j.contains("next")) break;
        after = "&after=" + j.at("next").get<std::string>();
    }
    CHECK(listed == started);
    CHECK(json::parse(s.ask("GET", "/jobs?status=failed").body).at("jobs").size() == 3);
    CHECK(json::parse(s.ask("GET", "/jobs?status=completed&limit=4").body).at("jobs").size() == 4);
    CHECK(kind(s.ask("GET", "/jobs?status=done")) == "invalid-query");
    CHECK(kind(s.ask("GET", "/jobs?limit=0")) == "invalid-query");
    auto const wrong = json::parse(s.ask("GET", "/jobs?limit=x&after=y&status=z").body);
    CHECK(wrong.at("errors").size() == 3);
}

TEST_CASE("a list goes on from a job of the tenant's own only", "[http][rest]") {
    Service s{{.authorize = by_key}};
    Fields const anna{{"Authorization", "Bearer anna"}};
    Fields const bert{{"Authorization", "Bearer bert"}};
    auto const first = s.start({"a"}, json::object(), anna);
    auto const second = s.start({"b"}, json::object(), anna);
    auto const foreign = s.start({"a"}, json::object(), bert);
    CHECK(json::parse(s.ask("GET", "/jobs?after=" + second, {}, anna).body).at("jobs").at(0).at("jobId") == first);
    CHECK(kind(s.ask("GET", "/jobs?after=" + foreign, {}, anna)) == "unknown-job");
    CHECK(kind(s.ask("GET", "/jobs?after=0197a1b2-0000-7000-8000-000000000000", {}, anna)) == "unknown-job");
}

TEST_CASE("active lists what has not finished", "[http][rest]") {
    Service s;
    auto const done = s.start({"a"});
    s.sim.run();
    auto const id = s.start(ids(4, "slow"), {{"concurrency", 1}});
    auto const before = json::parse(s.ask("GET", "/active").body).at("jobs");
    REQUIRE(before.size() == 1);
    s.sim.run_for(31s);
    auto const jobs = json::parse(s.ask("GET", "/active").body).at("jobs");
    REQUIRE(jobs.size() == 1);
    auto const& job = jobs[0];
    CHECK(job.size() == 8);
    CHECK(job.at("id") == id);
    CHECK(job.at("status") == "processing");
    CHECK(job.at("processedItems") == 1);
    CHECK(job.at("totalItems") == 4);
    CHECK(job.at("successfulItems") == 1);
    CHECK(job.at("failedItems") == 0);
}

TEST_CASE("startedAt of a pending job is its createdAt", "[http][rest]") {
    Service s{{}, {.max_in_flight = 1}};
    s.start({"slow"});
    s.sim.run_for(1s);
    s.start({"a"});
    auto const jobs = json::parse(s.ask("GET", "/active").body).at("jobs");
    REQUIRE(jobs.size() == 2);
    CHECK(jobs[0].at("status") == "pending");
    CHECK(jobs[0].at("startedAt") == jobs[0].at("createdAt"));
    CHECK(jobs[1].at("startedAt") != jobs[0].at("createdAt"));
}

TEST_CASE("stats count what runs now and what came of all", "[http][rest]") {
    Service s;
    s.start({"a", "b", "bad"});
    s.sim.run();
    s.start(ids(3, "slow"));
    s.sim.run_for(1s);
    auto const j = json::parse(s.ask("GET", "/stats").body);
    CHECK(j.at("activeJobs") == 1);
    CHECK(j.at("totalProcessing") == 3);
    CHECK(j.at("totalSuccessful") == 2);
    CHECK(j.at("totalFailed") == 1);
}

TEST_CASE("an estimate needs a count, and knows the caller's tier", "[http][rest]") {
    Service s{{.authorize = [](Request const&) { return http::Caller{"anna", Tier::free()}; }}};
    auto const j = json::parse(s.ask("GET", "/estimate?count=100").body);
    CHECK(j.at("tier") == "free");
    CHECK(j.at("concurrency") == 2);
    CHECK(j.at("rateLimitPerMinute") == 10);
    CHECK(j.at("minutes").get<double>() >= 9);
    CHECK(j.at("minutes").get<double>() <= 10);
    CHECK(kind(s.ask("GET", "/estimate")) == "invalid-query");
    CHECK(kind(s.ask("GET", "/estimate?count=many")) == "invalid-query");
}

TEST_CASE("metrics are the host's, health is ours", "[http][rest]") {
    Service none;
    CHECK(kind(none.ask("GET", "/metrics")) == "unknown-path");
    Service s{{.authorize = by_key, .metrics = [] { return std::string{"batchpace_jobs 1\n"}; }}};
    s.plain = true;
    Fields const anna{{"Authorization", "Bearer anna"}};
    for (std::string const prefix : {"", "/api/batch/annotations"}) {
        auto const r = s.ask("GET", prefix + "/metrics", {}, anna);
        CHECK(r.status == 200);
        CHECK(r.body == "batchpace_jobs 1\n");
        CHECK(s.ask("GET", prefix + "/metrics").status == 401);
        CHECK(s.ask("GET", prefix + "/healthz").body == R"({"status":"ok"})");
    }
}

TEST_CASE("a service that shuts down says so, and takes no job", "[http][rest]") {
    Service s;
    auto const id = s.start(ids(3, "slow"));
    s.processor.async_shutdown(ShutdownMode::drain, 10min, [](net_error_code, ShutdownReport) {});
    auto const r = s.ask("POST", "/start", R"({"imageIds": ["a"]})");
    CHECK(r.status == 503);
    CHECK(kind(r) == "shutting-down");
    CHECK(r.fields.find("Retry-After") == "5");
    CHECK(s.ask("GET", "/healthz").status == 503);
    CHECK(s.status(id).at("status") == "processing");
}

TEST_CASE("too many active jobs are told to come back", "[http][rest]") {
    Service s{{}, {.max_active_jobs = 1}};
    s.start(ids(3, "slow"));
    auto const r = s.ask("POST", "/start", R"({"imageIds": ["a"]})");
    CHECK(r.status == 429);
    CHECK(kind(r) == "too-many-jobs");
    CHECK(r.fields.find("Retry-After") == "5");
}

TEST_CASE("a tenant sees its own jobs only", "[http][rest]") {
    Service s{{.authorize = by_key}};
    Fields const anna{{"Authorization", "Bearer anna"}};
    Fields const bert{{"Authorization", "Bearer bert"}};
    auto const id = s.start({"a", "bad"}, json::object(), anna);
    s.sim.run();
    for (auto const* path : {"/status", "/results", "/events"}) {
        CHECK(s.ask("GET", '/' + id + path, {}, anna).status == 200);
        auto const r = s.ask("GET", '/' + id + path, {}, bert);
        CHECK(r.status == 404);
        CHECK(kind(r) == "unknown-job");
        CHECK(s.ask("GET", '/' + id + path).status == 401);
    }
    for (auto const* path : {"/cancel", "/pause", "/resume", "/retry", "/update"})
        CHECK(kind(s.ask("POST", '/' + id + path, "{}", bert)) == "unknown-job");
    CHECK(json::parse(s.ask("GET", "/jobs", {}, bert).body).at("jobs").empty());
    CHECK(json::parse(s.ask("GET", "/jobs", {}, anna).body).at("jobs").size() == 1);
    auto const running = s.start(ids(2, "slow"), json::object(), anna);
    CHECK(json::parse(s.ask("GET", "/active", {}, bert).body).at("jobs").empty());
    CHECK(s.status(running, anna).at("status") != "cancelled");
    // Not even by its number: another tenant's and one that never was are told apart by nothing.
    auto const foreign = json::parse(s.ask("GET", '/' + id + "/status", {}, bert).body);
    auto const never = json::parse(s.ask("GET", "/0197a1b2-0000-7000-8000-000000000000/status", {}, bert).body);
    CHECK(foreign == never);
}

TEST_CASE("a caller's tier holds from its next start on", "[http][rest]") {
    auto tier = Tier::free();
    Service s{{.authorize = [&](Request const&) { return http::Caller{"anna", tier}; }}};
    s.start(ids(20, "slow"), {{"concurrency", 8}});
    s.sim.run_for(1s);
    CHECK(s.processor.stats().in_flight == 2);
    tier = Tier::paid();
    s.start({"a"});
    s.sim.run_for(1s);
    CHECK(s.processor.stats().in_flight == 8);
}
