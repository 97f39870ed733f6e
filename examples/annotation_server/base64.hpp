// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace annotation_server {

/// How long so many bytes are in Base64.
constexpr std::size_t base64_size(std::size_t bytes) noexcept { return (bytes + 2) / 3 * 4; }

/// Appends the bytes in Base64 (RFC 4648, 4), padded.
void append_base64(std::string& text, std::string_view bytes);

}  // namespace annotation_server
