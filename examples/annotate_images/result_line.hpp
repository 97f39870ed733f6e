// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "annotation.hpp"

#include <batchpace/item_result.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace annotate_images {

/// An ended picture as one line of JSON, its newline included. A path that is not UTF-8 is shown with U+FFFD in
/// `itemId`; its exact bytes then stand in `itemIdBytes`, in hexadecimal.
std::string to_json_line(batchpace::ItemResult<Annotation> const& result);

/// What --resume needs of such a line.
struct ResultLine {
    std::string path;
    bool successful = false;
};

/// Nullopt where the line is not one of ours.
std::optional<ResultLine> parse_json_line(std::string_view line);

}  // namespace annotate_images
