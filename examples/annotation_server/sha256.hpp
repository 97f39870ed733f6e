// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <string_view>

namespace annotation_server {

using Sha256 = std::array<unsigned char, 32>;

Sha256 sha256(std::string_view bytes);
/// A code over the bytes that nobody can make who has not the key.
Sha256 hmac_sha256(Sha256 const& key, std::string_view bytes);

}  // namespace annotation_server
