// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/http/request.hpp>
#include <batchpace/http/response.hpp>
#include <batchpace/http/static_files.hpp>

#include <optional>
#include <string>

namespace annotation_server {

/// The files of a page whose routes are its own: a path without an extension that is no file gets its index. Browsers
/// are told what the page may do, which is to load what is its own, and pictures from elsewhere.
class Page {
public:
    /// Throws `std::runtime_error` where there is no such folder.
    explicit Page(std::string const& folder);

    /// Nothing where the request is for none of its files.
    std::optional<batchpace::http::Response> operator()(batchpace::http::Request const& request) const;

private:
    batchpace::http::StaticFiles files_;
};

}  // namespace annotation_server
