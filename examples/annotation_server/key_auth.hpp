// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "key_ring.hpp"

#include <batchpace/http/caller.hpp>
#include <batchpace/http/request.hpp>
#include <batchpace/http/response.hpp>

#include <memory>
#include <variant>

namespace annotation_server {

/// Tells who asks by `Authorization: Bearer <key>`: a function for `RestOptions::authorize`. Without a key, and with
/// one that is nobody's, the answer is 401.
class BearerAuth {
public:
    explicit BearerAuth(std::shared_ptr<KeyRing const> keys) noexcept : keys_{std::move(keys)} {}

    std::variant<batchpace::http::Caller, batchpace::http::Response> operator()(
        batchpace::http::Request const& request) const;

private:
    std::shared_ptr<KeyRing const> keys_;
};

}  // namespace annotation_server
