// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "file_descriptor.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace annotate_images {

/// The file that the run's lines of JSON are appended to. A line is handed to the system whole as soon as its picture
/// is done, so that a kill loses no finished picture.
class AnnotationFile {
public:
    /// A new file. One that exists is kept under its name and `~`. Throws `std::runtime_error`.
    static AnnotationFile create(std::string const& path);

    /// Goes on with a file of an earlier run, if there is one. What `paths` it holds as successful is taken out of
    /// `paths`; what it holds otherwise of them is taken out of the file, as is a last line that a kill cut off.
    /// Throws `std::runtime_error` where the file is none of ours.
    static AnnotationFile resume(std::string const& path, std::vector<std::string>& paths);

    /// Pictures that `resume` found done.
    std::uint64_t already_done() const noexcept { return already_done_; }

    /// Any thread may append: a line is one write, which the system appends as a whole.
    std::error_code append(std::string_view line) { return write_all(file_.get(), line); }

private:
    AnnotationFile(FileDescriptor file, std::uint64_t already_done)
        : file_{std::move(file)}, already_done_{already_done} {}

    FileDescriptor file_;
    std::uint64_t already_done_;
};

}  // namespace annotate_images
