// SPDX-License-Identifier: BSL-1.0
#include "synthetic_annotation.hpp"

#include <nlohmann/json.hpp>

namespace annotation_server {

void to_json(nlohmann::json& json, SyntheticAnnotation const& annotation) {
    json = {{"label", annotation.label}, {"confidence", annotation.confidence}, {"latencyMs", annotation.latency_ms}};
}

}  // namespace annotation_server
