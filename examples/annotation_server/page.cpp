// SPDX-License-Identifier: BSL-1.0
#include "page.hpp"

#include <filesystem>
#include <stdexcept>
#include <system_error>

namespace annotation_server {
namespace {

namespace http = batchpace::http;

// An id may be the URL of a picture, so those are loaded from anywhere; nothing else is, and nothing is sent elsewhere.
constexpr char const* policy =
    "default-src 'self'; img-src 'self' data: blob: https:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'";

std::string const& existing(std::string const& folder) {
    std::error_code fault;
    if (!std::filesystem::is_directory(folder, fault)) throw std::runtime_error{"there is no folder " + folder};
    return folder;
}

}  // namespace

Page::Page(std::string const& folder)
    : files_{existing(folder), {.single_page_app = true, .content_security_policy = policy}} {}

std::optional<http::Response> Page::operator()(http::Request const& request) const {
    auto response = files_(request);
    if (response) response->fields.add("Referrer-Policy", "same-origin");  // a job's address is nobody else's business
    return response;
}

}  // namespace annotation_server
