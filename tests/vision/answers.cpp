// SPDX-License-Identifier: BSL-1.0
//
// What comes back from a vision service, and what it counts as.
#include "../catch.hpp"
#include "annotation_server/vision_answer.hpp"

#include <nlohmann/json.hpp>

#include <random>
#include <string>

using namespace annotation_server;
using batchpace::FailureKind;
using Json = nlohmann::json;
using End = HttpAnswer::End;
using namespace std::chrono_literals;

namespace {

HttpAnswer answered(int status, std::string body, std::optional<std::chrono::milliseconds> retry_after = {}) {
    return {End::answered, status, std::move(body), retry_after, {}};
}
HttpAnswer without_answer(End end, std::string fault) { return {end, 0, {}, {}, std::move(fault)}; }

/// The one image's outcome in a body with this response for it.
batchpace::Outcome<VisionAnnotation> one(Json const& response) {
    auto const whole = read_vision_answer(answered(200, Json{{"responses", {response}}}.dump()), 1);
    REQUIRE(whole);
    REQUIRE(whole.value().size() == 1);
    return whole.value()[0];
}
Json annotation(Json const& response) {
    auto const outcome = one(response);
    REQUIRE(outcome);
    return outcome.value();
}
batchpace::Failure whole_failure(HttpAnswer const& answer, std::size_t images = 2) {
    auto const whole = read_vision_answer(answer, images);
    REQUIRE_FALSE(whole);
    return whole.failure();
}

char const* const google_says_no =
    R"({"error": {"code": 429, "message": "Quota exceeded for quota metric", "status": "RESOURCE_EXHAUSTED"}})";

}  // namespace

TEST_CASE("an annotation has what the service found", "[vision]") {
    CHECK(annotation(Json::object()) == Json::parse(R"({"labels": []})"));
    CHECK(annotation(Json::parse(R"({
        "labelAnnotations": [{"mid": "/m/01yrx", "description": "Cat", "score": 0.875, "topicality": 0.9},
                             {"description": "Whiskers", "score": 0.5}],
        "localizedObjectAnnotations": [{"name": "Cat", "score": 0.75, "boundingPoly": {}}],
        "landmarkAnnotations": [{"description": "Tower", "score": 1}],
        "logoAnnotations": [{"description": "Brand", "score": 0.25}],
        "textAnnotations": [{"locale": "en", "description": "STOP\nHERE"}, {"description": "STOP"}],
        "safeSearchAnnotation": {"adult": "VERY_UNLIKELY", "medical": "POSSIBLE"}})")) == Json::parse(R"({
        "labels": [{"description": "Cat", "score": 0.875}, {"description": "Whiskers", "score": 0.5}],
        "objects": [{"description": "Cat", "score": 0.75}],
        "landmarks": [{"description": "Tower", "score": 1.0}],
        "logos": [{"description": "Brand", "score": 0.25}],
        "text": "STOP\nHERE",
        "safeSearch": {"adult": "VERY_UNLIKELY", "medical": "POSSIBLE"}})"));
    CHECK(annotation(
              Json::parse(R"({"fullTextAnnotation": {"text": "a page"}, "textAnnotations": [{"description": "b"}]})"))
              .at("text") == "a page");
}

TEST_CASE("an image has its own error, and others do not suffer", "[vision]") {
    auto const whole =
        read_vision_answer(answered(200, R"({"responses": [{"labelAnnotations": [{"description": "Cat", "score": 1}]},
                                        {"error": {"code": 3, "message": "Bad image data."}}, {}]})"),
                           3);
    REQUIRE(whole);
    REQUIRE(whole.value().size() == 3);
    CHECK(whole.value()[0].value().labels.at(0).description == "Cat");
    CHECK(whole.value()[1].failure().message() == "Bad image data.");
    CHECK(whole.value()[1].failure().kind() == FailureKind::permanent);
    CHECK(whole.value()[2].value().labels.empty());
}

TEST_CASE("an image's error is permanent, transient or a throttle by its code", "[vision]") {
    auto const kind = [](Json const& code) {
        auto const outcome = one({{"error", {{"code", code}, {"message", "m"}}}});
        REQUIRE_FALSE(outcome);
        CHECK(outcome.failure().message() == "m");
        return outcome.failure().kind();
    };
    for (auto const code : {3, 5, 6, 7, 9, 11, 12, 15, 16}) CHECK(kind(code) == FailureKind::permanent);
    for (auto const code : {1, 2, 4, 10, 13, 14}) CHECK(kind(code) == FailureKind::transient);
    CHECK(kind(8) == FailureKind::throttled);
    // Nobody knows these: another attempt may go better.
    for (auto const& code : {Json(17), Json(-1), Json("3"), Json(nullptr), Json(3.5), Json(~std::uint64_t{0})})
        CHECK(kind(code) == FailureKind::transient);
    CHECK(one({{"error", {{"code", 0}}}}).has_value());
    CHECK(one({{"error", nullptr}}).has_value());
    CHECK(one({{"error", {{"code", 13}}}}).failure().message() == "the service's error 13");
    CHECK(one({{"error", "no object"}}).failure().kind() == FailureKind::transient);
}

TEST_CASE("a service that asks for less is obeyed", "[vision]") {
    for (auto const status : {429, 503}) {
        auto const failure = whole_failure(answered(status, google_says_no, 30s));
        CHECK(failure.kind() == FailureKind::throttled);
        CHECK(failure.retry_after() == batchpace::duration{30s});
        CHECK_FALSE(whole_failure(answered(status, "")).retry_after().has_value());
    }
    CHECK(whole_failure(answered(429, google_says_no)).message() ==
          "the service answered 429 RESOURCE_EXHAUSTED: Quota exceeded for quota metric");
}

TEST_CASE("a service that is not well is asked again", "[vision]") {
    for (auto const status : {408, 500, 501, 502, 504, 599}) {
        auto const failure = whole_failure(answered(status, "<html>", 5s));
        CHECK(failure.kind() == FailureKind::transient);
        CHECK(failure.retry_after() == batchpace::duration{5s});
        CHECK(failure.message() == "the service answered " + std::to_string(status));
    }
}

TEST_CASE("a request that is refused as a whole is halved", "[vision]") {
    for (auto const status : {400, 413, 422})
        CHECK(whole_failure(answered(status, "")).kind() == FailureKind::permanent);
    CHECK(whole_failure(without_answer(End::too_long, "the answer is too long")).kind() == FailureKind::permanent);
}

TEST_CASE("what is wrong with the service as such is each image's failure, so that nothing is halved", "[vision]") {
    for (auto const status : {401, 403, 404, 405, 301, 308, 204}) {
        auto const whole = read_vision_answer(answered(status, google_says_no), 3);
        REQUIRE(whole);
        REQUIRE(whole.value().size() == 3);
        for (auto const& outcome : whole.value()) CHECK(outcome.failure().kind() == FailureKind::permanent);
    }
    CHECK(read_vision_answer(answered(403, ""), 1).value()[0].failure().message() ==
          "the service refuses the key: the service answered 403");
}

TEST_CASE("no answer is a failure that may pass", "[vision]") {
    CHECK(whole_failure(without_answer(End::failed, "Connection refused")).kind() == FailureKind::transient);
    CHECK(whole_failure(without_answer(End::failed, "Connection refused")).message() ==
          "no answer: Connection refused");
    CHECK(whole_failure(without_answer(End::cancelled, "")).kind() == FailureKind::transient);
    CHECK(whole_failure(without_answer(End::timed_out, "30 s")).kind() == FailureKind::timed_out);
}

TEST_CASE("an answer that cannot be understood may be better the next time", "[vision]") {
    for (auto const* body :
         {"", "{", "null", "[]", "7", "\"responses\"", "{}", R"({"responses": {}})", "\xff", R"({"responses": []})",
          R"({"responses": [{}]})", R"({"responses": [{}, {}, {}]})", R"({"responses": [{}, {}]} and more)",
          R"({"responses": [{}, {"labelAnnotations": [{"descr)", R"({"responses": [{}, {"a": 1e999}]})"})
        CHECK(whole_failure(answered(200, body)).kind() == FailureKind::transient);
    CHECK(whole_failure(answered(200, R"({"responses": [{}]})")).message() == "the service answered 1 of 2 images");
    CHECK(one(7).failure().kind() == FailureKind::transient);
}

TEST_CASE("findings that are not as they should be are left out", "[vision]") {
    CHECK(annotation(Json::parse(R"({"labelAnnotations": [7, null, [], {}, {"description": 7}, {"description": ""},
        {"description": "Cat"}, {"description": "Dog", "score": "high"}], "localizedObjectAnnotations": {"name": "x"},
        "textAnnotations": [7], "fullTextAnnotation": "x", "safeSearchAnnotation": {"adult": 7}})")) ==
          Json::parse(R"({"labels": [{"description": "Cat", "score": 0.0}, {"description": "Dog", "score": 0.0}]})"));
}

TEST_CASE("a long text of a failure is cut between two characters", "[vision]") {
    for (std::size_t before = 0; before < 4; ++before) {
        std::string message(before, 'x');
        for (int i = 0; i < 200; ++i) message += "ä";
        auto const text = one({{"error", {{"code", 3}, {"message", message}}}}).failure().message();
        CHECK(text.size() < 310);
        CHECK(Json::accept(Json(text).dump()));
        CHECK(message.find(text.substr(0, 250)) == 0);
    }
}

TEST_CASE("nothing that is answered breaks the reader", "[vision]") {
    // Deep, and a good answer with any byte changed, any cut, and any value of another type.
    CHECK(whole_failure(answered(200, std::string(1'000'000, '['))).kind() == FailureKind::transient);
    std::string deep = R"({"responses": [{}, )";
    for (int i = 0; i < 100'000; ++i) deep += R"({"a":[)";
    for (int i = 0; i < 100'000; ++i) deep += "]}";
    CHECK(read_vision_answer(answered(200, deep + "]}"), 2).has_value());

    std::string const good = R"({"responses": [{"labelAnnotations": [{"description": "Cat", "score": 0.5}],
        "fullTextAnnotation": {"text": "t"}, "textAnnotations": [{"description": "t"}], "safeSearchAnnotation":
        {"adult": "LIKELY"}}, {"error": {"code": 14, "message": "m", "details": []}}]})";
    std::mt19937 bits{1};
    auto const below = [&](std::size_t end) { return std::uniform_int_distribution<std::size_t>{0, end - 1}(bits); };
    auto const read = [](std::string const& body) {
        for (auto const status : {200, 429, 500}) {
            auto const whole = read_vision_answer(answered(status, body), 2);
            if (whole) CHECK(whole.value().size() == 2);
        }
    };
    for (std::size_t end = 0; end < good.size(); ++end) read(good.substr(0, end));
    for (int round = 0; round < 20'000; ++round) {
        auto body = good;
        for (auto changes = 1 + below(3); changes > 0; --changes)
            body[below(body.size())] = "{}[]\",:0eE-\\tnfu\xff"[below(17)];
        read(body);
    }
    std::vector<Json> const values{nullptr,          true,           -1,           1e300, "text", Json::array(),
                                   Json::array({1}), Json::object(), {{"code", 3}}};
    auto const flat = Json::parse(good).flatten();
    for (auto const& [path, _] : flat.items()) {
        for (Json::json_pointer at{path};; at.pop_back()) {
            for (auto const& value : values) {
                auto changed = Json::parse(good);
                changed[at] = value;
                read(changed.dump());
            }
            if (at.empty()) break;
        }
    }
}
