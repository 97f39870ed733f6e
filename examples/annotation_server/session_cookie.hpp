// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "sha256.hpp"

#include <batchpace/http/request.hpp>

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annotation_server {

/// What a browser that has signed in sends instead of a key: whose key it was, until when it counts, and a code over
/// that which only who knows the key's digest can make. Nothing is kept of it here, so it survives a restart, and it
/// dies with its key.
class SessionCookie {
public:
    using Clock = std::chrono::system_clock;

    static constexpr std::string_view name = "batchpace_session";
    static constexpr std::chrono::seconds lifetime = std::chrono::hours{12};

    /// For who has that key.
    static SessionCookie of(Sha256 const& key, Clock::time_point now);
    /// Those in a request's Cookie fields that look like one.
    static std::vector<SessionCookie> all_of(batchpace::http::Request const& request);

    /// What it is in a Cookie field: "v1.…".
    std::string value() const;

    using KeyPrefix = std::array<unsigned char, 8>;
    /// The first bytes of the key's digest, to find it by.
    KeyPrefix const& key_prefix() const noexcept { return key_prefix_; }
    /// Whether it was made of that key and has not expired. How long that takes tells nothing of the code.
    bool is_valid(Sha256 const& key, Clock::time_point now) const;

private:
    SessionCookie() = default;
    static std::optional<SessionCookie> parse(std::string_view value);

    KeyPrefix key_prefix_{};
    std::string expiry_;  // seconds since 1970, as the cookie has them
    Sha256 code_{};
};

}  // namespace annotation_server
