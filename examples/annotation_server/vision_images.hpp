// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "picture_folder.hpp"

#include <batchpace/outcome.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace annotation_server {

/// Where the image of an id is: a file, which is sent, or somewhere that the service reads itself.
class VisionImage {
public:
    explicit VisionImage(std::string uri) : uri_{std::move(uri)} {}
    VisionImage(PictureFolder::Entry file, std::size_t size) : file_{std::move(file)}, size_{size} {}

    bool is_file() const noexcept { return file_.has_value(); }
    std::string const& uri() const noexcept { return uri_; }
    std::size_t size() const noexcept { return size_; }
    /// Reads the file, of at most `size()` bytes; it blocks.
    batchpace::Outcome<std::string> read() const;

private:
    std::string uri_;
    std::optional<PictureFolder::Entry> file_;
    std::size_t size_ = 0;
};

/// Finds images: an id that begins with http://, https:// or gs:// is where it lies; any other is a file's name in the
/// folder, where there is one. May be used by any thread.
class VisionImages {
public:
    explicit VisionImages(std::optional<PictureFolder> folder) : folder_{std::move(folder)} {}

    /// It may block, as asking for a file does.
    batchpace::Outcome<VisionImage> find(std::string_view id) const;

private:
    std::optional<PictureFolder> folder_;
};

}  // namespace annotation_server
