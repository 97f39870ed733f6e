// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/tier.hpp>

#include <optional>
#include <string_view>

namespace annotation_server {

/// The tiers there are: "free", "paid". nullopt for another name.
inline std::optional<batchpace::Tier> tier_named(std::string_view name) {
    if (name == "free") return batchpace::Tier::free();
    if (name == "paid") return batchpace::Tier::paid();
    return std::nullopt;
}

}  // namespace annotation_server
