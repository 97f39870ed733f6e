// SPDX-License-Identifier: BSL-1.0
#include "read_file.hpp"

#include "file_descriptor.hpp"

#include <cerrno>
#include <cstddef>
#include <fcntl.h>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace annotate_images {
namespace {

using batchpace::Failure;

constexpr off_t largest_file = off_t{512} << 20;

Failure cannot(std::string_view what, int number) {
    std::error_code const code{number, std::system_category()};
    return Failure::transient("cannot " + std::string{what} + " the file: " + code.message()).with_code(code);
}

Failure cannot_open(std::string const& path, int number) {
    struct stat link {};
    switch (number) {
        case ENOENT:
            if (::lstat(path.c_str(), &link) == 0) return Failure::permanent("a link that leads nowhere");
            return Failure::permanent("no such file or folder");
        case ENOTDIR: return Failure::permanent("no such file or folder");
        case EACCES: return Failure::permanent("not readable: permission denied");
        case ELOOP: return Failure::permanent("a link that leads back to itself");
        case ENAMETOOLONG: return Failure::permanent("the name is too long");
        case ENXIO: return Failure::permanent("not a regular file");  // a socket
        default: return cannot("open", number);
    }
}

}  // namespace

batchpace::Outcome<std::string> read_file(std::string const& path) {
    // A pipe that is called .png must not block the run: O_NONBLOCK.
    FileDescriptor const file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (!file) return cannot_open(path, errno);

    struct stat status {};
    if (::fstat(file.get(), &status) != 0) return cannot("read", errno);
    if (S_ISDIR(status.st_mode)) return Failure::permanent("a folder that could not be searched");
    if (!S_ISREG(status.st_mode)) return Failure::permanent("not a regular file");
    if (status.st_size > largest_file) return Failure::permanent("the file is larger than 512 MiB");

    std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
    std::size_t filled = 0;
    while (filled < bytes.size()) {
        auto const got = ::read(file.get(), bytes.data() + filled, bytes.size() - filled);
        if (got == 0) break;  // it was cut while it was read
        if (got > 0)
            filled += static_cast<std::size_t>(got);
        else if (errno != EINTR)
            return cannot("read", errno);
    }
    bytes.resize(filled);
    return bytes;
}

}  // namespace annotate_images
