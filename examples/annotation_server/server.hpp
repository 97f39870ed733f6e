// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "authorize.hpp"
#include "command_line.hpp"
#include "key_ring.hpp"
#include "log.hpp"
#include "pictures.hpp"
#include "service.hpp"

#include <batchpace/http/beast.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <memory>
#include <string>

namespace annotation_server {

/// The whole program: the service, its socket, and the signals that steer it.
class Server {
public:
    /// Listens already. Throws `std::runtime_error` where that, or anything it needs, is not to be had; the text is a
    /// sentence for the user.
    explicit Server(CommandLine const& line);

    /// Where it is: "http://127.0.0.1:8080".
    std::string const& url() const noexcept { return url_; }

    /// Serves until a signal has ended it. Returns the program's exit code.
    int run();

private:
    batchpace::http::Handler handler() const;
    void wait_for_end();
    void wait_for_reload();
    void end(int signal);
    void ended(batchpace::ShutdownReport const& report);
    void reload();

    CommandLine const line_;
    Log const log_;
    boost::asio::io_context loop_;
    std::shared_ptr<KeyRing> keys_;  // none: everybody may call
    Authorize authorize_;
    // Before the sockets that call them.
    std::unique_ptr<Service> service_;
    std::unique_ptr<Pictures> pictures_;  // none: there is no folder
    batchpace::http::BeastServer server_;
    std::string url_;

    // Both on one strand, with what belongs to the end.
    boost::asio::signal_set end_signals_, reload_signal_;
    int signals_seen_ = 0, last_signal_ = 0;
    int exit_code_ = 0;
};

}  // namespace annotation_server
