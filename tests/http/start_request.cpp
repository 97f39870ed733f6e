// SPDX-License-Identifier: BSL-1.0
// What the bodies of POST /start and POST /:id/update may say, and that every fault in them is named.
#include <batchpace/http/start_request.hpp>
#include <batchpace/http/update_request.hpp>

#include "../catch.hpp"
#ifdef BATCHPACE_HAS_RAPIDCHECK
#include <rapidcheck/catch.h>
#endif

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <variant>
#include <vector>

using namespace batchpace::http;
using namespace std::chrono_literals;
using batchpace::JobOptions;
using batchpace::JobUpdate;
using Kind = RequestError::Kind;
using Faults = std::vector<FieldError>;

namespace Catch {
template <>
struct StringMaker<FieldError> {
    static std::string convert(FieldError const& e) { return '{' + e.field + ": " + e.message + '}'; }
};
}  // namespace Catch

namespace {

/// `text` in pieces of so many bytes.
Body pieces(std::string const& text, std::size_t each) {
    Body body;
    for (std::size_t at = 0; at < text.size(); at += each) body.append(text.substr(at, each));
    return body;
}

StartRequest good(Body body, StartLimits const& limits = {}) {
    auto parsed = parse_start(std::move(body), limits);
    if (auto* const error = std::get_if<RequestError>(&parsed)) FAIL(error->detail);
    return std::get<StartRequest>(std::move(parsed));
}
RequestError bad(Body body, StartLimits const& limits = {}) {
    auto parsed = parse_start(std::move(body), limits);
    REQUIRE(std::holds_alternative<RequestError>(parsed));
    return std::get<RequestError>(std::move(parsed));
}
/// The faults of an invalid body.
Faults faults(Body body, StartLimits const& limits = {}) {
    auto const error = bad(std::move(body), limits);
    CHECK(error.kind == Kind::invalid);
    CHECK(error.error_count == error.errors.size());
    return error.errors;
}
/// The faults of a member beside a list that is in order.
Faults faults_of(std::string const& member) { return faults(R"({"imageIds":["a"],)" + member + '}'); }

std::string list(std::size_t count, std::string const& each) {
    std::string text = R"({"imageIds":[)";
    for (std::size_t i = 0; i < count; ++i) text += (i > 0 ? "," : "") + each;
    return text + "]}";
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

}  // namespace

TEST_CASE("a start with everything in it", "[http][start]") {
    auto const r = good(R"( {"imageIds": ["a", "b\u00e9\"", "😀"], "concurrency": 8, "rateLimitPerMinute": 100,
        "maxAttempts": 2, "attemptTimeout": 1500, "priority": 1000, "idempotencyKey": "k-1", "label": "l",
        "allowDuplicates": true} )");
    CHECK(r.image_ids == std::vector<std::string>{"a", "bé\"", "😀"});
    auto const o = r.options({.concurrency = 3, .tenant = "t", .keep_errors = 7});
    CHECK(o.concurrency == 8);
    CHECK(o.rate_limit_per_minute == 100);
    CHECK(o.max_attempts == 2);
    CHECK(o.attempt_timeout == 1'500ms);
    CHECK(o.priority == 1'000);
    CHECK(o.idempotency_key == "k-1");
    CHECK(o.label == "l");
    CHECK(o.duplicates == batchpace::Duplicates::allow);
    CHECK(o.tenant == "t");
    CHECK(o.keep_errors == 7);
}

TEST_CASE("a start with only its ids leaves the host's options", "[http][start]") {
    auto const r = good(R"({"imageIds":["a"]})");
    CHECK_FALSE(r.concurrency);
    CHECK_FALSE(r.label);
    auto const o = r.options({.concurrency = 3, .rate_limit_per_minute = 9, .max_attempts = 4, .attempt_timeout = 5s,
                              .priority = 6, .idempotency_key = "k", .label = "l",
                              .duplicates = batchpace::Duplicates::allow});
    CHECK(o.concurrency == 3);
    CHECK(o.rate_limit_per_minute == 9);
    CHECK(o.max_attempts == 4);
    CHECK(o.attempt_timeout == 5s);
    CHECK(o.priority == 6);
    CHECK(o.idempotency_key == "k");
    CHECK(o.label == "l");
    CHECK(o.duplicates == batchpace::Duplicates::allow);
    CHECK(good(R"({"imageIds":["a"],"allowDuplicates":false})").options(o).duplicates ==
          batchpace::Duplicates::refuse);
}

TEST_CASE("a body that is no JSON object is malformed", "[http][start]") {
    auto const body = GENERATE(as<std::string>{}, "", " ", "{", "}", "[]", "null", "3", "\"x\"", "true", "1e309",
                               R"({"imageIds":["a"])", R"({"imageIds":["a"]}})", R"({"imageIds":["a"]} 1)",
                               R"({"imageIds":["a"],})", R"({"imageIds":["a",]})", R"({'imageIds':["a"]})",
                               R"({"imageIds":["a"] "label":"x"})", R"({"imageIds":["a"],"label":nul})",
                               R"({"imageIds":["a"],"priority":01})", R"({"imageIds":["a"],"priority":+1})",
                               R"({"imageIds":["a"],"priority":NaN})", R"({"imageIds":["a"],"priority":1e309.5})",
                               R"({"imageIds":["a"],"priority":1e309)", R"({"imageIds":["a"],"priority":1e309e1})",
                               "{\"imageIds\":[\"\xff\"]}", "{\"imageIds\":[\"\xc3(\"]}", "{\"\xc0\x80\":1}",
                               "{\"imageIds\":[\"\xed\xa0\x80\"]}", "{\"imageIds\":[\"\n\"]}",
                               R"({"imageIds":["\ud800"]})", R"({"imageIds":["\ud800\u0041"]})",
                               R"({"imageIds":["\udc00"]})", R"({"imageIds":["\x41"]})", R"({"imageIds":["\u12"]})",
                               "{\"imageIds\":[\"a\"] // why\n}");
    CAPTURE(body);
    auto const each = GENERATE(1U, 3U, 1'000U);
    auto const error = bad(pieces(body, each));
    CHECK(error.kind == Kind::malformed);
    CHECK(error.errors.empty());
    CHECK_FALSE(error.detail.empty());
    CHECK(error.detail.size() < 200);
    CHECK_NOTHROW(nlohmann::json(error.detail).dump());  // it is valid UTF-8
}

TEST_CASE("what malformed means is said with its place, and without the client's own bytes", "[http][start]") {
    CHECK(bad("[]").detail == "an object is expected, not an array");
    CHECK(bad(R"({"imageIds":["a")").detail.find("not JSON, at byte 17: ") == 0);
    auto const later = bad(R"({"priority":1e309,"label":1e309,"imageIds":x})").detail;
    CHECK(later.find("not JSON, at byte 44: ") == 0);
    auto const cut = bad(R"({"priority":1e309)").detail;
    CHECK(cut.find("not JSON, at byte 18: ") == 0);
    CHECK(cut.find("unexpected end of input") != cut.npos);
    CHECK(bad("{\"" + std::string(100'000, 'x') + "\xff").detail.size() < 200);
}

TEST_CASE("a body may be nested 16 deep", "[http][start]") {
    CHECK(faults_of("\"x\":" + nested(15)) == Faults{{"x", "is not known"}});
    CHECK(bad(R"({"x":)" + nested(16) + '}').detail == "nested deeper than 16");
    CHECK(bad(std::string(1'000'000, '[')).kind == Kind::malformed);
    std::string objects;
    for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
    CHECK(bad(objects).detail == "nested deeper than 16");
}

TEST_CASE("each field of a start is checked", "[http][start]") {
    auto const integer = [](std::string const& name, std::string const& range) {
        for (std::string const value :
             {"0", "-1", "1.5", "5.0", "1e2", "\"5\"", "true", "null", "[5]", "{\"a\":5}", "9223372036854775808",
              "-9223372036854775809", "1e309", "-1e309", "2147483648000"}) {
            CAPTURE(name, value);
            auto const found = faults_of('"' + name + "\":" + value);
            REQUIRE(found.size() == 1);
            CHECK(found[0].field == name);
            CHECK(found[0].message.find("must be an integer from " + range + ", not ") == 0);
        }
    };
    integer("concurrency", "1 to 2147483647");
    integer("rateLimitPerMinute", "1 to 2147483647");
    integer("maxAttempts", "1 to 2147483647");
    integer("attemptTimeout", "1 to 86400000");
    integer("priority", "1 to 1000");
    CHECK(good(R"({"imageIds":["a"],"concurrency":2147483647})").concurrency == 2'147'483'647);
    CHECK(good(R"({"imageIds":["a"],"attemptTimeout":86400000})").attempt_timeout == 24h);
    CHECK(faults_of(R"("priority":1001)") ==
          Faults{{"priority", "must be an integer from 1 to 1000, not 1001"}});
    CHECK(faults_of(R"("priority":99999999999999999999999999999999999)") ==
          Faults{{"priority", "must be an integer from 1 to 1000, not a number of 35 characters"}});
    CHECK(faults_of(R"("allowDuplicates":1)") == Faults{{"allowDuplicates", "must be true or false, not 1"}});
    CHECK(faults_of(R"("label":false)") == Faults{{"label", "must be a string, not false"}});
    CHECK(good(R"({"imageIds":["a"],"label":""})").label == "");
    CHECK(faults_of(R"("label":null)") == Faults{{"label", "must be a string, not null"}});
    CHECK(faults_of(R"("label":"a\u0000")") == Faults{{"label", "must not hold control characters"}});
    CHECK(faults_of(R"("idempotencyKey":"")") == Faults{{"idempotencyKey", "must not be empty"}});
    CHECK(faults_of(R"("concurency":5)") == Faults{{"concurency", "is not known"}});
    CHECK(faults_of(R"("tenant":"other")") == Faults{{"tenant", "is not known"}});
    CHECK(faults_of(R"("ImageIds":["b"])") == Faults{{"ImageIds", "is not known"}});
    CHECK(faults_of(R"("":1)") == Faults{{"", "is not known"}});
}

TEST_CASE("texts have a length, counted in bytes", "[http][start]") {
    StartLimits const limits{.max_id_length = 4, .max_label_length = 5, .max_key_length = 6};
    CHECK(good(R"({"imageIds":["éé"],"label":"12345","idempotencyKey":"123456"})", limits).image_ids.size() == 1);
    CHECK(faults(R"({"imageIds":["ééx"],"label":"123456","idempotencyKey":"1234567"})", limits) ==
          Faults{{"imageIds[0]", "must be at most 4 bytes long, not 5"},
                 {"label", "must be at most 5 bytes long, not 6"},
                 {"idempotencyKey", "must be at most 6 bytes long, not 7"}});
    CHECK(good(R"({"imageIds":[")" + std::string(1'024, 'x') + "\"]}").image_ids.size() == 1);
    CHECK(faults(R"({"imageIds":[")" + std::string(1'025, 'x') + "\"]}").size() == 1);
}

TEST_CASE("the list of ids must be there, once, and hold ids", "[http][start]") {
    CHECK(faults("{}") == Faults{{"imageIds", "is missing"}});
    CHECK(faults(R"({"imageIds":[]})") == Faults{{"imageIds", "must not be empty"}});
    for (std::string const value : {"null", "\"a\"", "5", "true", "{}", "{\"a\":[\"b\"]}", "1e309"}) {
        CAPTURE(value);
        auto const found = faults("{\"imageIds\":" + value + '}');
        REQUIRE(found.size() == 1);
        CHECK(found[0].field == "imageIds");
        CHECK(found[0].message.find("must be an array of strings, not ") == 0);
    }
    CHECK(faults(R"({"imageIds":["a"],"imageIds":["b",""]})") == Faults{{"imageIds", "is there more than once"}});
    CHECK(faults(R"({"imageIds":["a"],"label":"x","label":5})") == Faults{{"label", "is there more than once"}});
    CHECK(faults(R"({"imageIds":["a","",7,null,["b",[]],{"c":["d"]},"e\u0085","f\u007f","g\u001f","\u00a0ok"]})") ==
          Faults{{"imageIds[1]", "must not be empty"},
                 {"imageIds[2]", "must be a string, not 7"},
                 {"imageIds[3]", "must be a string, not null"},
                 {"imageIds[4]", "must be a string, not an array"},
                 {"imageIds[5]", "must be a string, not an object"},
                 {"imageIds[6]", "must not hold control characters"},
                 {"imageIds[7]", "must not hold control characters"},
                 {"imageIds[8]", "must not hold control characters"}});
}

TEST_CASE("every fault of a body is named, also after a number that is beyond all bounds", "[http][start]") {
    auto const body = R"({"imageIds":["a",1e309,"",-1e400],"concurrency":1e999,"x":[1e309,{"y":[1e309,[]]}],
                          "maxAttempts":0,"priority":1E+310})";
    auto const each = GENERATE(1U, 2U, 7U, 1'000U);
    CHECK(faults(pieces(body, each)) ==
          Faults{{"imageIds[1]", "must be a string, not a number beyond all bounds"},
                 {"imageIds[2]", "must not be empty"},
                 {"imageIds[3]", "must be a string, not a number beyond all bounds"},
                 {"concurrency", "must be an integer from 1 to 2147483647, not a number beyond all bounds"},
                 {"x", "is not known"},
                 {"maxAttempts", "must be an integer from 1 to 2147483647, not 0"},
                 {"priority", "must be an integer from 1 to 1000, not a number beyond all bounds"}});
}

TEST_CASE("the first hundred faults are told, and how many there are", "[http][start]") {
    auto const error = bad(list(1'000, "\"\""));
    CHECK(error.kind == Kind::invalid);
    CHECK(error.error_count == 1'000);
    REQUIRE(error.errors.size() == 100);
    CHECK(error.errors[99].field == "imageIds[99]");
    CHECK(error.detail == "1000 fields are wrong, the first: imageIds[0] must not be empty");
    CHECK(bad(R"({"imageIds":[""]})").detail == "one field is wrong: imageIds[0] must not be empty");
}

TEST_CASE("a long name of a client's is cut off between two characters", "[http][start]") {
    std::string name = "a";
    for (int i = 0; i < 1'000; ++i) name += "é";
    auto const found = faults_of('"' + name + "\":1");
    REQUIRE(found.size() == 1);
    CHECK(found[0].field.size() < 110);
    CHECK_NOTHROW(nlohmann::json(found[0].field).dump());
}

TEST_CASE("more items than the limit are refused at once and apart", "[http][start]") {
    StartLimits const limits{.max_items = 3};
    CHECK(good(list(3, "\"x\""), limits).image_ids.size() == 3);
    for (std::string const each : {"\"x\"", "\"\"", "5", "[]", "{}", "null", "1e309"}) {
        CAPTURE(each);
        // What comes after the fourth is not even looked at.
        auto body = list(4, each);
        body.pop_back();
        auto const error = bad(body + "#", limits);
        CHECK(error.kind == Kind::too_many_items);
        CHECK(error.detail == "imageIds has more than 3 items");
        CHECK(error.errors.empty());
    }
    CHECK(bad(list(100'001, "\"x\"")).kind == Kind::too_many_items);
    CHECK(good(list(100'000, "\"x\"")).image_ids.size() == 100'000);
}

TEST_CASE("the list of ids has hardly more room than it needs", "[http][start]") {
    auto const length = GENERATE(1U, 14U, 24U, 200U);
    CAPTURE(length);
    auto const ids = good(pieces(list(20'000, '"' + std::string(length, 'x') + '"'), 4'096)).image_ids;
    CHECK(ids.size() == 20'000);
    CHECK(ids.capacity() <= 22'000);
}

TEST_CASE("an update has up to three fields", "[http][update]") {
    auto const update = [](Body body) { return parse_update(std::move(body)); };
    auto parsed = update(R"({"concurrency":2,"rateLimitPerMinute":0,"priority":7})");
    REQUIRE(std::holds_alternative<JobUpdate>(parsed));
    auto const& u = std::get<JobUpdate>(parsed);
    CHECK(u.concurrency == 2);
    CHECK(u.rate_limit_per_minute == 0);
    CHECK(u.priority == 7);
    CHECK(std::holds_alternative<JobUpdate>(update("{}")));
    parsed = update(R"({"concurrency":0,"rateLimitPerMinute":-1,"priority":1001,"label":"x"})");
    REQUIRE(std::holds_alternative<RequestError>(parsed));
    CHECK(std::get<RequestError>(parsed).errors ==
          Faults{{"concurrency", "must be an integer from 1 to 2147483647, not 0"},
                 {"rateLimitPerMinute", "must be an integer from 0 to 2147483647, not -1"},
                 {"priority", "must be an integer from 1 to 1000, not 1001"},
                 {"label", "is not known"}});
    parsed = update("");
    REQUIRE(std::holds_alternative<RequestError>(parsed));
    CHECK(std::get<RequestError>(parsed).kind == Kind::malformed);
}

#ifdef BATCHPACE_HAS_RAPIDCHECK

TEST_CASE("ids arrive as they were sent, however the body is cut", "[http][start]") {
    rc::prop("ids", [] {
        static std::vector<std::string> const parts{"a", "\"", "\\", "/", "é", "€", "😀", "]", "}", ",", ":", " "};
        auto const ids = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(
            rc::gen::map(rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(parts))),
                         [](std::vector<std::string> const& chosen) {
                             std::string id;
                             for (auto const& part : chosen) id += part;
                             return id;
                         })));
        nlohmann::json body;
        body["imageIds"] = ids;
        body["priority"] = 3;
        // With and without escapes, indented or not.
        auto const text = body.dump(*rc::gen::element(-1, 2), ' ', *rc::gen::arbitrary<bool>());
        auto const r = good(pieces(text, *rc::gen::inRange<std::size_t>(1, 40)));
        RC_ASSERT(r.image_ids == ids);
        RC_ASSERT(r.priority == 3);
    });
}

TEST_CASE("where a body is cut off, it is malformed", "[http][start]") {
    std::string const text =
        R"({"imageIds":["a","é","\ud83d\ude00"],"priority":1e309,"label":"x","y":[1e309,{"z":1}]})";
    for (std::size_t size = 0; size < text.size(); ++size) {
        CAPTURE(size);
        CHECK(bad(pieces(text.substr(0, size), 5)).kind == Kind::malformed);
    }
    CHECK(faults(text).size() == 2);
}

TEST_CASE("a parser of documents and ours agree on what is JSON", "[http][start]") {
    rc::prop("any text", [] {
        static std::vector<std::string> const parts{
            "{", "}", "[", "]", ",", ":", "\"imageIds\"", "\"label\"", "\"a\"", "\"\"", "1", "1e309", "-1e309", "1.5",
            "null", "true", " ", "\n", "\"", "\\", "0", "-", "\xc3", "\xa9", ".", "e", "{\"imageIds\":[\"a\"]",
            "{\"a\":1e309,"};
        std::string text;
        for (auto const& part : *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(parts))) text += part;
        auto parsed = parse_start(pieces(text, 3));
        auto const* const error = std::get_if<RequestError>(&parsed);
        bool const malformed = error != nullptr && error->kind == Kind::malformed;
        // Numbers beyond all bounds are errors to that parser.
        std::string bounded = text;
        for (std::size_t at = 0; (at = bounded.find("e309", at)) != bounded.npos;) bounded.replace(at, 4, "e300");
        auto const document = nlohmann::json::parse(bounded, nullptr, false);
        RC_CLASSIFY(document.is_object());
        RC_ASSERT(malformed == !document.is_object());
    });
}

#endif
