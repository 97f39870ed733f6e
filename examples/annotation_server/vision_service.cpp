// SPDX-License-Identifier: BSL-1.0
#include "call_limit.hpp"
#include "processor_service.hpp"
#include "service.hpp"
#include "vision_annotator.hpp"
#include "vision_url.hpp"

#include <batchpace/annotators/batched.hpp>

#include <boost/asio/thread_pool.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>

namespace annotation_server {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_images = 16;  // Google's limit of a request
constexpr int calls_at_once = 16;        // by default; each may hold 10 MB, and its connection
constexpr std::size_t threads_for_files = 4;
constexpr auto linger = 50ms;  // for retries to fill a call: next to nothing beside a call's own time

std::string key_of_environment() {
    char const* const key = std::getenv("BATCHPACE_VISION_KEY");
    if (key == nullptr || *key == '\0')
        throw std::runtime_error{
            "the annotator vision needs the service's key in the environment: BATCHPACE_VISION_KEY"};
    std::string_view const text{key};
    if (!std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; }))
        throw std::runtime_error{
            "the key in BATCHPACE_VISION_KEY has a character that no key has: a blank or a line's end"};
    return key;
}

HttpClient client_of(boost::asio::io_context& loop, CommandLine const& line, int calls) {
    if (!line.vision_ca.empty() && ::access(line.vision_ca.c_str(), R_OK) != 0)
        throw std::runtime_error{"--vision-ca: the file " + line.vision_ca + " cannot be read"};
    HttpClient::Options options;
    options.ca_file = line.vision_ca;
    options.idle_connections = calls;
    return {loop.get_executor(), std::move(options)};
}

VisionImages images_of(CommandLine const& line) {
    if (line.images.empty()) return VisionImages{std::nullopt};
    return VisionImages{PictureFolder{line.images}};
}

}  // namespace

std::unique_ptr<Service> make_vision_service(boost::asio::io_context& loop, CommandLine const& line,
                                             ServiceParts parts) {
    auto options = processor_options(line);
    options.executor_is_serial = line.threads == 1;
    options.max_in_flight = line.max_concurrency.value_or(calls_at_once);
    options.guard_band = line.vision_guard;
    // An image that has no room in a request is left for another one, which looks like being turned away: at most once
    // for each image before it.
    options.max_throttles += static_cast<int>(most_images);

    CallLimit limit;
    if (line.vision_window != 1min && line.rate_per_minute > 0) {
        options.tier.reset();  // that is one of a minute
        limit = CallLimit{batchpace::SlidingWindow{line.rate_per_minute * line.vision_window.count() / 60,
                                                   line.vision_window, line.vision_guard}};
    }

    auto const threads = std::make_shared<boost::asio::thread_pool>(threads_for_files);
    VisionAnnotator annotate{client_of(loop, line, *options.max_in_flight),
                             images_of(line),
                             threads->get_executor(),
                             {vision_url(line.vision_url), key_of_environment(), line.vision_features}};
    batchpace::BatchOptions batching;
    batching.linger = linger;
    batching.most = line.vision_batch;
    auto batched = batchpace::batched<most_images>(std::move(annotate), batching);
    using On = boost::asio::io_context::executor_type;
    return std::make_unique<ProcessorService<On, decltype(batched), CallLimit>>(
        threads, loop.get_executor(), std::move(batched), options, std::move(parts), std::move(limit));
}

}  // namespace annotation_server
