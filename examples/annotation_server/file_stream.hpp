// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "annotate_images/file_descriptor.hpp"

#include <batchpace/http/body_stream.hpp>

#include <boost/asio/thread_pool.hpp>

#include <cstdint>
#include <memory>

namespace annotation_server {

/// Sends a file from its beginning, read in pieces by threads that may be held up, so that the loop is not.
class FileStream final : public batchpace::http::BodyStream, public std::enable_shared_from_this<FileStream> {
public:
    /// @param length  what was promised; of a file that grows meanwhile no more is sent
    /// @param threads  must outlive the requests for pieces
    FileStream(annotate_images::FileDescriptor file, std::uint64_t length,
               boost::asio::thread_pool::executor_type threads);

    void next(Deliver deliver) override;
    void finish() override {}  // it has an end, which comes soon
    void stop() noexcept override {}

private:
    std::string read();

    annotate_images::FileDescriptor file_;
    std::uint64_t at_ = 0, length_;
    boost::asio::thread_pool::executor_type threads_;
};

}  // namespace annotation_server
