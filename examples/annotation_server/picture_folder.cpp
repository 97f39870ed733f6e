// SPDX-License-Identifier: BSL-1.0
#include "picture_folder.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
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
        case ENOTDIR:
            return Failure::permanent("no such file");
        case EACCES:
            return Failure::permanent("not readable: permission denied");
        case ELOOP:
            return Failure::permanent("a link that leads back to itself");
        case ENAMETOOLONG:
            return Failure::permanent("the name is too long");
        default: {
            std::error_code const code{number, std::system_category()};
            return Failure::transient("cannot open the file: " + code.message()).with_code(code);
        }
    }
}

}  // namespace

PictureFolder::PictureFolder(std::string const& folder) : folder_{existing(folder)} {}

std::optional<struct stat> PictureFolder::Entry::facts_of_file() const {
    struct stat facts {};
    if (::fstat(place_.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) return std::nullopt;
    return facts;
}

batchpace::Outcome<FileDescriptor> PictureFolder::Entry::open() const {
    FileDescriptor file{::open(path().c_str(), O_RDONLY | O_CLOEXEC)};
    if (!file) return cannot_open(errno);
    return file;
}

batchpace::Outcome<PictureFolder::Entry> PictureFolder::find(std::string_view name) const {
    if (name.find('\0') != std::string_view::npos) return Failure::permanent("no such file");
    fs::path const relative{name};
    if (relative.is_absolute() || std::find(relative.begin(), relative.end(), "..") != relative.end()) return leaves();

    // Opened first, without reading, and then asked where it lies: whatever links are changed meanwhile, what is read
    // is what was looked at.
    FileDescriptor file{::open((folder_ / relative).c_str(), O_PATH | O_CLOEXEC)};
    if (!file) return cannot_open(errno);
    Entry entry{std::move(file)};
    std::error_code fault;
    auto const place = fs::read_symlink(entry.path(), fault);
    if (fault) return Failure::transient("cannot find the file's place: " + fault.message()).with_code(fault);
    if (!is_inside(place, folder_)) return leaves();
    return entry;
}

}  // namespace annotation_server
