// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace annotation_server {

/// The body of one request to `images:annotate`, with up to 16 images and up to a number of bytes.
class VisionRequest {
public:
    /// @param features what each image is asked for: "LABEL_DETECTION"
    /// @param longest  bytes of a body that the service takes
    VisionRequest(std::vector<std::string> const& features, std::size_t longest);

    bool has_room_for_content(std::size_t bytes) const noexcept;
    bool has_room_for_reference(std::string_view uri) const;
    /// Adds an image by its bytes. There must be room for it, or it must be the first.
    void add_content(std::string_view bytes);
    /// Adds one that the service fetches itself.
    void add_reference(std::string_view uri);

    std::size_t images() const noexcept { return images_; }
    std::string body() &&;

private:
    bool has_room(std::size_t bytes) const noexcept;

    std::size_t longest_;
    std::size_t images_ = 0;
    std::string features_;  // as they stand behind each image
    std::string body_;
};

}  // namespace annotation_server
