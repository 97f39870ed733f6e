// SPDX-License-Identifier: BSL-1.0
// What the REST API refuses: each with its status and a problem document that says what to do.
#include "ask.hpp"

#include <batchpace/http/target.hpp>

#ifdef BATCHPACE_HAS_RAPIDCHECK
#include <rapidcheck/catch.h>
#endif

#include <stdexcept>

using namespace http_test;

TEST_CASE("bodies of a start that are wrong are refused, each field by its name", "[http][refused]") {
    Service s;
    struct Case {
        std::string body;
        int status;
        std::string name;
        std::string field;
    };
    std::string deep(100'000, '[');
    Case const cases[] = {
        {"{", 400, "malformed-request", ""},
        {"[]", 400, "malformed-request", ""},
        {deep, 400, "malformed-request", ""},
        {R"({"imageIds": ["a"], "x": )" + deep, 400, "malformed-request", ""},
        {"\xff\xfe", 400, "malformed-request", ""},
        {R"({"imageIds": ["a"]} trailing)", 400, "malformed-request", ""},
        {"{}", 422, "invalid-request", "imageIds"},
        {R"({"imageIds": []})", 422, "invalid-request", "imageIds"},
        {R"({"imageIds": "a"})", 422, "invalid-request", "imageIds"},
        {R"({"imageIds": ["a", 7]})", 422, "invalid-request", "imageIds[1]"},
        {R"({"imageIds": [""]})", 422, "invalid-request", "imageIds[0]"},
        {R"({"imageIds": ["a", "b", "a"]})", 422, "duplicate-item", "imageIds"},
        {R"({"imageIds": ["a"], "concurency": 3})", 422, "invalid-request", "concurency"},
        {R"({"imageIds": ["a"], "concurrency": 0})", 422, "invalid-request", "concurrency"},
        {R"({"imageIds": ["a"], "concurrency": 1e309})", 422, "invalid-request", "concurrency"},
        {R"({"imageIds": ["a"], "concurrency": 1.5})", 422, "invalid-request", "concurrency"},
        {R"({"imageIds": ["a"], "concurrency": NaN})", 400, "malformed-request", ""},
        {R"({"imageIds": ["\ud800"]})", 400, "malformed-request", ""},
        {R"({"imageIds": ["a"], "priority": 1001})", 422, "invalid-request", "priority"},
        {R"({"imageIds": ["a"], "attemptTimeout": 0})", 422, "invalid-request", "attemptTimeout"},
        {R"({"imageIds": ["a"], "allowDuplicates": "yes"})", 422, "invalid-request", "allowDuplicates"},
    };
    for (auto const& c : cases) {
        auto const r = s.ask("POST", "/start", c.body);
        CAPTURE(c.body.substr(0, 60), r.body.substr(0, 300));
        CHECK(r.status == c.status);
        CHECK(kind(r) == c.name);
        if (c.field.empty()) continue;
        auto const problem = json::parse(r.body);
        REQUIRE(problem.at("errors").size() == 1);
        CHECK(problem.at("errors")[0].at("field") == c.field);
        CHECK(!problem.at("errors")[0].at("message").get<std::string>().empty());
    }
    CHECK(s.processor.stats().jobs_started == 0);
    CHECK(json::parse(s.ask("POST", "/start", R"({"imageIds": ["x.png", "x.png"]})").body)
              .at("detail")
              .get<std::string>()
              .find("x.png") != std::string::npos);
}

TEST_CASE("too much is refused: bytes, ids, a long id", "[http][refused]") {
    Service s{{.max_body_bytes = 10'000, .start = {.max_items = 100, .max_id_length = 50}}};
    auto const bytes = s.ask("POST", "/start", R"({"imageIds": [")" + std::string(10'000, 'x') + "\"]}");
    CHECK(bytes.status == 413);
    CHECK(kind(bytes) == "body-too-large");
    auto const many = s.ask("POST", "/start", json{{"imageIds", ids(101, "i")}}.dump());
    CHECK(many.status == 413);
    CHECK(kind(many) == "too-many-items");
    CHECK(s.ask("POST", "/start", json{{"imageIds", ids(100, "i")}}.dump()).status == 201);
    CHECK(kind(s.ask("POST", "/start", json{{"imageIds", {std::string(51, 'x')}}}.dump())) == "invalid-request");
}

TEST_CASE("more items than the processor takes are refused too", "[http][refused]") {
    Service s{{}, {.max_items_per_job = 10}};
    auto const r = s.ask("POST", "/start", json{{"imageIds", ids(11)}}.dump());
    CHECK(r.status == 413);
    CHECK(kind(r) == "too-many-items");
}

TEST_CASE("paths and methods that are none are told apart", "[http][refused]") {
    Service s;
    auto const id = s.start({"a"});
    s.plain = true;
    std::string const at = "/api/batch/annotations";
    for (auto const& path : std::vector<std::string>{"/", at, at + "/", at + "/starts", at + "/start/", "/api/batch",
                                                     at + '/' + id, at + '/' + id + "/state", at + "/x/y/z",
                                                     at + "x/start", at + "%2Fstart", at + "//start"}) {
        auto const r = s.ask("GET", path);
        CAPTURE(path);
        CHECK(r.status == 404);
        CHECK(kind(r) == "unknown-path");
    }
    for (auto const& path : std::vector<std::string>{"start", "*", "", at + "/%zz/status", at + "/%/status",
                                                     at + "/%00/status", at + "/a b", at + "/stats#x"}) {
        auto const r = s.ask("GET", path);
        CAPTURE(path);
        CHECK(r.status == 400);
        CHECK(kind(r) == "malformed-request");
    }
    auto const get = s.ask("GET", at + "/start");
    CHECK(get.status == 405);
    CHECK(get.fields.find("Allow") == "POST, OPTIONS");
    for (auto const* method : {"POST", "PUT", "DELETE", "PATCH", "get", "TRACE", ""}) {
        auto const r = s.ask(method, at + "/stats");
        CHECK(r.status == 405);
        CHECK(r.fields.find("Allow") == "GET, HEAD, OPTIONS");
    }
    CHECK(s.ask("HEAD", at + '/' + id + "/status").status == 200);
    // Letters may be written as escapes, and a proxy's absolute form is a path too.
    CHECK(s.ask("GET", at + "/%73tats").status == 200);
    CHECK(s.ask("GET", "http://localhost:8080" + at + "/stats").status == 200);
}

TEST_CASE("a job's id that is none is a job that is not known", "[http][refused]") {
    Service s;
    for (std::string const id : {"x", "0197a1b2-0000-7000-8000-00000000000", "0197a1b2-0000-7000-8000-000000000000",
                                 "%00", "..", "0197a1b2%2d0000-7000-8000-000000000000"}) {
        if (id == "%00") continue;  // no path at all
        CAPTURE(id);
        CHECK(kind(s.ask("GET", '/' + id + "/status")) == "unknown-job");
        CHECK(kind(s.ask("POST", '/' + id + "/cancel")) == "unknown-job");
    }
}

TEST_CASE("a start must be JSON, and say so", "[http][refused]") {
    Service s;
    std::string const body = R"({"imageIds": ["a"]})";
    for (std::string const type : {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
                                   "", "application/jsonp", "application/json/x"}) {
        auto const r = s.ask("POST", "/start", body, {{"Content-Type", type}});
        CAPTURE(type);
        CHECK(r.status == 415);
        CHECK(kind(r) == "unsupported-media-type");
    }
    CHECK(s.ask("POST", "/start", body, {{"content-type", "Application/JSON ; charset=utf-8"}}).status == 201);
}

TEST_CASE("a page of another origin can change nothing", "[http][refused]") {
    Service s{{.origins = {.hosts = {"localhost", "[::1]"}, .origins = {"https://app.example.com"}}}};
    std::string const body = R"({"imageIds": ["a"], "allowDuplicates": true})";
    auto const status = [&](Fields fields) { return s.ask("POST", "/start", body, std::move(fields)).status; };
    CHECK(status({}) == 201);
    CHECK(status({{"Origin", "http://localhost:8080"}}) == 201);
    CHECK(status({{"Origin", "https://app.example.com"}}) == 201);
    CHECK(status({{"Origin", "https://evil.example.com"}}) == 403);
    CHECK(status({{"Origin", "http://localhost:8081"}}) == 403);
    CHECK(status({{"Origin", "null"}}) == 403);
    CHECK(status({{"Origin", "http://localhost:8080.evil.example.com"}}) == 403);
    CHECK(status({{"Sec-Fetch-Site", "cross-site"}}) == 403);
    CHECK(status({{"Sec-Fetch-Site", "same-site"}}) == 403);
    CHECK(status({{"Sec-Fetch-Site", "same-origin"}}) == 201);
    CHECK(status({{"Sec-Fetch-Site", "none"}}) == 201);
    CHECK(kind(s.ask("POST", "/start", body, {{"Origin", "null"}})) == "cross-origin");
    // Reading is refused by the browser, which is told nothing.
    auto const read = s.ask("GET", "/stats", {}, {{"Origin", "https://evil.example.com"}});
    CHECK(read.status == 200);
    CHECK(!read.fields.find("Access-Control-Allow-Origin"));
    CHECK(read.fields.find("Vary") == "Origin");
    auto const open = s.ask("GET", "/stats", {}, {{"Origin", "https://app.example.com"}});
    CHECK(open.fields.find("Access-Control-Allow-Origin") == "https://app.example.com");
    // Its problems can be read too.
    CHECK(s.ask("GET", "/x/status", {}, {{"Origin", "https://app.example.com"}})
              .fields.find("Access-Control-Allow-Origin"));
}

TEST_CASE("a preflight is answered for origins that are allowed", "[http][refused]") {
    Service s{{.origins = {.origins = {"https://app.example.com"}}, .authorize = by_key}};
    Fields const asks{{"Origin", "https://app.example.com"}, {"Access-Control-Request-Method", "POST"}};
    auto const r = s.ask("OPTIONS", "/start", {}, asks);
    CHECK(r.status == 204);
    CHECK(r.fields.find("Access-Control-Allow-Origin") == "https://app.example.com");
    CHECK(r.fields.find("Access-Control-Allow-Methods")->find("POST") != std::string_view::npos);
    CHECK(r.fields.find("Access-Control-Allow-Headers")->find("Authorization") != std::string_view::npos);
    auto const no = s.ask("OPTIONS", "/start", {},
                          {{"Origin", "https://evil.example.com"}, {"Access-Control-Request-Method", "POST"}});
    CHECK(no.status == 204);
    CHECK(!no.fields.find("Access-Control-Allow-Methods"));
    CHECK(!no.fields.find("Access-Control-Allow-Origin"));
    CHECK(s.ask("OPTIONS", "/stats").fields.find("Allow") == "GET, HEAD, OPTIONS");
    s.plain = true;
    CHECK(s.ask("OPTIONS", "*").status == 204);
}

TEST_CASE("a name that is not the service's own is refused", "[http][refused]") {
    Service s{{.origins = {.hosts = {"localhost", "127.0.0.1", "[::1]"}}}};
    auto const status = [&](std::string host) {
        Request request;
        request.method = "GET";
        request.target = "/api/batch/annotations/stats";
        if (host != "none") request.fields.add("Host", std::move(host));
        int answer = 0;
        s.api(std::move(request), [&](Response r) { answer = r.status; });
        return answer;
    };
    for (auto const* good : {"localhost", "localhost:8080", "LOCALHOST", "127.0.0.1:1", "[::1]", "[::1]:8080"}) {
        CAPTURE(good);
        CHECK(status(good) == 200);
    }
    for (auto const* bad : {"evil.example.com", "evil.example.com:8080", "localhost.evil.example.com", "", "none",
                            "::1", "localhost:8080:1", "[::1", "localhost@evil.example.com"}) {
        CAPTURE(bad);
        CHECK(status(bad) == 421);
    }
}

TEST_CASE("what the host's hooks throw is a 500 that tells nothing", "[http][refused]") {
    Service s{{.authorize = [](Request const&) -> std::variant<http::Caller, Response> {
        throw std::runtime_error{"the password is 1234"};
    }}};
    auto const r = s.ask("GET", "/stats");
    CHECK(r.status == 500);
    CHECK(kind(r) == "internal-error");
    CHECK(r.body.find("1234") == std::string::npos);
    CHECK(s.ask("GET", "/healthz").status == 200);

    Simulation sim{1};
    Processor processor{sim, Unlimited{}, usual(), {}, Hooks{}.tier_of([](std::string_view) -> std::optional<Tier> {
                            throw std::runtime_error{"no database"};
                        })};
    http::RestApi<Processor> api{processor};
    int status = 0;
    Request request;
    request.method = "POST";
    request.target = "/api/batch/annotations/start";
    request.fields.add("Content-Type", "application/json");
    request.body = http::Body{R"({"imageIds": ["a"]})"};
    api(std::move(request), [&](Response answer) { status = answer.status; });
    sim.run();
    CHECK(status == 500);
}

TEST_CASE("an API at another prefix", "[http][rest]") {
    for (std::string const prefix : {"/", "", "/batch/", "/a/b/c", "batch"}) {
        Service s{{.prefix = prefix}};
        s.plain = true;
        auto base = prefix;
        while (base.ends_with('/')) base.pop_back();
        if (!base.empty() && !base.starts_with('/')) base = '/' + base;
        CAPTURE(prefix);
        auto const r = s.ask("POST", base + "/start", R"({"imageIds": ["a"]})");
        REQUIRE(r.status == 201);
        auto const url = json::parse(r.body).at("statusUrl").get<std::string>();
        CHECK(s.ask("GET", url).status == 200);
        CHECK(s.api.owns(url));
        CHECK(s.api.owns("/metrics?x=1"));
        CHECK(!s.api.owns("*"));
    }
    Service s;
    CHECK(!s.api.owns("/"));
    CHECK(!s.api.owns("/index.html"));
    CHECK(s.api.owns("/api/batch/annotations/anything"));
}

TEST_CASE("a target is taken apart", "[http][target]") {
    using http::Target;
    auto const t = Target::parse("/a%20b//c%2Fd?x=1&y=%C3%A4+b&&z&x=2");
    REQUIRE(t);
    CHECK(t->segments == std::vector<std::string>{"a b", "", "c/d"});
    CHECK(*t->find("x") == "1");
    CHECK(*t->find("y") == "\xC3\xA4 b");
    CHECK(t->find("z")->empty());
    CHECK(t->query.size() == 4);
    CHECK(Target::parse("https://host.example?x=1")->find("x") != nullptr);
    CHECK(Target::parse("http://host.example")->segments == std::vector<std::string>{""});
    for (auto const* bad : {"", "a", "*", "/%", "/%a", "/%g0", "/a%00", "/ ", "/\x01", "/\x7f", "/#", "/?a=%x", "//\t"})
        CHECK(!Target::parse(bad));
}

#ifdef BATCHPACE_HAS_RAPIDCHECK
TEST_CASE("whatever is asked is answered, with a status that is ours", "[http][refused]") {
    Service s{{.max_body_bytes = 1'000, .authorize = by_key}};
    auto const id = s.start({"a"}, json::object(), {{"Authorization", "Bearer a"}});
    s.plain = true;
    rc::prop("any request", [&](std::string const& tail, std::string const& body) {
        auto const method = *rc::gen::element<std::string>("GET", "POST", "HEAD", "OPTIONS", "PUT");
        auto const verb = *rc::gen::element<std::string>("status", "cancel", "pause", "resume", "retry", "update",
                                                         "results", "events");
        auto const base =
            *rc::gen::element<std::string>("/api/batch/annotations/" + id + '/' + verb, "/api/batch/annotations/start",
                                           "/api/batch/annotations/", "/");
        auto const r = s.head(method, base + tail, body, {{"Authorization", "Bearer a"}, {"Last-Event-ID", tail}});
        RC_ASSERT((r.status >= 200 && r.status < 500));
    });
}
#endif

TEST_CASE("a tier that the processor refuses is refused at every start", "[http][refused]") {
    http::RestOptions options;
    options.authorize = [](Request const&) -> std::variant<http::Caller, Response> {
        return http::Caller{"acme", Tier{"wrong", -1, 0}};
    };
    Service s{options};
    for (int i = 0; i < 2; ++i) CHECK(s.ask("POST", "/start", R"({"imageIds": ["a"]})").status == 500);
    CHECK(s.processor.jobs().empty());
}
