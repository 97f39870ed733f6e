// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "service.hpp"

#include <batchpace/http/handler.hpp>

#include <string>

namespace annotation_server {

/// The API, and beside it the files of a folder, where one is named: those of a page whose routes are its own.
/// The service must outlive the handler. Throws `std::runtime_error` where there is no such folder.
batchpace::http::Handler routes(Service const& service, std::string const& web);

}  // namespace annotation_server
