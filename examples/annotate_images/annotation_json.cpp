// SPDX-License-Identifier: BSL-1.0
#include "annotation_json.hpp"

#include "rounded.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <cstdio>
#include <utility>

namespace annotate_images {

void to_json(nlohmann::ordered_json& json, Annotation const& annotation) {
    using Json = nlohmann::ordered_json;
    auto words = Json::array();
    for (auto const& word : annotation.words) {
        words.push_back({{"text", word.text},
                         {"confidence", rounded(word.confidence, 10)},
                         {"box", {{"x", word.x}, {"y", word.y}, {"width", word.width}, {"height", word.height}}}});
    }
    auto colors = Json::array();
    for (auto const& color : annotation.colors) {
        colors.push_back({{"color", color.hex()}, {"share", rounded(color.share, 1000)}});
    }
    std::array<char, 17> hash{};
    std::snprintf(hash.data(), hash.size(), "%016llx", static_cast<unsigned long long>(annotation.perceptual_hash));
    json = {{"format", to_string(annotation.format)},
            {"width", annotation.width},
            {"height", annotation.height},
            {"text", annotation.text()},
            {"words", std::move(words)},
            {"dominantColors", std::move(colors)},
            {"perceptualHash", hash.data()}};
}

void to_json(nlohmann::json& json, Annotation const& annotation) {
    nlohmann::ordered_json ordered;
    to_json(ordered, annotation);
    json = std::move(ordered);
}

}  // namespace annotate_images
