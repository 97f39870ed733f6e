// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "picture.hpp"

#include <array>
#include <string>
#include <vector>

namespace annotate_images {

/// A colour that covers much of a picture.
struct DominantColor {
    std::array<unsigned char, 3> rgb{};
    double share = 0;  ///< of the picture's area, 0–1, colours close to it included

    /// As CSS writes it: "#1e90ff".
    std::string hex() const;
};

/// At most five, the largest first; none covers less than a fiftieth.
std::vector<DominantColor> dominant_colors(Picture const& picture);

}  // namespace annotate_images
