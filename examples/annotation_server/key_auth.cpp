// SPDX-License-Identifier: BSL-1.0
#include "bearer_auth.hpp"

#include <batchpace/http/fields.hpp>
#include <batchpace/http/problem.hpp>

#include <optional>
#include <string>
#include <string_view>

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

std::variant<http::Caller, http::Response> BearerAuth::operator()(http::Request const& request) const {
    auto const field = request.fields.find("Authorization");
    auto const key = field && request.fields.count("Authorization") == 1 ? bearer(*field) : std::nullopt;
    if (!key) return unauthorized("Send the field Authorization: Bearer <key>, once", "Bearer");
    if (auto caller = keys_->find(*key)) return *std::move(caller);
    return unauthorized("Nobody has this key", "Bearer error=\"invalid_token\"");
}

}  // namespace annotation_server
