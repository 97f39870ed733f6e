// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string_view>

namespace annotate_images {

/// How a JPEG's pixels lie, as its camera noted it (EXIF tag 0x0112): 1 is upright, 2–8 are mirrored or turned.
/// 1 as well where there is no note, or none that makes sense.
int exif_orientation(std::string_view jpeg) noexcept;

}  // namespace annotate_images
