// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/asio.hpp>
#include <batchpace/http/response.hpp>

#include <string>
#include <string_view>

namespace batchpace::http::inline BATCHPACE_FLAVOUR::serving {

/// A request that the server answers itself, and why. The texts are ours: nothing that a client sent is repeated.
struct Refusal {
    int status = 0;
    std::string_view title;
    std::string_view detail;

    explicit operator bool() const noexcept { return status != 0; }

    /// As a problem document (RFC 9457).
    Response response() const {
        std::string body = R"({"type":"about:blank","title":")";
        body += title;
        body += R"(","status":)";
        body += std::to_string(status);
        body += R"(,"detail":")";
        body += detail;
        body += R"("})";
        return Response{status, "application/problem+json", std::move(body)};
    }

    static constexpr Refusal bad_request(std::string_view detail) { return {400, "Bad Request", detail}; }
    static constexpr Refusal too_slow(std::string_view detail) { return {408, "Request Timeout", detail}; }
    static constexpr Refusal body_too_large() {
        return {413, "Content Too Large", "The body is larger than this server accepts."};
    }
    static constexpr Refusal target_too_long() {
        return {414, "URI Too Long", "The request target is longer than this server accepts."};
    }
    static constexpr Refusal expectation_failed() {
        return {417, "Expectation Failed", "The only expectation this server meets is 100-continue."};
    }
    static constexpr Refusal header_too_large() {
        return {431, "Request Header Fields Too Large", "The request's head is larger than this server accepts."};
    }
    static constexpr Refusal no_answer() {
        return {500, "Internal Server Error", "The server failed to answer this request."};
    }
    static constexpr Refusal unknown_coding() {
        return {501, "Not Implemented", "The only transfer coding this server knows is chunked."};
    }
    static constexpr Refusal too_many_connections() {
        return {503, "Service Unavailable", "The server has as many connections as it serves."};
    }
    static constexpr Refusal handler_too_slow() { return {503, "Service Unavailable", "The answer took too long."}; }
    static constexpr Refusal unknown_version() {
        return {505, "HTTP Version Not Supported", "This server speaks HTTP/1.1 and HTTP/1.0."};
    }
};

}  // namespace batchpace::http::inline BATCHPACE_FLAVOUR::serving
