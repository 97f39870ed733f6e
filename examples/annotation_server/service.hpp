// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "command_line.hpp"

#include <batchpace/hooks.hpp>
#include <batchpace/http/handler.hpp>
#include <batchpace/http/rest_options.hpp>
#include <batchpace/shutdown.hpp>
#include <batchpace/tier.hpp>
#include <batchpace/time.hpp>

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace annotation_server {

/// A processor and its REST API, whatever annotates: the seam between the program and the templates.
/// May be called by any thread.
class Service {
public:
    using Ended = std::function<void(batchpace::ShutdownReport const&)>;

    virtual ~Service() = default;

    virtual void answer(batchpace::http::Request request, batchpace::http::Respond respond) const = 0;
    /// Whether the API answers that target.
    virtual bool owns(std::string_view target) const = 0;
    virtual void set_tier(std::string_view tenant, batchpace::Tier const& tier) = 0;
    /// As `async_shutdown` of the processor; `ended` is called on any thread.
    virtual void shut_down(batchpace::ShutdownMode mode, std::optional<batchpace::duration> deadline, Ended ended) = 0;
};

/// What a service is made of, beside its annotator.
struct ServiceParts {
    batchpace::Hooks hooks;
    batchpace::http::RestOptions rest;
};

/// Annotates on the loop.
std::unique_ptr<Service> make_synthetic_service(boost::asio::io_context& loop, CommandLine const& line,
                                                ServiceParts parts);

/// Annotates on threads of its own. Throws `std::runtime_error` where folder or language are not there.
/// Only where the program is built with Tesseract.
std::unique_ptr<Service> make_ocr_service(CommandLine const& line, ServiceParts parts);

/// Annotates by a remote vision service, on the loop. Throws `std::runtime_error` where its address, the key or a file is
/// not as it should be. Only where the program is built with libcurl.
std::unique_ptr<Service> make_vision_service(boost::asio::io_context& loop, CommandLine const& line, ServiceParts parts);

}  // namespace annotation_server
