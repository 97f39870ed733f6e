// SPDX-License-Identifier: BSL-1.0
#include "session.hpp"

#include "key_auth.hpp"
#include "sha256.hpp"

#include <batchpace/http/problem.hpp>
#include <batchpace/json/dump.hpp>

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>
#include <utility>

namespace annotation_server {
namespace {

namespace http = batchpace::http;

constexpr std::size_t longest_body = std::size_t{16} << 10;

std::string_view without_blanks(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

http::Response wrong(int status, std::string name, std::string title, std::string sentence) {
    return http::Problem{status, std::move(name), std::move(title), std::move(sentence)}.response();
}

/// The key of a body {"key": "…"}, or what is wrong with it.
std::variant<std::string, http::Response> key_in(http::Request const& request) {
    auto const type = request.fields.find("Content-Type").value_or("");
    if (!http::Fields::same(without_blanks(type.substr(0, type.find(';'))), "application/json"))
        return wrong(415, "unsupported-media-type", "The body is of another type than this path takes",
                     "Send application/json, and say so in Content-Type");
    if (request.body.size() > longest_body)
        return wrong(413, "body-too-large", "The body is too large",
                     "It may have " + std::to_string(longest_body) + " bytes");
    auto const body = nlohmann::json::parse(request.body.text(), nullptr, false);
    if (body.is_discarded()) return wrong(400, "malformed-request", "The request cannot be read", "It is not JSON");
    if (!body.is_object() || body.size() != 1 || !body.contains("key") || !body["key"].is_string())
        return wrong(422, "invalid-request", "The request is well-formed, but wrong",
                     "It must be an object like {\"key\": \"…\"}");
    return body["key"].get<std::string>();
}

/// True where the browser talks to a proxy that ends TLS; the one nearest to it comes first.
bool came_by_https(http::Request const& request) {
    auto const field = request.fields.find("X-Forwarded-Proto").value_or("");
    return http::Fields::same(without_blanks(field.substr(0, field.find(','))), "https");
}

std::string set_cookie(http::Request const& request, std::string_view value, std::chrono::seconds lifetime) {
    std::string field{SessionCookie::name};
    field += '=';
    field += value;
    field += "; HttpOnly; SameSite=Strict; Path=/; Max-Age=" + std::to_string(lifetime.count());
    if (came_by_https(request)) field += "; Secure";
    return field;
}

}  // namespace

Session::Session(std::shared_ptr<KeyRing const> keys, Authorize authorize, SessionFacts facts)
    : keys_{std::move(keys)}, authorize_{std::move(authorize)}, facts_{facts} {}

bool Session::owns(std::string_view target) { return target.substr(0, target.find('?')) == "/session"; }

http::Response Session::answer(http::Request const& request) const {
    if (request.method == "GET" || request.method == "HEAD") {
        auto const who = authorize_(request);
        return state(std::get_if<http::Caller>(&who));
    }
    if (request.method == "POST") return sign_in(request);
    if (request.method == "DELETE") {
        http::Response response;
        response.status = 204;
        response.fields.add("Cache-Control", "no-store");
        response.fields.add("Set-Cookie", set_cookie(request, "", std::chrono::seconds{0}));
        return response;
    }
    http::Problem problem{405, "method-not-allowed", "This path is not asked that way",
                          "It takes GET, HEAD, POST, DELETE"};
    problem.fields.add("Allow", "GET, HEAD, POST, DELETE");
    return problem.response();
}

http::Response Session::sign_in(http::Request const& request) const {
    auto key = key_in(request);
    if (auto* const refused = std::get_if<http::Response>(&key)) return std::move(*refused);
    if (!keys_) {
        auto const who = authorize_(request);
        return state(std::get_if<http::Caller>(&who));
    }
    auto const& text = std::get<std::string>(key);
    auto const caller = keys_->find(text);
    if (!caller) return KeyAuth::wrong_key();
    auto response = state(&*caller);
    auto const cookie = SessionCookie::of(sha256(text), SessionCookie::Clock::now());
    response.fields.add("Set-Cookie", set_cookie(request, cookie.value(), SessionCookie::lifetime));
    return response;
}

/// @param caller  none: they must sign in
http::Response Session::state(http::Caller const* caller) const {
    auto document = nlohmann::json::object();
    document["signInNeeded"] = caller == nullptr;
    document["annotator"] = facts_.annotator;
    document["pictures"] = facts_.pictures;
    if (caller != nullptr && keys_) document["tenant"] = caller->tenant;
    if (caller != nullptr && caller->tier) document["tier"] = caller->tier->name;
    http::Response response{200, "application/json", batchpace::dump(document)};
    response.fields.add("Cache-Control", "no-store");
    response.fields.add("X-Content-Type-Options", "nosniff");
    return response;
}

}  // namespace annotation_server
