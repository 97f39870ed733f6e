// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace annotation_server {

/// What a vision service says of an image; of what it was not asked for, nothing.
struct VisionAnnotation {
    struct Finding {
        std::string description;
        double score = 0;  ///< 0–1, as the service gives it
    };

    std::vector<Finding> labels, objects, landmarks, logos;
    std::optional<std::string> text;
    std::map<std::string, std::string> safe_search;  ///< {"adult": "VERY_UNLIKELY", …}
};

/// {labels: [{description, score}, …]}, and objects, landmarks, logos, text, safeSearch where there are any.
void to_json(nlohmann::json& json, VisionAnnotation const& annotation);

}  // namespace annotation_server
