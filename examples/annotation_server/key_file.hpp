// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "sha256.hpp"

#include <batchpace/tier.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annotation_server {

/// A line of the file of keys.
struct KeyEntry {
    Sha256 digest{};  ///< of the key, which is not kept itself
    std::string tenant;
    std::optional<batchpace::Tier> tier;
};

/// Reads lines like {"key": "…", "tenant": "acme", "tier": "paid"}; the tier may be left out, lines may be empty.
/// A tenant may have several keys, of one tier. Throws `std::runtime_error`, whose text names line and field.
std::vector<KeyEntry> parse_keys(std::string_view text);

}  // namespace annotation_server
