// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "http_answer.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace annotation_server {

/// A POST.
struct HttpRequest {
    std::string url;                  ///< http:// or https://
    std::vector<std::string> fields;  ///< of the header: "Content-Type: application/json"
    std::string body;
    std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
};

/// Sends requests to other servers, over HTTP or HTTPS, by libcurl on the loop: no thread of its own.
/// Connections are kept and used again; each request that is made is made once: one whose connection was lost has
/// failed, and is not repeated behind its sender's back. May be used by any thread; copies are the same client.
///
/// It follows no redirects, and speaks HTTP/1.1: a request has its connection for itself, so that to cancel it is to
/// close that, and a lost one takes a single request with it.
class HttpClient {
public:
    struct Options {
        std::string ca_file;                                 ///< trust these certificates; empty: those of the system
        std::size_t longest_answer = std::size_t{64} << 20;  ///< bytes of a body
        std::chrono::milliseconds to_connect{10'000};        ///< TLS included
        long idle_connections = 256;                         ///< that are kept
    };

    /// Throws `std::runtime_error` where libcurl does not start.
    HttpClient(boost::asio::any_io_executor const& executor, Options options);

    /// Posts. Completion: `void(HttpAnswer)`, never with an exception, on the handler's executor.
    /// Cancellation: any type, at once: the transfer is ended and its connection closed.
    template <class Token>
    auto async_post(HttpRequest request, Token&& token) const {
        return boost::asio::async_initiate<Token, void(HttpAnswer)>(
            [](auto handler, std::shared_ptr<Core> core, HttpRequest asked) {
                auto slot = boost::asio::get_associated_cancellation_slot(handler);
                auto const executor = boost::asio::get_associated_executor(handler, executor_of(*core));
                auto const call = std::make_shared<Call>(executor, std::move(asked));
                if (slot.is_connected())
                    slot.assign(
                        [core, weak = std::weak_ptr{call}](boost::asio::cancellation_type) { cancel(core, weak); });
                // The handler is the loop's until it is called, as that of any operation: goes the loop away, so does
                // it.
                call->over.async_wait([call, slot, handler = std::move(handler)](boost::system::error_code) mutable {
                    if (slot.is_connected()) slot.clear();
                    std::move(handler)(std::move(call->answer));
                });
                begin(core, call);
            },
            token, core_, std::move(request));
    }

private:
    class Core;

    /// One request under way.
    struct Call {
        Call(boost::asio::any_io_executor const& executor, HttpRequest asked)
            : over{executor, std::chrono::steady_clock::time_point::max()}, request{std::move(asked)} {}

        boost::asio::steady_timer over;  // cancelled when there is an answer
        HttpRequest request;
        HttpAnswer answer;
    };

    static boost::asio::any_io_executor const& executor_of(Core const& core) noexcept;
    static void begin(std::shared_ptr<Core> const& core, std::shared_ptr<Call> const& call);
    static void cancel(std::shared_ptr<Core> const& core, std::weak_ptr<Call> const& call);

    std::shared_ptr<Core> core_;
};

}  // namespace annotation_server
