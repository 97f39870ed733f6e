// SPDX-License-Identifier: BSL-1.0
#include "processor_service.hpp"
#include "service.hpp"
#include "synthetic_annotator.hpp"

namespace annotation_server {

std::unique_ptr<Service> make_synthetic_service(boost::asio::io_context& loop, CommandLine const& line,
                                                ServiceParts parts) {
    auto options = processor_options(line);
    options.executor_is_serial = line.threads == 1;
    SyntheticAnnotator annotate{{line.latency, line.jitter, line.failure_rate}};
    using On = boost::asio::io_context::executor_type;
    return std::make_unique<ProcessorService<On, SyntheticAnnotator>>(nullptr, loop.get_executor(), std::move(annotate),
                                                                      options, std::move(parts));
}

}  // namespace annotation_server
