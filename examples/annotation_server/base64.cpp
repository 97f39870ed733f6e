// SPDX-License-Identifier: BSL-1.0
#include "base64.hpp"

#include <cstdint>

namespace annotation_server {

void append_base64(std::string& text, std::string_view bytes) {
    static constexpr char const* letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    auto const begin = text.size();
    text.resize(begin + base64_size(bytes.size()), '=');
    auto* to = text.data() + begin;
    auto const byte = [&](std::size_t at) -> std::uint32_t { return static_cast<unsigned char>(bytes[at]); };
    std::size_t at = 0;
    for (; at + 3 <= bytes.size(); at += 3) {
        auto const group = byte(at) << 16 | byte(at + 1) << 8 | byte(at + 2);
        *to++ = letters[group >> 18];
        *to++ = letters[group >> 12 & 63];
        *to++ = letters[group >> 6 & 63];
        *to++ = letters[group & 63];
    }
    auto const left = bytes.size() - at;
    if (left == 0) return;
    auto const group = byte(at) << 16 | (left == 2 ? byte(at + 1) << 8 : 0);
    *to++ = letters[group >> 18];
    *to++ = letters[group >> 12 & 63];
    if (left == 2) *to = letters[group >> 6 & 63];
}

}  // namespace annotation_server
