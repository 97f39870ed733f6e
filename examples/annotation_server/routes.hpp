// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "page.hpp"
#include "pictures.hpp"
#include "service.hpp"
#include "session.hpp"

#include <batchpace/http/handler.hpp>
#include <batchpace/http/origin_options.hpp>

#include <optional>

namespace annotation_server {

/// What the paths lead to. All but the session's state are refused to who may not call.
struct Parts {
    Service const& service;  ///< the API
    Session session;
    Pictures* pictures;  ///< none: there is no folder
    std::optional<Page> page;
};

/// The service and the pictures must outlive the handler.
/// @param origins  what the API has, for what lies beside it
batchpace::http::Handler routes(Parts parts, batchpace::http::OriginOptions origins);

}  // namespace annotation_server
