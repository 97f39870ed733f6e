// SPDX-License-Identifier: BSL-1.0
#include "vision_annotation.hpp"

#include <nlohmann/json.hpp>

namespace annotation_server {
namespace {

nlohmann::json list_of(std::vector<VisionAnnotation::Finding> const& findings) {
    auto list = nlohmann::json::array();
    for (auto const& finding : findings)
        list.push_back({{"description", finding.description}, {"score", finding.score}});
    return list;
}

}  // namespace

void to_json(nlohmann::json& json, VisionAnnotation const& annotation) {
    json = {{"labels", list_of(annotation.labels)}};
    auto const add = [&](char const* name, auto const& findings) {
        if (!findings.empty()) json[name] = list_of(findings);
    };
    add("objects", annotation.objects);
    add("landmarks", annotation.landmarks);
    add("logos", annotation.logos);
    if (annotation.text) json["text"] = *annotation.text;
    if (!annotation.safe_search.empty()) json["safeSearch"] = annotation.safe_search;
}

}  // namespace annotation_server
