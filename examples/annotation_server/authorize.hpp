// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/http/caller.hpp>
#include <batchpace/http/request.hpp>
#include <batchpace/http/response.hpp>

#include <functional>
#include <variant>

namespace annotation_server {

/// Says who asks, or refuses: what `RestOptions::authorize` takes. May be called by any thread.
using Authorize =
    std::function<std::variant<batchpace::http::Caller, batchpace::http::Response>(batchpace::http::Request const&)>;

}  // namespace annotation_server
