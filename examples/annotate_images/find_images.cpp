// SPDX-License-Identifier: BSL-1.0
#include "find_images.hpp"

#include "image_extension.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace annotate_images {
namespace {

namespace fs = std::filesystem;

void search(fs::path const& folder, FoundImages& found) {
    std::error_code failure;
    fs::directory_iterator entry{folder, failure};
    // One level at a time: a recursive_directory_iterator ends at the first folder it may not read.
    while (!failure && entry != fs::directory_iterator{}) {
        std::error_code ignored;
        bool const is_folder = entry->is_directory(ignored);
        if (is_folder && !entry->is_symlink(ignored)) search(entry->path(), found);
        if (!is_folder && has_image_extension(entry->path()))
            found.paths.push_back(entry->path().string());
        else if (!is_folder)
            ++found.left_alone;
        entry.increment(failure);
    }
    if (failure) found.paths.push_back(folder.string());
}

/// "photos/", "./photos" and "photos" name the same items, so that --resume finds them again.
fs::path tidy(fs::path const& named) {
    // Taken out of the text, `..` after a link would lead elsewhere.
    if (std::find(named.begin(), named.end(), "..") != named.end()) return named;
    auto path = named.lexically_normal();
    return path.has_filename() || path == path.root_path() ? path : path.parent_path();
}

}  // namespace

FoundImages find_images(std::vector<std::string> const& paths) {
    FoundImages found;
    for (auto const& named : paths) {
        auto const path = tidy(named);
        std::error_code ignored;
        auto const before = found.paths.size();
        if (fs::is_directory(path, ignored))
            search(path, found);
        else
            found.paths.push_back(path.string());
        if (found.paths.size() == before) found.empty_folders.push_back(path.string());
    }
    std::sort(found.paths.begin(), found.paths.end());
    found.paths.erase(std::unique(found.paths.begin(), found.paths.end()), found.paths.end());
    return found;
}

}  // namespace annotate_images
