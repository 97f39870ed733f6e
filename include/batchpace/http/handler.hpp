// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/http/request.hpp>
#include <batchpace/http/response.hpp>

#include <functional>

namespace batchpace::http {

/// Is called once with the answer, inside the handler's call or later, on any thread.
using Respond = std::function<void(Response)>;

/// What a server calls with each request. It may be called by as many threads at once as the server has.
using Handler = std::function<void(Request, Respond)>;

}  // namespace batchpace::http
