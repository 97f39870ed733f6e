// SPDX-License-Identifier: BSL-1.0
#include "routes.hpp"

#include <batchpace/http/problem.hpp>
#include <batchpace/http/static_files.hpp>

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <utility>

namespace annotation_server {
namespace {

namespace http = batchpace::http;

std::shared_ptr<http::StaticFiles const> files_of(std::string const& folder) {
    if (folder.empty()) return nullptr;
    std::error_code fault;
    if (!std::filesystem::is_directory(folder, fault)) throw std::runtime_error{"there is no folder " + folder};
    return std::make_shared<http::StaticFiles>(folder, http::StaticFilesOptions{.single_page_app = true});
}

}  // namespace

http::Handler routes(Service const& service, std::string const& web) {
    return [&service, files = files_of(web)](http::Request request, http::Respond respond) {
        if (service.owns(request.target)) return service.answer(std::move(request), std::move(respond));
        if (files)
            if (auto file = (*files)(request)) return respond(*std::move(file));
        respond(http::Problem{404, "unknown-path", "There is nothing at this path",
                              "The API is below /api/batch/annotations"}
                    .response());
    };
}

}  // namespace annotation_server
