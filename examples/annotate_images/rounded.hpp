// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cmath>

namespace annotate_images {

/// To so many steps in 1: `rounded(0.123, 10)` is 0.1.
inline double rounded(double value, double steps) { return std::round(value * steps) / steps; }

}  // namespace annotate_images
