// SPDX-License-Identifier: BSL-1.0
#include "folder_annotator.hpp"
#include "processor_service.hpp"
#include "service.hpp"

#include <boost/asio/thread_pool.hpp>

#include <algorithm>
#include <cstddef>
#include <thread>

namespace annotation_server {
namespace {

/// One for each picture in work, one for each that may have been given up and still holds its thread, and one that is
/// free for everything else.
std::size_t threads_for(int pictures_in_work) { return 2 * static_cast<std::size_t>(pictures_in_work) + 1; }

}  // namespace

std::unique_ptr<Service> make_ocr_service(CommandLine const& line, ServiceParts parts) {
    using boost::asio::thread_pool;
    auto options = processor_options(line);
    auto const cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    options.max_in_flight = line.max_concurrency.value_or(cores);
    options.max_abandoned = options.max_in_flight;
    FolderAnnotator annotate{line.images, line.language};
    auto const pool = std::make_shared<thread_pool>(threads_for(*options.max_in_flight));
    return std::make_unique<ProcessorService<thread_pool::executor_type, FolderAnnotator>>(
        pool, pool->get_executor(), std::move(annotate), options, std::move(parts));
}

}  // namespace annotation_server
