// SPDX-License-Identifier: BSL-1.0
#include "sha256.hpp"

#include <new>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

namespace annotation_server {
namespace {

unsigned char const* data_of(std::string_view bytes) { return reinterpret_cast<unsigned char const*>(bytes.data()); }

}  // namespace

Sha256 sha256(std::string_view bytes) {
    Sha256 digest{};
    ::SHA256(data_of(bytes), bytes.size(), digest.data());
    return digest;
}

Sha256 hmac_sha256(Sha256 const& key, std::string_view bytes) {
    Sha256 code{};
    // It fails for want of memory alone; a code of zeros would be anybody's.
    if (::HMAC(::EVP_sha256(), key.data(), static_cast<int>(key.size()), data_of(bytes), bytes.size(), code.data(),
               nullptr) == nullptr)
        throw std::bad_alloc{};
    return code;
}

}  // namespace annotation_server
