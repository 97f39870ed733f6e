// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string_view>

namespace annotate_images {

/// What kind of file a picture is, told from its first bytes; its name does not matter.
enum class PictureFormat {
    // These are read.
    png,
    jpeg,
    gif,
    bmp,
    pnm,
    // These are known, so that the user can be told.
    tiff,
    webp,
    heif,
    pdf,
    unknown,
};

PictureFormat detect_format(std::string_view bytes) noexcept;

/// As people write it: "PNG", "JPEG".
std::string_view to_string(PictureFormat format) noexcept;

constexpr bool is_readable(PictureFormat format) noexcept { return format <= PictureFormat::pnm; }

}  // namespace annotate_images
