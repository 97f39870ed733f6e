// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <string_view>

namespace annotate_images {

/// Whether a file is called as pictures are that can be read; what it holds is another matter.
inline bool has_image_extension(std::filesystem::path const& path) {
    static constexpr std::array<std::string_view, 10> known{".png", ".jpg", ".jpeg", ".jpe", ".jfif",
                                                            ".gif", ".bmp", ".ppm",  ".pgm", ".pnm"};
    auto extension = path.extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    return std::find(known.begin(), known.end(), extension) != known.end();
}

}  // namespace annotate_images
