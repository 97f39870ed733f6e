// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "key_ring.hpp"

#include <batchpace/http/caller.hpp>
#include <batchpace/http/request.hpp>
#include <batchpace/http/response.hpp>

#include <memory>
#include <variant>

namespace annotation_server {

/// Tells who asks by `Authorization: Bearer <key>`, or, where there is no such field, by the cookie of a session: a
/// function for `RestOptions::authorize`. Without either, and with one that is nobody's, the answer is 401.
class KeyAuth {
public:
    explicit KeyAuth(std::shared_ptr<KeyRing const> keys) noexcept : keys_{std::move(keys)} {}

    std::variant<batchpace::http::Caller, batchpace::http::Response> operator()(
        batchpace::http::Request const& request) const;

    /// The answer to a key that nobody has.
    static batchpace::http::Response wrong_key();

private:
    std::shared_ptr<KeyRing const> keys_;
};

}  // namespace annotation_server
