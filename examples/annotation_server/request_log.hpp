// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "log.hpp"

#include <batchpace/http/handler.hpp>

namespace annotation_server {

/// The handler, with a line in the log for each request when it has been answered; for a stream, when that has ended.
/// Neither header fields nor bodies are in it. The log must outlive the handler.
batchpace::http::Handler logged(batchpace::http::Handler handler, Log const& log);

}  // namespace annotation_server
