// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "annotation.hpp"

#include <nlohmann/json_fwd.hpp>

namespace annotate_images {

/// {format, width, height, text, words, dominantColors, perceptualHash}, in that order where the JSON keeps one.
void to_json(nlohmann::ordered_json& json, Annotation const& annotation);
void to_json(nlohmann::json& json, Annotation const& annotation);

}  // namespace annotate_images
