// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "dominant_colors.hpp"
#include "picture_format.hpp"
#include "text_reader.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace annotate_images {

/// What is found out about one picture.
struct Annotation {
    PictureFormat format = PictureFormat::unknown;
    int width = 0;
    int height = 0;
    std::vector<Word> words;
    std::vector<DominantColor> colors;
    std::uint64_t perceptual_hash = 0;

    /// The words, a blank or the end of a line between them.
    std::string text() const;
};

}  // namespace annotate_images
