// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "authorize.hpp"
#include "key_ring.hpp"

#include <batchpace/http/request.hpp>
#include <batchpace/http/response.hpp>

#include <memory>
#include <string_view>

namespace annotation_server {

/// What a page must know before it asks for anything: whether it has to sign in, who has, and what there is.
struct SessionFacts {
    std::string_view annotator;  ///< "ocr", "synthetic"; a literal
    bool pictures = false;       ///< there is a folder to choose from
};

/// The path /session: GET tells a page how it stands, POST signs in with a key, which is answered with a cookie, and
/// DELETE signs out. There is no limit to how often a key may be tried: a guess costs one hash, and keys are too long
/// to be guessed. May be called by any thread.
class Session {
public:
    /// `keys` may be none: then nobody has to sign in.
    Session(std::shared_ptr<KeyRing const> keys, Authorize authorize, SessionFacts facts);

    static bool owns(std::string_view target);
    batchpace::http::Response answer(batchpace::http::Request const& request) const;

private:
    batchpace::http::Response sign_in(batchpace::http::Request const& request) const;
    batchpace::http::Response state(batchpace::http::Caller const* caller) const;

    std::shared_ptr<KeyRing const> keys_;
    Authorize authorize_;
    SessionFacts facts_;
};

}  // namespace annotation_server
