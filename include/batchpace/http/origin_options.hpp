// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>
#include <vector>

namespace batchpace::http {

/// Which names a service answers to, and whose pages may call it from a browser.
struct OriginOptions {
    /// Names that a request's Host may have, without a port: "localhost", "127.0.0.1", "[::1]", "batch.example.com".
    /// Empty: it is not looked at. Where a service listens on loopback, name those: a page of a stranger whose name is
    /// made to lead to this machine (DNS rebinding) is refused then.
    std::vector<std::string> hosts = {};
    /// Other origins whose pages may call it and read its answers: "https://app.example.com".
    std::vector<std::string> origins = {};
};

}  // namespace batchpace::http
