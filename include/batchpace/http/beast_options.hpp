// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <system_error>

namespace batchpace::http {

/// What a BeastServer allows its clients, and for how long. A plain aggregate: name what differs.
struct BeastOptions {
    /// How long a connection may wait for the first byte of a request; then it is closed.
    std::chrono::milliseconds idle_timeout = std::chrono::seconds{60};
    /// From a request's first byte to the end of its head; then 408.
    std::chrono::milliseconds header_timeout = std::chrono::seconds{10};
    /// For each 64 KiB of a body, or its rest; then 408.
    std::chrono::milliseconds body_timeout = std::chrono::seconds{30};
    /// For the handler's answer; then 503. None: as long as it takes.
    std::optional<std::chrono::milliseconds> handler_timeout = std::nullopt;
    /// For each 64 KiB of an answer, or its rest, to be taken by the client; then the connection is dropped.
    std::chrono::milliseconds write_timeout = std::chrono::seconds{30};
    /// How long a connection that is being closed is still read, so that the last answer is not lost on its way.
    std::chrono::milliseconds linger_timeout = std::chrono::seconds{2};

    std::size_t max_target_bytes = std::size_t{8} << 10;   ///< beyond: 414
    std::size_t max_header_bytes = std::size_t{16} << 10;  ///< request line and fields together; beyond: 431
    std::size_t max_body_bytes = std::size_t{16} << 20;    ///< beyond: 413

    /// Connections served at once; further ones get 503 and are closed.
    std::size_t max_connections = 10'000;
    /// Connections that may be on their way out with that 503; further ones are closed without a word.
    std::size_t max_refused = 64;
    /// How long nothing is accepted after accepting has failed, where the process is out of file descriptors say.
    std::chrono::milliseconds accept_backoff{100};
    /// Connections that may wait in the kernel to be accepted.
    int backlog = 4096;

    /// The executor never runs two functions at once (an io_context with one thread, a strand): no strand is needed.
    bool executor_is_serial = false;

    /// The value of the Server field; empty: none is sent.
    std::string server_name = {};

    /// Is told when a connection could not be accepted. Called on the executor; must not throw.
    std::function<void(std::error_code)> on_accept_error = {};
};

}  // namespace batchpace::http
