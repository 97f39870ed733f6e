// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/asio.hpp>

#if !defined(BATCHPACE_USE_BOOST_ASIO)
#error batchpace: the server on Boost.Beast needs the Boost.Asio flavour: link batchpace::beast or define BATCHPACE_USE_BOOST_ASIO
#endif

#include <batchpace/driver/any_completion.hpp>
#include <batchpace/http/beast/hub.hpp>
#include <batchpace/http/beast/listener.hpp>
#include <batchpace/http/beast/stop_watch.hpp>
#include <batchpace/http/beast_options.hpp>
#include <batchpace/http/handler.hpp>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace batchpace::http::inline BATCHPACE_FLAVOUR {

/// Serves a handler over HTTP/1.1 and HTTP/1.0, on Boost.Beast and on the host's own loop.
///
/// @code
/// boost::asio::io_context loop;
/// batchpace::http::BeastServer server{loop.get_executor(), api};
/// auto const endpoint = server.listen("127.0.0.1", 8080);
/// loop.run();
/// @endcode
///
/// What a client sends is checked and bounded before the handler sees it, see BeastOptions; what the server refuses it
/// answers with a problem document (RFC 9457). TLS is a proxy's work: docs/http_server.md.
///
/// **Threads**: any number may run the executor; one connection is served by one at a time, the handler is called by as
/// many as there are. Every member function may be called from any thread.
/// **Lifetime**: server and loop may be destroyed in either order. The destructor closes every connection and returns
/// at once; answers that come later go nowhere. A call of the handler that another thread is in goes on, so what the
/// handler uses must outlive the loop's threads or a completed `async_stop`.
class BeastServer {
public:
    using Endpoint = net::ip::tcp::endpoint;

    /// Nothing is served before `listen`.
    BeastServer(net::any_io_executor executor, Handler handler, BeastOptions options = {})
        : executor_{std::move(executor)},
          hub_{std::make_shared<serving::Hub>(std::move(handler), std::move(options))} {}
    ~BeastServer() { hub_->detach(); }
    BeastServer(BeastServer const&) = delete;
    BeastServer& operator=(BeastServer const&) = delete;

    /// Accepts connections at an IP address; port 0 takes a free one. Returns what it listens at. More than one address
    /// may be listened at. Throws `net_system_error`: no address, in use, not allowed, stopped.
    Endpoint listen(std::string const& address, std::uint16_t port) {
        auto const listener = std::make_shared<serving::Listener>(executor_, hub_);
        return listener->open(Endpoint{net::ip::make_address(address), port});
    }

    /// Accepts no connection any more, closes those that wait for a request, lets the requests in work be answered
    /// (with Connection: close) and asks streams to finish. Completes when no connection is left: `void(error_code)`.
    /// What is not done after `deadline` is closed as it is, then the code is `timed_out`.
    template <net::completion_token_for<void(net_error_code)> Token>
    auto async_stop(std::chrono::nanoseconds deadline, Token&& token) {
        return net::async_initiate<Token, void(net_error_code)>(
            [executor = executor_, hub = hub_, deadline](auto handler) {
                AnyCompletion<net_error_code> done{std::move(handler), executor};
                std::make_shared<serving::StopWatch>(executor, hub, std::move(done))->start(deadline);
            },
            token);
    }

    /// How many connections are served now.
    std::size_t connections() const noexcept { return hub_->served(); }

private:
    net::any_io_executor executor_;
    std::shared_ptr<serving::Hub> hub_;
};

}  // namespace batchpace::http::inline BATCHPACE_FLAVOUR
