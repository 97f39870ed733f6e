// SPDX-License-Identifier: BSL-1.0
#include "folder_annotator.hpp"

#include "annotate_images/file_descriptor.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace annotation_server {
namespace {

namespace fs = std::filesystem;
using annotate_images::FileDescriptor;
using batchpace::Failure;

fs::path existing(std::string const& folder) {
    std::error_code fault;
    auto path = fs::canonical(folder, fault);
    if (fault || !fs::is_directory(path, fault)) throw std::runtime_error{"there is no folder " + folder};
    return path;
}

bool is_inside(fs::path const& path, fs::path const& folder) {
    return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first == folder.end();
}

Failure leaves() { return Failure::permanent("the name leads out of the folder of pictures"); }

Failure cannot_open(int number) {
    switch (number) {
        case ENOENT:
        case ENOTDIR: return Failure::permanent("no such file");
        case EACCES: return Failure::permanent("not readable: permission denied");
        case ELOOP: return Failure::permanent("a link that leads back to itself");
        case ENAMETOOLONG: return Failure::permanent("the name is too long");
        default: {
            std::error_code const code{number, std::system_category()};
            return Failure::transient("cannot open the file: " + code.message()).with_code(code);
        }
    }
}

}  // namespace

FolderAnnotator::FolderAnnotator(std::string const& folder, std::string language)
    : folder_{existing(folder)}, annotate_{std::move(language)} {}

batchpace::Outcome<annotate_images::Annotation> FolderAnnotator::operator()(std::string_view name,
                                                                            batchpace::Attempt const& attempt) const {
    if (name.find('\0') != std::string_view::npos) return Failure::permanent("no such file");
    fs::path const relative{name};
    if (relative.is_absolute() || std::find(relative.begin(), relative.end(), "..") != relative.end()) return leaves();

    // Opened first, without reading, and then asked where it lies: whatever links are changed meanwhile, what is read
    // is what was looked at.
    FileDescriptor const file{::open((folder_ / relative).c_str(), O_PATH | O_CLOEXEC)};
    if (!file) return cannot_open(errno);
    auto const opened = "/proc/self/fd/" + std::to_string(file.get());
    std::error_code fault;
    auto const place = fs::read_symlink(opened, fault);
    if (fault) return Failure::transient("cannot find the file's place: " + fault.message()).with_code(fault);
    if (!is_inside(place, folder_)) return leaves();
    return annotate_(opened, attempt);
}

}  // namespace annotation_server
