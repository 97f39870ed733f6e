// SPDX-License-Identifier: BSL-1.0
#include "curl_multi.hpp"

#include <boost/asio/error.hpp>

#include <chrono>
#include <stdexcept>
#include <utility>
#include <vector>

namespace annotation_server {

namespace net = boost::asio;
using boost::system::error_code;
using Descriptor = net::posix::stream_descriptor;

/// A socket that curl wants to hear of. It is curl's, which also closes it.
struct CurlMulti::Watch {
    Watch(net::any_io_executor const& executor, curl_socket_t number) : descriptor{executor, number} {}
    Watch(Watch const&) = delete;
    Watch& operator=(Watch const&) = delete;
    ~Watch() { let_go(); }

    void let_go() noexcept {
        wanted = 0;
        if (descriptor.is_open()) descriptor.release();
    }

    Descriptor descriptor;
    int wanted = 0;      // CURL_POLL_IN, CURL_POLL_OUT or both
    int waited_for = 0;  // the same: waits that have not come back
};

namespace {

/// curl wants this done once, before there are threads that use it. It is never undone: nobody knows who else uses
/// curl.
void start_curl() {
    static auto const code = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (code != CURLE_OK) throw std::runtime_error{"libcurl does not start"};
}

}  // namespace

CurlMulti::CurlMulti(net::any_io_executor executor, long idle)
    : executor_{std::move(executor)}, timer_{executor_}, multi_{(start_curl(), curl_multi_init())} {
    if (multi_ == nullptr) throw std::runtime_error{"libcurl does not start"};
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlMulti::on_socket);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlMulti::on_timer);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
    // By default it keeps four for each transfer under way: at the end of a burst none would be left for the next one.
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, idle);
    curl_multi_setopt(multi_, CURLMOPT_PIPELINING, long{CURLPIPE_NOTHING});
}

CurlMulti::~CurlMulti() {
    curl_multi_cleanup(multi_);  // closes what is idle, and says so by on_socket
}

bool CurlMulti::add(CURL* easy, Done done) {
    transfers_.emplace(easy, std::move(done));
    if (curl_multi_add_handle(multi_, easy) == CURLM_OK) return true;
    transfers_.erase(easy);
    return false;
}

void CurlMulti::remove(CURL* easy) noexcept {
    curl_multi_remove_handle(multi_, easy);
    transfers_.erase(easy);
}

int CurlMulti::on_socket(CURL*, curl_socket_t number, int what, void* self, void*) noexcept try {
    static_cast<CurlMulti*>(self)->watch(number, what);
    return 0;
} catch (...) {
    return -1;  // cannot be waited for, or no memory: curl gives its transfers up
}

int CurlMulti::on_timer(CURLM*, long milliseconds, void* self) noexcept try {
    static_cast<CurlMulti*>(self)->set_timer(milliseconds);
    return 0;
} catch (...) {
    return -1;
}

void CurlMulti::watch(curl_socket_t number, int what) {
    auto const found = sockets_.find(number);
    if (what == CURL_POLL_REMOVE) {
        if (found == sockets_.end()) return;
        found->second->let_go();  // before curl closes it, and the number may be another one's
        sockets_.erase(found);
        return;
    }
    auto const socket = found != sockets_.end() ? found->second : std::make_shared<Watch>(executor_, number);
    if (found == sockets_.end()) sockets_.emplace(number, socket);
    socket->wanted = what;
    wait_for(socket, CURL_POLL_IN);
    wait_for(socket, CURL_POLL_OUT);
}

void CurlMulti::wait_for(Socket const& socket, int event) {
    if ((socket->wanted & ~socket->waited_for & event) == 0) return;
    socket->waited_for |= event;
    auto const type = event == CURL_POLL_IN ? Descriptor::wait_read : Descriptor::wait_write;
    socket->descriptor.async_wait(
        type, [weak = weak_from_this(), watched = std::weak_ptr{socket}, event](error_code fault) {
            auto const self = weak.lock();
            auto const held = watched.lock();
            if (!self || !held) return;
            held->waited_for &= ~event;
            if ((held->wanted & event) == 0) return;  // curl has lost interest, or let go of it
            auto const number = held->descriptor.native_handle();
            self->act(number, fault ? CURL_CSELECT_ERR : event == CURL_POLL_IN ? CURL_CSELECT_IN : CURL_CSELECT_OUT);
            // curl says only what changes: as long as it wants more of the same, another wait.
            self->wait_for(held, event);
        });
}

void CurlMulti::set_timer(long milliseconds) {
    if (milliseconds < 0) {
        timer_.cancel();
        return;
    }
    timer_.expires_after(std::chrono::milliseconds{milliseconds});
    timer_.async_wait([weak = weak_from_this()](error_code fault) {
        auto const self = weak.lock();
        if (!fault && self) self->act(CURL_SOCKET_TIMEOUT, 0);
    });
}

void CurlMulti::act(curl_socket_t number, int event) {
    int running = 0;
    curl_multi_socket_action(multi_, number, event, &running);
    tell_of_ended();
}

void CurlMulti::tell_of_ended() {
    // What is told may add and remove transfers, so curl is not asked in between.
    std::vector<std::pair<Done, CURLcode>> ended;
    int left = 0;
    while (auto const* message = curl_multi_info_read(multi_, &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        auto* const easy = message->easy_handle;
        auto const code = message->data.result;  // the message is gone when the transfer is
        curl_multi_remove_handle(multi_, easy);
        auto const found = transfers_.find(easy);
        if (found == transfers_.end()) continue;
        ended.emplace_back(std::move(found->second), code);
        transfers_.erase(found);
    }
    for (auto& [done, code] : ended) done(code);
}

}  // namespace annotation_server
