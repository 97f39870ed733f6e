// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace annotate_images {

/// The pictures behind what the user named.
struct FoundImages {
    std::vector<std::string> paths;          ///< sorted, each file once
    std::uint64_t left_alone = 0;            ///< files in folders whose name is not that of a picture
    std::vector<std::string> empty_folders;  ///< named by the user, without a picture below
};

/// Files are taken as they are named, whatever their name or state: annotating them says what is wrong with them.
/// Folders are searched with all that is below them; links to folders inside them are not followed.
/// A folder that cannot be read is listed itself, so that it becomes an item that fails.
FoundImages find_images(std::vector<std::string> const& paths);

}  // namespace annotate_images
