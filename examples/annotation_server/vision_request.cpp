// SPDX-License-Identifier: BSL-1.0
#include "vision_request.hpp"

#include "base64.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace annotation_server {
namespace {

constexpr std::string_view begin = R"({"requests":[)", end = "]}";
constexpr std::string_view before_content = R"({"image":{"content":")", after_content = R"("},"features":)";
constexpr std::string_view before_uri = R"({"image":{"source":{"imageUri":)", after_uri = R"(}},"features":)";

std::string as_json(std::string_view text) {
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string list_of(std::vector<std::string> const& features) {
    auto list = nlohmann::json::array();
    for (auto const& feature : features) list.push_back({{"type", feature}});
    return list.dump();
}

}  // namespace

VisionRequest::VisionRequest(std::vector<std::string> const& features, std::size_t longest)
    : longest_{longest}, features_{list_of(features) + '}'}, body_{begin} {}

bool VisionRequest::has_room(std::size_t bytes) const noexcept {
    return body_.size() + 1 + bytes + features_.size() + end.size() <= longest_;
}

bool VisionRequest::has_room_for_content(std::size_t bytes) const noexcept {
    // First what is certainly too much: its size in Base64 may be more than a number holds.
    return bytes <= longest_ && has_room(before_content.size() + base64_size(bytes) + after_content.size());
}

bool VisionRequest::has_room_for_reference(std::string_view uri) const {
    return has_room(before_uri.size() + as_json(uri).size() + after_uri.size());
}

void VisionRequest::add_content(std::string_view bytes) {
    if (images_++ > 0) body_ += ',';
    body_.reserve(body_.size() + before_content.size() + base64_size(bytes.size()) + after_content.size() +
                  features_.size() + end.size());
    body_ += before_content;
    append_base64(body_, bytes);
    body_ += after_content;
    body_ += features_;
}

void VisionRequest::add_reference(std::string_view uri) {
    if (images_++ > 0) body_ += ',';
    body_ += before_uri;
    body_ += as_json(uri);
    body_ += after_uri;
    body_ += features_;
}

std::string VisionRequest::body() && {
    body_ += end;
    return std::move(body_);
}

}  // namespace annotation_server
