// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "catch.hpp"
#include "net.hpp"

#include <batchpace/batch_processor.hpp>
#include <batchpace/http/rest_api.hpp>
#include <batchpace/json/dump.hpp>
#include <batchpace/policy/no_backoff.hpp>
#include <batchpace/sleep_for.hpp>
#include <batchpace/testing/simulation.hpp>

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What the tests of the REST API share: a service in virtual time, and clients that ask it without a socket.
namespace http_test {

using namespace std::chrono_literals;
using namespace batchpace;
using batchpace::http::Fields;
using batchpace::http::Request;
using batchpace::http::Response;
using batchpace::testing::Simulation;
using nlohmann::json;

/// Every answer goes, as a line of JSON, to the file that BATCHPACE_ANSWERS names: the OpenAPI document is held
/// against it (tests/openapi).
inline void record(std::string const& method, std::string const& target, Response const& response,
                   std::string const& body) {
    static auto const* const file = std::getenv("BATCHPACE_ANSWERS");
    if (file == nullptr) return;
    static std::ofstream out{file, std::ios::app};
    auto headers = json::object();
    for (auto const& [name, value] : response.fields) headers[name] = value;
    auto const type = response.fields.find("Content-Type");
    json line = {{"method", method},   {"target", target}, {"status", response.status},
                 {"headers", headers}, {"body", body},     {"contentType", type ? json(*type) : json(nullptr)}};
    out << dump(line) << std::endl;
}

/// A body that is made as it is sent, read piece by piece.
struct Reader {
    std::shared_ptr<http::BodyStream> stream;
    std::string text;
    bool asked = false;
    bool ended = false;

    /// Asks for the next piece if none is owed.
    void ask() {
        if (asked || ended) return;
        asked = true;
        stream->next([this](std::string piece) {
            asked = false;
            ended = piece.empty();
            text += piece;
        });
    }
};

/// One event of an event stream.
struct Heard {
    std::string name;
    std::optional<std::uint64_t> id;
    json data;
};

inline std::vector<Heard> events_of(std::string_view text) {
    std::vector<Heard> events;
    while (!text.empty()) {
        auto const end = text.find("\n\n");
        REQUIRE(end != text.npos);
        auto block = text.substr(0, end);
        text.remove_prefix(end + 2);
        if (block == ":") continue;
        Heard event;
        while (!block.empty()) {
            auto const stop = std::min(block.find('\n'), block.size());
            auto const line = block.substr(0, stop);
            block.remove_prefix(std::min(stop + 1, block.size()));
            if (line.starts_with("id: ")) event.id = std::stoull(std::string{line.substr(4)});
            if (line.starts_with("event: ")) event.name = line.substr(7);
            if (line.starts_with("data: ")) event.data = json::parse(line.substr(6));
        }
        events.push_back(std::move(event));
    }
    return events;
}

using Annotate = std::function<asio::awaitable<Outcome<json>>(std::string const&, Attempt const&)>;
using Processor = BatchProcessor<Simulation::executor_type, Unlimited, Annotate>;

/// "slow…" takes 30 s, "bad…" fails for good, anything else takes 10 ms and is its own annotation.
inline Annotate usual() {
    return [](std::string const& id, Attempt const& attempt) -> asio::awaitable<Outcome<json>> {
        auto const time = id.starts_with("slow") ? duration{30s} : duration{10ms};
        co_await sleep_for(time, asio::use_awaitable);
        (void)attempt;
        if (id.starts_with("bad")) {
            Outcome<json> failed = Failure::permanent("Invalid image");
            co_return failed;
        }
        json made = {{"name", id}};
        Outcome<json> done{made};
        co_return done;
    };
}

/// Nobody is known; for those who need to be.
inline Response nobody() {
    http::Problem p{401, "unauthorized", "A key is needed", "Send it as Authorization: Bearer <key>"};
    p.fields.add("WWW-Authenticate", "Bearer");
    return p.response();
}

/// Whose name is the key is the tenant.
inline std::variant<http::Caller, Response> by_key(Request const& request) {
    auto const key = request.fields.find("Authorization").value_or("");
    if (!key.starts_with("Bearer ")) return nobody();
    return http::Caller{std::string{key.substr(7)}};
}

/// A whole service.
struct Service {
    explicit Service(http::RestOptions with = {}, ProcessorOptions of_processor = {}, std::uint64_t seed = 1,
                     Annotate annotate = usual())
        : sim{seed},
          processor{sim, Unlimited{}, std::move(annotate), of_processor,
                    Hooks{}.retry(RetryPolicy{NoBackoff{}}).random_seed(seed)},
          api{processor, std::move(with)} {}

    /// Asks, runs until the answer has come, and reads its body up to its end if it is a stream, `most` pieces at most.
    Response ask(std::string method, std::string target, std::string body = {}, Fields fields = {}) {
        auto response = head(method, target, std::move(body), std::move(fields));
        if (response.stream) {
            Reader reader;
            reader.stream = response.stream;
            while (!reader.ended) {
                reader.ask();
                if (reader.asked) sim.run_for(10ms);
            }
            response.body = reader.text;
            response.stream = nullptr;
        }
        record(method, target, response, response.body);
        return response;
    }
    /// The same, but a stream is left as it is.
    Response head(std::string const& method, std::string const& target, std::string body = {}, Fields fields = {}) {
        Request request;
        request.method = method;
        request.target = target.starts_with('/') && !target.starts_with("/api") && !plain
                             ? "/api/batch/annotations" + target
                             : target;
        if (!request.fields.find("Host")) request.fields.add("Host", "localhost:8080");
        if (!body.empty() && !fields.find("Content-Type")) request.fields.add("Content-Type", "application/json");
        for (auto const& [name, value] : fields) request.fields.add(name, value);
        request.body = http::Body{std::move(body)};
        std::optional<Response> answer;
        int answers = 0;
        api(std::move(request), [&](Response response) {
            answer = std::move(response);
            ++answers;
        });
        for (int i = 0; i < 100 && !answer; ++i) sim.run_for(1ms);
        REQUIRE(answer);
        REQUIRE(answers == 1);
        if (answer->status >= 400 && answer->status < 600) {
            CHECK(answer->fields.find("Content-Type") == "application/problem+json");
            auto const problem = json::parse(answer->body);
            CHECK(problem.at("status") == answer->status);
            CHECK(problem.at("type").get<std::string>().starts_with("urn:batchpace:problem:"));
        }
        return *std::move(answer);
    }

    /// Starts a job of these ids and returns its id.
    std::string start(std::vector<std::string> const& ids, json more = json::object(), Fields fields = {}) {
        more["imageIds"] = ids;
        auto const response = ask("POST", "/start", more.dump(), std::move(fields));
        REQUIRE(response.status == 201);
        return json::parse(response.body).at("jobId");
    }
    json status(std::string const& id, Fields fields = {}) {
        auto const response = ask("GET", '/' + id + "/status", {}, std::move(fields));
        REQUIRE(response.status == 200);
        return json::parse(response.body);
    }

    Simulation sim;
    Processor processor;
    http::RestApi<Processor> api;
    bool plain = false;  ///< targets are taken as they are
};

inline std::vector<std::string> ids(std::size_t count, std::string const& begin = "image-") {
    std::vector<std::string> made;
    for (std::size_t i = 0; i < count; ++i) made.push_back(begin + std::to_string(i));
    return made;
}

inline std::string kind(Response const& response) {
    auto const problem = json::parse(response.body, nullptr, false);
    if (!problem.is_object() || !problem.contains("type")) return "no problem: " + response.body;
    return problem.at("type").get<std::string>().substr(std::string_view{"urn:batchpace:problem:"}.size());
}

}  // namespace http_test
