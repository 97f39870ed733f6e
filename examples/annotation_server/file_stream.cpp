// SPDX-License-Identifier: BSL-1.0
#include "file_stream.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <exception>
#include <string>
#include <unistd.h>
#include <utility>

namespace annotation_server {
namespace {

constexpr std::uint64_t piece_bytes = std::uint64_t{256} << 10;

}  // namespace

FileStream::FileStream(annotate_images::FileDescriptor file, std::uint64_t length,
                       boost::asio::thread_pool::executor_type threads)
    : file_{std::move(file)}, length_{length}, threads_{std::move(threads)} {}

void FileStream::next(Deliver deliver) {
    if (at_ == length_) return deliver({});
    boost::asio::post(threads_, [self = shared_from_this(), deliver = std::move(deliver)] {
        std::string piece;
        try {
            piece = self->read();
        } catch (std::exception const&) {
            // No memory: the end comes too early, which the client sees by the length that was promised.
        }
        deliver(std::move(piece));
    });
}

std::string FileStream::read() {
    std::string piece(static_cast<std::size_t>(std::min(length_ - at_, piece_bytes)), '\0');
    std::size_t filled = 0;
    while (filled < piece.size()) {
        auto const count =
            ::pread(file_.get(), piece.data() + filled, piece.size() - filled, static_cast<off_t>(at_ + filled));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;  // it was cut while it was sent, or cannot be read any more
        filled += static_cast<std::size_t>(count);
    }
    piece.resize(filled);
    at_ += filled;
    return piece;
}

}  // namespace annotation_server
