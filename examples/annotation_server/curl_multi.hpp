// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <curl/curl.h>
#include <functional>
#include <memory>
#include <unordered_map>

namespace annotation_server {

/// Drives transfers of libcurl on a loop of Asio: waits for the sockets and times that curl names, and tells of the
/// transfers that are over. Knows nothing of what is transferred. Held by `std::shared_ptr`; everything, the destructor
/// apart, must run on its executor, which must not run two things at once: a strand, or a loop with one thread.
class CurlMulti : public std::enable_shared_from_this<CurlMulti> {
public:
    /// How a transfer has ended. It has been removed by then. Called on the executor, never within `add` or `remove`.
    using Done = std::function<void(CURLcode)>;

    /// @param idle connections that are kept for the next transfers
    /// Throws `std::runtime_error` where curl has no memory.
    CurlMulti(boost::asio::any_io_executor executor, long idle);
    CurlMulti(CurlMulti const&) = delete;
    CurlMulti& operator=(CurlMulti const&) = delete;
    /// All transfers must be over, or have been removed.
    ~CurlMulti();

    boost::asio::any_io_executor const& executor() const noexcept { return executor_; }

    /// Begins a transfer. `easy` must live until it is over or removed. False where curl does not take it: then `done`
    /// is not called.
    bool add(CURL* easy, Done done);
    /// Ends a transfer at once, its connection too where it is in the middle of something. `done` is not called.
    void remove(CURL* easy) noexcept;

private:
    struct Watch;
    using Socket = std::shared_ptr<Watch>;

    static int on_socket(CURL*, curl_socket_t number, int what, void* self, void*) noexcept;
    static int on_timer(CURLM*, long milliseconds, void* self) noexcept;

    void watch(curl_socket_t number, int what);
    void set_timer(long milliseconds);
    void wait_for(Socket const& socket, int event);
    void act(curl_socket_t number, int event);
    void tell_of_ended();

    boost::asio::any_io_executor executor_;
    boost::asio::steady_timer timer_;
    std::unordered_map<curl_socket_t, Socket> sockets_;
    std::unordered_map<CURL*, Done> transfers_;
    CURLM* multi_;
};

}  // namespace annotation_server
