// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace annotate_images {

/// The text as it can be shown on one line of a terminal: control characters, which a file's name may hold, escaped,
/// bytes that are not UTF-8 replaced.
std::string printable(std::string_view text);

/// How many columns printable UTF-8 takes (wide letters count as one).
std::size_t width_of(std::string_view text);

/// Exactly so many columns: filled up with blanks, or cut with an ellipsis. For printable UTF-8.
std::string fit(std::string_view text, std::size_t columns);

}  // namespace annotate_images
