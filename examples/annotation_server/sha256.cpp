// SPDX-License-Identifier: BSL-1.0
#include "sha256.hpp"

#include <openssl/sha.h>

namespace annotation_server {

Sha256 sha256(std::string_view bytes) {
    Sha256 digest{};
    ::SHA256(reinterpret_cast<unsigned char const*>(bytes.data()), bytes.size(), digest.data());
    return digest;
}

}  // namespace annotation_server
