// SPDX-License-Identifier: BSL-1.0
#include "key_auth.hpp"

#include "session_cookie.hpp"

#include <batchpace/http/fields.hpp>
#include <batchpace/http/problem.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace annotation_server {
namespace {

namespace http = batchpace::http;

http::Response unauthorized(std::string sentence, std::string challenge) {
    http::Problem problem{401, "unauthorized", "A valid key is needed", std::move(sentence)};
    problem.fields.add("WWW-Authenticate", std::move(challenge));
    return problem.response();
}

/// The key in an Authorization field; nullopt where it is of another kind.
std::optional<std::string_view> bearer(std::string_view field) {
    static constexpr std::string_view scheme = "Bearer ";
    if (!http::Fields::same(field.substr(0, scheme.size()), scheme)) return std::nullopt;
    field.remove_prefix(scheme.size());
    field.remove_prefix(std::min(field.find_first_not_of(' '), field.size()));
    if (field.empty()) return std::nullopt;
    return field;
}

}  // namespace

std::variant<http::Caller, http::Response> KeyAuth::operator()(http::Request const& request) const {
    auto const field = request.fields.find("Authorization");
    if (field) {
        auto const key = request.fields.count("Authorization") == 1 ? bearer(*field) : std::nullopt;
        if (!key) return unauthorized("Send the field Authorization: Bearer <key>, once", "Bearer");
        if (auto caller = keys_->find(*key)) return *std::move(caller);
        return wrong_key();
    }
    auto const cookies = SessionCookie::all_of(request);
    for (auto const& cookie : cookies)
        if (auto caller = keys_->find(cookie, std::chrono::system_clock::now())) return *std::move(caller);
    return unauthorized(cookies.empty() ? "Send the field Authorization: Bearer <key>, once"
                                        : "The session has ended: sign in again, or send Authorization: Bearer <key>",
                        "Bearer");
}

http::Response KeyAuth::wrong_key() { return unauthorized("Nobody has this key", "Bearer error=\"invalid_token\""); }

}  // namespace annotation_server
