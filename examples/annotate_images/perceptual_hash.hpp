// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "picture.hpp"

#include <cstdint>

namespace annotate_images {

/// 64 bits that stay nearly the same when a picture is scaled, recompressed or brightened: pictures whose hashes
/// differ in few bits look alike. It is the "difference hash": the picture is shrunk to 9 x 8 cells of grey, and each
/// bit says whether a cell is brighter than its right neighbour.
std::uint64_t perceptual_hash(Picture const& picture);

}  // namespace annotate_images
