// SPDX-License-Identifier: BSL-1.0
// Any bytes as the body of POST /start and of POST /:id/update: no crash, and the answer is held against nlohmann's
// own document. The first byte says in what pieces the body comes.
#include <batchpace/http/start_request.hpp>
#include <batchpace/http/update_request.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>

using namespace batchpace::http;
using nlohmann::json;

namespace {

void promise(bool kept, char const* what) {
    if (kept) return;
    std::fprintf(stderr, "broken: %s\n", what);
    std::abort();
}

Body pieces(std::string_view text, std::size_t each) {
    Body body;
    for (std::size_t at = 0; at < text.size(); at += each) body.append(std::string{text.substr(at, each)});
    return body;
}

void check(RequestError const& error) {
    promise(!error.detail.empty() && error.detail.size() < 1'000, "the detail is short");
    promise(error.errors.size() <= 100 && error.errors.size() <= error.error_count, "the errors are bounded");
    promise((error.kind == RequestError::Kind::invalid) == !error.errors.empty(), "what is invalid is named");
    (void)json(error.detail).dump();  // throws where it is no UTF-8
    for (auto const& e : error.errors) {
        promise(e.field.size() < 200 && !e.message.empty() && e.message.size() < 200, "an error is short");
        (void)json{e.field, e.message}.dump();
    }
}

// A number beyond any double: valid JSON, but nlohmann's document parser refuses it.
bool beyond_doubles(std::string_view text) {
    struct Sax : nlohmann::json_sax<json> {
        bool overflow = false;
        bool null() override { return true; }
        bool boolean(bool) override { return true; }
        bool number_integer(number_integer_t) override { return true; }
        bool number_unsigned(number_unsigned_t) override { return true; }
        bool number_float(number_float_t, string_t const&) override { return true; }
        bool string(string_t&) override { return true; }
        bool binary(binary_t&) override { return true; }
        bool start_object(std::size_t) override { return true; }
        bool key(string_t&) override { return true; }
        bool end_object() override { return true; }
        bool start_array(std::size_t) override { return true; }
        bool end_array() override { return true; }
        bool parse_error(std::size_t, std::string const&, nlohmann::detail::exception const& e) override {
            overflow = e.id == 406;
            return false;
        }
    } sax;
    json::sax_parse(text, &sax);
    return sax.overflow;
}

int depth_of(json const& j) {
    int deepest = 0;
    if (j.is_structured())
        for (auto const& inner : j) deepest = std::max(deepest, depth_of(inner));
    return deepest + (j.is_structured() ? 1 : 0);
}

bool same(Parsed<StartRequest> const& one, Parsed<StartRequest> const& other) {
    if (one.index() != other.index()) return false;
    if (auto const* const e = std::get_if<RequestError>(&one)) {
        auto const& f = std::get<RequestError>(other);
        return e->kind == f.kind && e->detail == f.detail && e->errors == f.errors && e->error_count == f.error_count;
    }
    auto const& r = std::get<StartRequest>(one);
    auto const& s = std::get<StartRequest>(other);
    return r.image_ids == s.image_ids && r.label == s.label && r.idempotency_key == s.idempotency_key;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    std::size_t const each = data[0] % 64 + 1U;
    std::string_view const text{reinterpret_cast<char const*>(data) + 1, size - 1};
    StartLimits const limits{.max_items = 50, .max_id_length = 20, .max_label_length = 10, .max_key_length = 10};

    auto const whole = parse_start(pieces(text, size), limits);
    auto const cut = parse_start(pieces(text, each), limits);
    promise(same(whole, cut), "how a body is cut makes no difference");
    auto const update = parse_update(pieces(text, each));
    if (auto const* const error = std::get_if<RequestError>(&update)) check(*error);
    auto const* const error = std::get_if<RequestError>(&whole);
    if (error != nullptr) check(*error);

    auto const document = json::parse(text, nullptr, false);
    if (document.is_discarded()) {
        if (error != nullptr && beyond_doubles(text)) return 0;
        promise(error != nullptr && error->kind != RequestError::Kind::invalid, "what is no JSON is malformed");
        return 0;
    }
    if (error != nullptr) {
        auto const malformed = error->kind == RequestError::Kind::malformed;
        auto const must = !document.is_object() || depth_of(document) > 16;
        if (error->kind != RequestError::Kind::too_many_items) promise(malformed == must, "malformed, or not");
        return 0;
    }
    auto const& r = std::get<StartRequest>(whole);
    promise(document.is_object() && document["imageIds"] == r.image_ids, "the ids are those of the document");
    promise(!r.image_ids.empty() && r.image_ids.size() <= limits.max_items, "there are some, and not too many");
    for (auto const& id : r.image_ids) {
        promise(!id.empty() && id.size() <= limits.max_id_length, "an id has a length");
        for (auto const c : id) promise(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f, "no control characters");
    }
    std::size_t fields = 1;
    auto const is = [&](char const* name, auto const& value) {
        if (!value) {
            promise(!document.contains(name), "a member was lost");
            return;
        }
        ++fields;
        promise(document[name] == *value, "a member is what the document says");
    };
    is("concurrency", r.concurrency);
    is("rateLimitPerMinute", r.rate_limit_per_minute);
    is("maxAttempts", r.max_attempts);
    is("priority", r.priority);
    is("idempotencyKey", r.idempotency_key);
    is("label", r.label);
    is("allowDuplicates", r.allow_duplicates);
    if (r.attempt_timeout) {
        ++fields;
        promise(*r.attempt_timeout == std::chrono::milliseconds{document["attemptTimeout"].get<std::int64_t>()},
                "milliseconds");
    }
    promise(fields == document.size(), "nothing else is in an accepted body");
    return 0;
}
