// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "picture_format.hpp"

#include <batchpace/outcome.hpp>

#include <cstddef>
#include <memory>
#include <string_view>

namespace annotate_images {

/// A decoded picture: rows of red, green and blue bytes, upright, what was transparent shown on white.
class Picture {
public:
    /// Decodes a file's bytes. What is no picture, is cut off or would fill the memory is a permanent failure,
    /// found before memory is taken for the pixels where the header says so.
    static batchpace::Outcome<Picture> decode(std::string_view bytes);

    PictureFormat format() const noexcept { return format_; }
    int width() const noexcept { return width_; }
    int height() const noexcept { return height_; }
    /// The three bytes of the pixel at (0, y); those of (x, y) are 3·x behind it.
    unsigned char const* row(int y) const noexcept {
        return pixels_.get() + std::size_t{3} * static_cast<std::size_t>(width_) * static_cast<std::size_t>(y);
    }

private:
    struct FreePixels {
        void operator()(unsigned char* pixels) const noexcept;
    };
    using Pixels = std::unique_ptr<unsigned char[], FreePixels>;

    Picture(PictureFormat format, int width, int height, Pixels pixels) noexcept
        : format_{format}, width_{width}, height_{height}, pixels_{std::move(pixels)} {}
    void turn_upright(int orientation);

    PictureFormat format_;
    int width_;
    int height_;
    Pixels pixels_;
};

/// Brightness of a pixel, 0 to 255, by Rec. 601 in integers.
inline int brightness(unsigned char const* rgb) noexcept { return (77 * rgb[0] + 150 * rgb[1] + 29 * rgb[2]) >> 8; }

}  // namespace annotate_images
