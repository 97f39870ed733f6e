// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string_view>

namespace annotation_server {

/// What the synthetic annotator makes of an id: always the same of the same.
struct SyntheticAnnotation {
    std::string_view label;  ///< one of a few words that live as long as the program
    double confidence = 0;   ///< 0.5–1
    std::uint64_t latency_ms = 0;
};

/// {label, confidence, latencyMs}
void to_json(nlohmann::json& json, SyntheticAnnotation const& annotation);

}  // namespace annotation_server
