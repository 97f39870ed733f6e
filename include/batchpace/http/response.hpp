// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/http/body_stream.hpp>
#include <batchpace/http/fields.hpp>

#include <memory>
#include <string>
#include <utility>

namespace batchpace::http {

/// What a request is answered with. The server adds Date, Content-Length or the chunks' framing, and Connection; it
/// leaves the body out for HEAD. A stream whose length is known may bring a Content-Length of its own.
struct Response {
    Response() = default;
    Response(int code, std::string content_type, std::string text) : status{code}, body{std::move(text)} {
        fields.add("Content-Type", std::move(content_type));
    }

    int status = 200;
    Fields fields;
    std::string body;
    std::shared_ptr<BodyStream> stream;  ///< instead of `body`, where it is made as it is sent
};

}  // namespace batchpace::http
