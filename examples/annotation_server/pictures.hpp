// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "authorize.hpp"
#include "picture_folder.hpp"
#include "picture_list.hpp"

#include <batchpace/http/handler.hpp>
#include <batchpace/http/target.hpp>

#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace annotation_server {

/// The paths /pictures, which lists those of a folder, and /pictures/<id>, which shows one. Only who may call the API
/// may see them. Files are searched and read by threads of its own. May be called by any thread.
class Pictures {
public:
    /// Throws `std::runtime_error` where there is no such folder.
    Pictures(std::string const& folder, Authorize authorize);
    /// Waits for what is being read. Stop the server first.
    ~Pictures();
    Pictures(Pictures const&) = delete;
    Pictures& operator=(Pictures const&) = delete;

    static bool owns(std::string_view target);
    void answer(batchpace::http::Request request, batchpace::http::Respond respond);

private:
    using Make = std::function<batchpace::http::Response()>;

    template <class Executor>
    static void later(Executor const& executor, batchpace::http::Respond respond, Make make);
    Make list(batchpace::http::Target const& target);
    batchpace::http::Response picture(std::string const& id, batchpace::http::Request const& request);

    PictureFolder folder_;
    Authorize authorize_;
    PictureList list_;  // used on `listing_` alone

    // Two: a folder that takes long to search holds one of them, and pictures are shown meanwhile.
    boost::asio::thread_pool threads_{2};
    boost::asio::strand<boost::asio::thread_pool::executor_type> listing_{threads_.get_executor()};
};

}  // namespace annotation_server
