// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/http/field_error.hpp>
#include <batchpace/http/fields.hpp>
#include <batchpace/http/request_error.hpp>
#include <batchpace/http/response.hpp>
#include <batchpace/json/dump.hpp>

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace batchpace::http {

/// Why a request is refused, as a problem document (RFC 9457).
struct Problem {
    /// @param code   the response's status
    /// @param kind   what a program tells problems apart by; the document's type is "urn:batchpace:problem:" and this
    /// @param short_text  the same for people, and always the same
    Problem(int code, std::string kind, std::string short_text, std::string sentence = {})
        : status{code}, name{std::move(kind)}, title{std::move(short_text)}, detail{std::move(sentence)} {}

    /// A body that `parse_start` or `parse_update` refused.
    static Problem of(RequestError error) {
        using Kind = RequestError::Kind;
        Problem p = error.kind == Kind::malformed ? Problem{400, "malformed-request", "The request cannot be read"}
                    : error.kind == Kind::too_many_items
                        ? Problem{413, "too-many-items", "There are too many items in the request"}
                        : Problem{422, "invalid-request", "The request is well-formed, but wrong"};
        p.detail = std::move(error.detail);
        p.errors = std::move(error.errors);
        p.error_count = error.error_count;
        return p;
    }

    Response response() const {
        auto document = nlohmann::json::object();
        document["type"] = "urn:batchpace:problem:" + name;
        document["title"] = title;
        document["status"] = status;
        if (!detail.empty()) document["detail"] = detail;
        if (!message.empty()) document["message"] = message;
        if (!errors.empty()) {
            auto& list = document["errors"] = nlohmann::json::array();
            for (auto const& error : errors) list.push_back({{"field", error.field}, {"message", error.message}});
            document["errorCount"] = error_count > errors.size() ? error_count : errors.size();
        }
        Response r{status, "application/problem+json", dump(document)};
        r.fields.add("Cache-Control", "no-store");
        r.fields.add("X-Content-Type-Options", "nosniff");
        for (auto const& [field, value] : fields) r.fields.add(field, value);
        return r;
    }

    int status;
    std::string name;
    std::string title;
    std::string detail;              ///< what is wrong with this request
    std::string message;             ///< a member of its own beside `detail`, for clients that show that one
    std::vector<FieldError> errors;  ///< each field that is wrong
    std::size_t error_count = 0;     ///< all of them, where `errors` is cut off
    Fields fields;                   ///< of the response: Allow, Retry-After, WWW-Authenticate
};

}  // namespace batchpace::http
