// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>
#include <vector>

namespace annotation_server {

/// What a vision service can be asked for, of those things that a `VisionAnnotation` can tell.
inline std::vector<std::string> const& vision_features() {
    static std::vector<std::string> const names{"LABEL_DETECTION",      "TEXT_DETECTION",     "DOCUMENT_TEXT_DETECTION",
                                                "OBJECT_LOCALIZATION",  "LANDMARK_DETECTION", "LOGO_DETECTION",
                                                "SAFE_SEARCH_DETECTION"};
    return names;
}

}  // namespace annotation_server
