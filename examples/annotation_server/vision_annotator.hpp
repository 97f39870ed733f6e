// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "http_client.hpp"
#include "vision_annotation.hpp"
#include "vision_answer.hpp"
#include "vision_images.hpp"

#include <batchpace/asio.hpp>
#include <batchpace/batch.hpp>
#include <batchpace/outcome.hpp>

#include <boost/asio/thread_pool.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace annotation_server {

/// Annotates up to 16 images by one call to a vision service: one request, never more, since a call was admitted by the
/// rate limit as one. It waits on the loop; files are read, and JSON is written and read, on the given threads.
class VisionAnnotator {
public:
    struct Options {
        std::string url;                           ///< where to post
        std::string key;                           ///< sent as x-goog-api-key
        std::vector<std::string> features;         ///< what each image is asked for
        std::size_t longest_request = 10'000'000;  ///< bytes; Google takes 10 MB
    };

    /// `threads` must outlive the calls.
    VisionAnnotator(HttpClient client, VisionImages images, boost::asio::thread_pool::executor_type threads,
                    Options options);

    batchpace::net::awaitable<VisionOutcome> operator()(batchpace::Batch<std::string> batch) const;

private:
    using Outcomes = std::vector<batchpace::Outcome<VisionAnnotation>>;

    /// What is to be sent, and what is known without.
    struct Prepared {
        std::string body;
        std::vector<std::size_t> sent;  // places in the batch, in the request's order
        Outcomes outcomes;              // of the whole batch; those of `sent` come later
    };

    Prepared prepare(batchpace::Batch<std::string> const& batch) const;
    static VisionOutcome conclude(Prepared prepared, HttpAnswer const& answer);

    HttpClient client_;
    VisionImages images_;
    boost::asio::thread_pool::executor_type threads_;
    std::string url_;
    std::vector<std::string> fields_, features_;
    std::size_t longest_request_;
};

}  // namespace annotation_server
