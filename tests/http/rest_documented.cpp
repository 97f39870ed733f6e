// SPDX-License-Identifier: BSL-1.0
// What every call may be answered with beside its own answers: docs/openapi.yaml lists that for each of them.
#include "ask.hpp"

using namespace http_test;

namespace {

struct Call {
    std::string method, target, body;
};

// Every call, about that job.
std::vector<Call> calls(std::string const& id, bool changing) {
    if (changing)
        return {{"POST", "/start", R"({"imageIds": ["b"]})"},
                {"POST", '/' + id + "/cancel", {}},
                {"POST", '/' + id + "/pause", {}},
                {"POST", '/' + id + "/resume", {}},
                {"POST", '/' + id + "/retry", {}},
                {"POST", '/' + id + "/update", R"({"priority": 2})"}};
    return {{"GET", "/jobs", {}},
            {"GET", "/active", {}},
            {"GET", "/stats", {}},
            {"GET", "/estimate?count=1", {}},
            {"GET", "/metrics", {}},
            {"GET", '/' + id + "/status", {}},
            {"GET", '/' + id + "/results", {}},
            {"GET", '/' + id + "/events", {}}};
}

std::vector<Call> all_calls(std::string const& id) {
    auto all = calls(id, true);
    for (auto& call : calls(id, false)) all.push_back(std::move(call));
    return all;
}

constexpr char const* some_job = "0197a1b2-0000-7000-8000-000000000000";
std::string no_metrics() { return {}; }

}  // namespace

TEST_CASE("no call but healthz does without a key where keys are asked for", "[http][refused]") {
    Service s{{.authorize = by_key, .metrics = no_metrics}};
    for (auto const& [method, target, body] : all_calls(some_job)) {
        CAPTURE(target);
        auto const r = s.ask(method, target, body);
        CHECK(r.status == 401);
        CHECK(r.fields.find("WWW-Authenticate") == "Bearer");
    }
    CHECK(s.ask("GET", "/healthz").status == 200);
}

TEST_CASE("a page of another origin can make no call that changes anything, and any other", "[http][refused]") {
    Service s{{.metrics = no_metrics}};
    auto const id = s.start({"a"});
    s.sim.run();
    Fields const foreign{{"Origin", "https://evil.example"}};
    for (auto const& [method, target, body] : calls(id, true)) {
        CAPTURE(target);
        CHECK(kind(s.ask(method, target, body, foreign)) == "cross-origin");
    }
    for (auto const& [method, target, body] : calls(id, false)) {
        CAPTURE(target);
        auto const r = s.ask(method, target, body, foreign);
        CHECK(r.status == 200);
        CHECK(!r.fields.find("Access-Control-Allow-Origin"));
    }
    CHECK(s.status(id).at("status") == "completed");
    CHECK(kind(s.ask("POST", "/nothing", {}, foreign)) == "cross-origin");
    CHECK(kind(s.ask("DELETE", "/start", {}, foreign)) == "cross-origin");
}

TEST_CASE("no call is answered under another name than the service's own", "[http][refused]") {
    Service s{{.origins = {.hosts = {"batch.example"}}, .metrics = no_metrics}};
    auto every = all_calls(some_job);
    every.push_back({"GET", "/healthz", {}});
    every.push_back({"GET", "/nothing", {}});
    every.push_back({"PUT", "/start", {}});
    every.push_back({"OPTIONS", "/start", {}});
    for (auto const& [method, target, body] : every) {
        CAPTURE(method, target);
        CHECK(kind(s.ask(method, target, body)) == "wrong-host");
    }
}

TEST_CASE("no call takes a body beyond the limit", "[http][refused]") {
    Service s{{.max_body_bytes = 100}};
    auto const id = s.start({"a"});
    auto const job = s.status(id);
    std::string const body(101, ' ');
    for (auto const& call : calls(id, true)) {
        CAPTURE(call.target);
        CHECK(kind(s.ask(call.method, call.target, body)) == "body-too-large");
    }
    CHECK(s.ask("POST", '/' + id + "/update", "{}" + std::string(98, ' ')).status == 200);
    CHECK(s.status(id).at("progress") == job.at("progress"));
}

TEST_CASE("where a hook of the host throws, every call says that the service has failed", "[http][refused]") {
    Service s{{.authorize = [](Request const&) -> std::variant<http::Caller, Response> {
                   throw std::runtime_error{"secret"};
               },
               .metrics = no_metrics}};
    for (auto const& [method, target, body] : all_calls(some_job)) {
        CAPTURE(target);
        auto const r = s.ask(method, target, body);
        CHECK(kind(r) == "internal-error");
        CHECK(r.body.find("secret") == std::string::npos);
    }
    CHECK(s.ask("GET", "/healthz").status == 200);
}

TEST_CASE("a retry that cannot be started is refused as a start is", "[http][refused]") {
    Service s{{}, {.max_active_jobs = 1}};
    auto const id = s.start({"bad"});
    s.sim.run();
    auto const slow = s.start({"slow"});
    auto const busy = s.ask("POST", '/' + id + "/retry");
    CHECK(kind(busy) == "too-many-jobs");
    CHECK(busy.fields.find("Retry-After") == "5");
    s.ask("POST", '/' + slow + "/cancel");
    s.sim.run();
    s.processor.async_shutdown(ShutdownMode::cancel, std::nullopt, [](auto, auto) {});
    CHECK(kind(s.ask("POST", '/' + id + "/retry")) == "shutting-down");
}

TEST_CASE("a body that is no JSON changes nothing", "[http][refused]") {
    Service s;
    auto const id = s.start({"slow"});
    CHECK(kind(s.ask("POST", '/' + id + "/update", "{")) == "malformed-request");
    CHECK(s.ask("OPTIONS", "/nothing").status == 404);
}

TEST_CASE("a job in a list and in an event is what its status says, but for the errors", "[http][rest]") {
    Service s;
    auto const id = s.start({"a", "b", "bad", "slow"});
    auto const stream = s.ask("GET", '/' + id + "/events");
    auto const events = events_of(stream.body);
    auto status = s.status(id);
    CHECK(status.at("errorCount") == 1);
    CHECK(status.at("milestones").size() == 4);
    status.erase("errors");
    REQUIRE(events.back().name == "finished");
    CHECK(events.back().data == status);
    status.erase("errorsTruncated");
    CHECK(json::parse(s.ask("GET", "/jobs").body).at("jobs").at(0) == status);

    auto const many = s.start(ids(1'002, "bad"), {{"concurrency", 100}});
    s.sim.run();
    CHECK(s.status(many).at("errorsTruncated") == true);
    CHECK(events_of(s.ask("GET", '/' + many + "/events").body).back().data.at("errorsTruncated") == true);
}

TEST_CASE("an item that is there twice is named", "[http][refused]") {
    Service s;
    auto const problem = json::parse(s.ask("POST", "/start", R"({"imageIds": ["a", "b.png", "b.png"]})").body);
    CHECK(problem.at("errors").at(0).at("field") == "imageIds");
    CHECK(problem.at("errors").at(0).at("message") == R"(has "b.png" more than once)");
}

TEST_CASE("every answer says that it is not to be kept, and is of the type it says", "[http][rest]") {
    Service s{{.metrics = no_metrics}};
    auto const id = s.start({"a"});
    s.sim.run();
    auto every = all_calls(id);
    every.push_back({"GET", "/healthz", {}});
    every.push_back({"GET", "/nothing", {}});
    every.push_back({"PUT", "/start", {}});
    every.push_back({"OPTIONS", "/start", {}});
    for (auto const& [method, target, body] : every) {
        CAPTURE(method, target);
        auto const r =
            s.ask(method, target, body, {{"Last-Event-ID", std::to_string(s.status(id).at("version").get<int>())}});
        CHECK(r.fields.find("Cache-Control") == "no-store");
        CHECK(r.fields.find("X-Content-Type-Options") == "nosniff");
    }
}
