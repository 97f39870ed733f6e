// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/http/body.hpp>
#include <batchpace/http/fields.hpp>

#include <string>

namespace batchpace::http {

/// A request as a server has read it.
struct Request {
    Request() = default;

    std::string method;  ///< as sent: "GET"
    std::string target;  ///< as sent, path and query: "/api/batch/annotations/jobs?limit=10"
    Fields fields;
    Body body;
    std::string peer;  ///< who asks, for logs: "127.0.0.1:40312"
};

}  // namespace batchpace::http
