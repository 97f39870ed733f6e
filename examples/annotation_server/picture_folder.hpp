// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "annotate_images/file_descriptor.hpp"

#include <batchpace/outcome.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <sys/stat.h>

namespace annotation_server {

/// The folder that ids are file names in: "page.png", "scans/17.jpg". This is the one place that turns a name into a
/// file, and nothing outside is ever read. May be used by any thread.
class PictureFolder {
public:
    /// Throws `std::runtime_error` where there is no such folder.
    explicit PictureFolder(std::string const& folder);

    /// Something that lies in the folder: a file, or whatever else has a name there. It has not been read yet.
    class Entry {
    public:
        explicit Entry(annotate_images::FileDescriptor place) noexcept : place_{std::move(place)} {}

        /// The file itself by another name, which holds as long as this object: what it was called may since be the
        /// name of another.
        std::string path() const { return "/proc/self/fd/" + std::to_string(place_.get()); }
        /// What the system says of it; nullopt for anything but a regular file.
        std::optional<struct stat> facts_of_file() const;
        /// Opens it for reading: for regular files only, since opening others may do things, or take for ever.
        batchpace::Outcome<annotate_images::FileDescriptor> open() const;

    private:
        annotate_images::FileDescriptor place_;
    };
    /// A name that leads out, by itself or by a link, or nowhere, is a permanent failure.
    batchpace::Outcome<Entry> find(std::string_view name) const;

    std::filesystem::path const& path() const noexcept { return folder_; }

private:
    std::filesystem::path folder_;
};

}  // namespace annotation_server
