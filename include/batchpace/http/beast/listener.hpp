// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/asio.hpp>
#include <batchpace/http/beast/connection.hpp>
#include <batchpace/http/beast/hub.hpp>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <utility>

namespace batchpace::http::inline BATCHPACE_FLAVOUR::serving {

/// Accepts connections at one address until it is told to end. An error of accepting never ends it.
class Listener final : public Guest, public std::enable_shared_from_this<Listener> {
    using Tcp = net::ip::tcp;

public:
    Listener(net::any_io_executor executor, std::shared_ptr<Hub> hub)
        : executor_{std::move(executor)},
          hub_{std::move(hub)},
          acceptor_{own_executor()},
          timer_{acceptor_.get_executor()} {}
    ~Listener() override {
        if (open_) hub_->leave(*this);
    }
    Listener(Listener const&) = delete;
    Listener& operator=(Listener const&) = delete;

    /// Throws where the address cannot be had. Returns the one that it got.
    Tcp::endpoint open(Tcp::endpoint const& endpoint) {
        acceptor_.open(endpoint.protocol());
        acceptor_.set_option(Tcp::acceptor::reuse_address{true});
        acceptor_.bind(endpoint);
        acceptor_.listen(hub_->options.backlog);
        auto const own = acceptor_.local_endpoint();
        if (!hub_->enter(shared_from_this())) throw net_system_error{net::error::operation_aborted};
        open_ = true;
        post([this] { accept(); });
        return own;
    }

    void begin_stop() override {
        post([this] { close(); });
    }
    void abort() override { begin_stop(); }
    void detach() noexcept override {}

private:
    template <class Function>
    void post(Function function) {
        net::post(acceptor_.get_executor(),
                  [self = shared_from_this(), function = std::move(function)]() mutable { function(); });
    }

    net::any_io_executor own_executor() const {
        if (hub_->options.executor_is_serial) return executor_;
        return net::make_strand(executor_);
    }

    void accept() {
        if (!open_) return;
        acceptor_.async_accept(own_executor(), peer_,
                               [self = shared_from_this()](net_error_code error, Tcp::socket socket) {
                                   self->on_accept(error, std::move(socket));
                               });
    }
    void on_accept(net_error_code error, Tcp::socket socket) {
        if (!open_) return;
        if (!error) {
            begin(std::move(socket));
            return accept();
        }
        if (hub_->options.on_accept_error) hub_->options.on_accept_error(error);
        // A client that has left again is its own affair; anything else is there for a while.
        if (error == net::error::connection_aborted) return accept();
        timer_.expires_after(hub_->options.accept_backoff);
        timer_.async_wait([self = shared_from_this()](net_error_code) { self->accept(); });
    }
    void begin(Tcp::socket socket) {
        auto const place = hub_->take_place();
        if (place == Hub::Place::none) return;
        auto const connection = std::make_shared<Connection>(std::move(socket), peer_, hub_, place);
        connection->open();
        if (hub_->enter(connection)) connection->start();
    }
    void close() {
        if (!open_) return;
        open_ = false;
        net_error_code ignored;
        acceptor_.close(ignored);
        timer_.cancel();
        hub_->leave(*this);
    }

    net::any_io_executor executor_;
    std::shared_ptr<Hub> hub_;
    Tcp::acceptor acceptor_;
    net::steady_timer timer_;
    Tcp::endpoint peer_;
    bool open_ = false;
};

}  // namespace batchpace::http::inline BATCHPACE_FLAVOUR::serving
