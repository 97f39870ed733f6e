// SPDX-License-Identifier: BSL-1.0
#include "session_cookie.hpp"

#include <batchpace/http/fields.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <openssl/crypto.h>
#include <span>
#include <system_error>

namespace annotation_server {
namespace {

using Bytes = std::span<unsigned char const>;

std::string hex(Bytes bytes) {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (auto const byte : bytes) {
        text += digits[byte >> 4U];
        text += digits[byte & 15U];
    }
    return text;
}

/// False for anything but so many bytes in small letters.
bool read_hex(std::string_view text, std::span<unsigned char> into) {
    if (text.size() != 2 * into.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char const c = text[i];
        int const digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (digit < 0) return false;
        into[i / 2] = static_cast<unsigned char>(into[i / 2] << 4U | digit);
    }
    return true;
}

std::optional<std::int64_t> seconds(std::string_view text) {
    std::int64_t value = 0;
    auto const* const end = text.data() + text.size();
    auto const [stop, fault] = std::from_chars(text.data(), end, value);
    if (fault != std::errc{} || stop != end || text.starts_with('-')) return std::nullopt;
    return value;
}

std::int64_t since_1970(SessionCookie::Clock::time_point time) {
    return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}

Sha256 code(Sha256 const& key, std::string_view expiry) {
    return hmac_sha256(key, "batchpace session v1." + std::string{expiry});
}

/// Up to the separator, which is taken too.
std::string_view take(std::string_view& text, char separator) {
    auto const part = text.substr(0, text.find(separator));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    return part;
}

}  // namespace

SessionCookie SessionCookie::of(Sha256 const& key, Clock::time_point now) {
    SessionCookie cookie;
    std::copy_n(key.begin(), cookie.key_prefix_.size(), cookie.key_prefix_.begin());
    cookie.expiry_ = std::to_string(since_1970(now + lifetime));
    cookie.code_ = code(key, cookie.expiry_);
    return cookie;
}

std::vector<SessionCookie> SessionCookie::all_of(batchpace::http::Request const& request) {
    std::vector<SessionCookie> found;
    for (auto const& [field, text] : request.fields) {
        if (!batchpace::http::Fields::same(field, "Cookie")) continue;
        for (std::string_view rest = text; !rest.empty();) {
            auto pair = take(rest, ';');
            pair.remove_prefix(std::min(pair.size(), pair.find_first_not_of(' ')));
            if (take(pair, '=') != name) continue;
            if (auto cookie = parse(pair)) found.push_back(*std::move(cookie));
        }
    }
    return found;
}

std::string SessionCookie::value() const { return "v1." + hex(key_prefix_) + '.' + expiry_ + '.' + hex(code_); }

bool SessionCookie::is_valid(Sha256 const& key, Clock::time_point now) const {
    auto const expected = code(key, expiry_);
    if (::CRYPTO_memcmp(expected.data(), code_.data(), code_.size()) != 0) return false;
    auto const expiry = seconds(expiry_);
    return expiry && since_1970(now) < *expiry;
}

std::optional<SessionCookie> SessionCookie::parse(std::string_view value) {
    SessionCookie cookie;
    if (take(value, '.') != "v1" || !read_hex(take(value, '.'), cookie.key_prefix_)) return std::nullopt;
    cookie.expiry_ = take(value, '.');
    if (!read_hex(value, cookie.code_)) return std::nullopt;
    return cookie;
}

}  // namespace annotation_server
