// SPDX-License-Identifier: BSL-1.0
#include "vision_images.hpp"

#include <cerrno>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace annotation_server {

using batchpace::Failure;
using batchpace::Outcome;

Outcome<std::string> VisionImage::read() const {
    auto const file = file_->open();
    if (!file) return file.failure();
    std::string bytes(size_, '\0');
    std::size_t filled = 0;
    while (filled < bytes.size()) {
        auto const got = ::read(file.value().get(), bytes.data() + filled, bytes.size() - filled);
        if (got == 0) break;  // it was cut meanwhile
        if (got > 0) {
            filled += static_cast<std::size_t>(got);
        } else if (errno != EINTR) {
            std::error_code const code{errno, std::system_category()};
            return Failure::transient("cannot read the file: " + code.message()).with_code(code);
        }
    }
    bytes.resize(filled);
    if (bytes.empty()) return Failure::permanent("the file is empty");
    return bytes;
}

Outcome<VisionImage> VisionImages::find(std::string_view id) const {
    for (std::string_view const scheme : {"http://", "https://", "gs://"})
        if (id.starts_with(scheme)) return VisionImage{std::string{id}};
    if (!folder_)
        return Failure::permanent("neither http://, https:// nor gs://, and the server has no folder of pictures");
    auto entry = folder_->find(id);
    if (!entry) return entry.failure();
    auto const facts = entry.value().facts_of_file();
    if (!facts) return Failure::permanent("not a regular file");
    return VisionImage{std::move(entry).value(), static_cast<std::size_t>(facts->st_size)};
}

}  // namespace annotation_server
