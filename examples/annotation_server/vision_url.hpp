// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>

namespace annotation_server {

/// Where to post, of the service's address: "https://vision.googleapis.com" gives
/// "https://vision.googleapis.com/v1/images:annotate". Throws `std::runtime_error` for what is no such address, and for
/// one that the key would travel to unencrypted: http:// is for this machine only.
std::string vision_url(std::string const& service);

}  // namespace annotation_server
