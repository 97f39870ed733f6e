// SPDX-License-Identifier: BSL-1.0
#pragma once

// A real server on a real socket, and a client that sends exactly the bytes it is told.

#include "../catch.hpp"

#include <batchpace/http/beast.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <arpa/inet.h>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace beast_test {

using namespace std::chrono_literals;
using namespace std::string_literals;
namespace http = batchpace::http;

/// Longer than anything takes on a busy machine; what fails waits so long.
inline constexpr auto patience = 30s;

template <class Condition>
bool eventually(Condition condition) {
    auto const until = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::yield();
    }
    return true;
}

/// What a client has been answered.
struct Answer {
    int status = 0;
    http::Fields fields;
    std::string body;
    bool whole = false;  ///< the body came to its end

    std::string field(std::string_view name) const { return std::string{fields.find(name).value_or("(none)")}; }
};

class Client {
public:
    explicit Client(std::uint16_t port, int receive_buffer = 0) : Client{Unconnected{}, receive_buffer} {
        connect(port);
    }
    /// Not connected yet.
    struct Unconnected {};
    explicit Client(Unconnected, int receive_buffer = 0) : socket_{::socket(AF_INET, SOCK_STREAM, 0)} {
        if (socket_ < 0) throw std::runtime_error{"no socket"};
        if (receive_buffer > 0) ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
        timeval const limit{std::chrono::duration_cast<std::chrono::seconds>(patience).count(), 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        int const on = 1;
        ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    void connect(std::uint16_t port) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
            throw std::runtime_error{"cannot connect"};
    }
    ~Client() { leave(); }
    Client(Client&& other) noexcept : socket_{std::exchange(other.socket_, -1)}, read_{std::move(other.read_)} {}
    Client(Client const&) = delete;
    Client& operator=(Client const&) = delete;

    /// False where the server takes no more.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            auto const sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    void send_end() { ::shutdown(socket_, SHUT_WR); }
    void leave() {
        if (socket_ >= 0) ::close(std::exchange(socket_, -1));
    }
    void reset() {
        linger const now{1, 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        leave();
    }

    /// Reads up to and with `end`; less where the connection ends first.
    std::string read_to(std::string_view end) {
        auto at = read_.find(end);
        while (at == std::string::npos) {
            if (!fill()) return std::exchange(read_, {});
            at = read_.find(end);
        }
        auto text = read_.substr(0, at + end.size());
        read_.erase(0, at + end.size());
        return text;
    }
    std::string read_count(std::size_t count) {
        while (read_.size() < count && fill()) {
        }
        auto text = read_.substr(0, count);
        read_.erase(0, text.size());
        return text;
    }
    std::string read_all() {
        while (fill()) {
        }
        return std::exchange(read_, {});
    }
    /// True where nothing comes from the server for that long, not its end either.
    bool hears_nothing(std::chrono::milliseconds time) {
        pollfd what{socket_, POLLIN, 0};
        return read_.empty() && ::poll(&what, 1, static_cast<int>(time.count())) == 0;
    }
    /// True where the server has closed in order, and nothing came before.
    bool is_closed() { return read_.empty() && !fill() && last_error_ == 0; }
    /// True where the connection is over, in whichever way.
    bool is_gone() {
        while (fill()) {
        }
        return last_error_ != EAGAIN && last_error_ != EWOULDBLOCK;
    }

    /// `bodiless`: the answer to HEAD.
    Answer answer(bool bodiless = false) {
        Answer answer;
        auto const line = read_to("\r\n");
        if (!line.starts_with("HTTP/1.1 ") || line.size() < 14) {
            UNSCOPED_INFO("no status line: " << line);
            return answer;
        }
        answer.status = std::stoi(line.substr(9, 3));
        for (auto field = read_to("\r\n"); field.size() > 2; field = read_to("\r\n")) {
            auto const colon = field.find(": ");
            if (colon == field.npos) return answer;
            answer.fields.add(field.substr(0, colon), field.substr(colon + 2, field.size() - colon - 4));
        }
        auto const length = answer.fields.find("Content-Length");
        if (bodiless || answer.status == 204 || answer.status == 304 || answer.status < 200) {
            answer.whole = true;
        } else if (answer.field("Transfer-Encoding") == "chunked") {
            read_chunks(answer);
        } else if (length) {
            auto const size = static_cast<std::size_t>(std::stoull(std::string{*length}));
            answer.body = read_count(size);
            answer.whole = answer.body.size() == size;
        } else {
            answer.body = read_all();
            answer.whole = last_error_ == 0;
        }
        return answer;
    }
    Answer ask(std::string_view bytes) {
        send(bytes);
        return answer();
    }
    /// One chunk; nullopt where the connection ends first.
    std::optional<std::string> chunk() {
        auto const line = read_to("\r\n");
        if (line.size() < 3) return std::nullopt;
        auto const size = static_cast<std::size_t>(std::stoull(line, nullptr, 16));
        auto text = read_count(size + 2);
        if (text.size() != size + 2) return std::nullopt;
        text.resize(size);
        return text;
    }

private:
    bool fill() {
        std::string buffer(65536, '\0');
        auto const count = ::recv(socket_, buffer.data(), buffer.size(), 0);
        last_error_ = count < 0 ? errno : 0;
        if (count <= 0) return false;
        read_.append(buffer, 0, static_cast<std::size_t>(count));
        return true;
    }
    void read_chunks(Answer& answer) {
        for (auto piece = chunk(); piece; piece = chunk()) {
            if (piece->empty()) {
                answer.whole = true;
                return;
            }
            answer.body += *piece;
        }
    }

    int socket_;
    int last_error_ = 0;
    std::string read_;
};

/// A loop with its threads, and a server on it.
class Served {
public:
    explicit Served(http::Handler handler, http::BeastOptions options = {}, int threads = 3) {
        server.emplace(loop.get_executor(), std::move(handler), std::move(options));
        port = server->listen("127.0.0.1", 0).port();
        for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { loop.run(); });
    }
    ~Served() {
        server.reset();
        end_loop();
    }
    Served(Served const&) = delete;
    Served& operator=(Served const&) = delete;

    Client client(int receive_buffer = 0) const { return Client{port, receive_buffer}; }
    Answer ask(std::string_view bytes) const { return client().ask(bytes); }
    std::future<void> stop(std::chrono::nanoseconds deadline) {
        return server->async_stop(deadline, boost::asio::use_future);
    }
    void end_loop() {
        work_.reset();
        loop.stop();
        for (auto& thread : threads_)
            if (thread.joinable()) thread.join();
    }

    boost::asio::io_context loop;
    std::optional<http::BeastServer> server;
    std::uint16_t port = 0;

private:
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{loop.get_executor()};
    std::vector<std::thread> threads_;
};

/// True where it has come to be within our patience; a future's exception comes out.
inline bool comes(std::future<void>& future) {
    if (future.wait_for(patience) != std::future_status::ready) return false;
    future.get();
    return true;
}

inline std::string get(std::string_view target, std::string_view fields = "") {
    return "GET " + std::string{target} + " HTTP/1.1\r\nHost: localhost\r\n" + std::string{fields} + "\r\n";
}
inline std::string post(std::string_view body, std::string_view fields = "") {
    return "POST / HTTP/1.1\r\nHost: localhost\r\n" + std::string{fields} +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string{body};
}

/// Answers with what it was asked: method, target, body.
inline void echo(http::Request request, http::Respond respond) {
    respond({200, "text/plain", request.method + " " + request.target + " " + request.body.text()});
}

/// Answers that are kept until a test gives them.
class Held {
public:
    http::Handler handler() {
        return [this](http::Request request, http::Respond respond) {
            std::lock_guard const lock{mutex_};
            held_.emplace_back(std::move(request.target), std::move(respond));
        };
    }
    std::size_t size() {
        std::lock_guard const lock{mutex_};
        return held_.size();
    }
    /// Waits for the next request and takes its answer.
    std::pair<std::string, http::Respond> take() {
        if (!eventually([&] { return size() > 0; })) throw std::runtime_error{"no request came"};
        std::lock_guard const lock{mutex_};
        auto first = std::move(held_.front());
        held_.erase(held_.begin());
        return first;
    }

private:
    std::mutex mutex_;
    std::vector<std::pair<std::string, http::Respond>> held_;
};

/// A stream whose pieces a test gives when it likes.
class Tap : public http::BodyStream {
public:
    void next(Deliver deliver) override {
        std::lock_guard const lock{mutex_};
        ++asked_;
        deliver_ = std::move(deliver);
    }
    void finish() override {
        std::lock_guard const lock{mutex_};
        finished_ = true;
    }
    void stop() noexcept override {
        std::lock_guard const lock{mutex_};
        ++stopped_;
    }

    int asked() { return locked(asked_); }
    int stopped() { return locked(stopped_); }
    bool finished() { return locked(finished_); }
    /// Waits to be asked, then delivers.
    void give(std::string piece) { take()(std::move(piece)); }
    Deliver take() {
        if (!eventually([&] {
                std::lock_guard const lock{mutex_};
                return deliver_ != nullptr;
            }))
            throw std::runtime_error{"nothing is asked for"};
        std::lock_guard const lock{mutex_};
        return std::exchange(deliver_, nullptr);
    }

private:
    template <class Value>
    Value locked(Value const& value) {
        std::lock_guard const lock{mutex_};
        return value;
    }

    std::mutex mutex_;
    Deliver deliver_;
    int asked_ = 0;
    int stopped_ = 0;
    bool finished_ = false;
};

/// Delivers what a function makes, inside the call.
class Spring : public http::BodyStream {
public:
    explicit Spring(std::function<std::string(int)> make) : make_{std::move(make)} {}
    void next(Deliver deliver) override { deliver(make_(asked++)); }
    void finish() override { ++finished; }
    void stop() noexcept override { ++stopped; }

    std::atomic<int> asked{0};
    std::atomic<int> finished{0};
    std::atomic<int> stopped{0};

private:
    std::function<std::string(int)> make_;
};

inline http::Response streamed(std::shared_ptr<http::BodyStream> stream, http::Fields fields = {}) {
    http::Response response;
    response.fields = std::move(fields);
    response.fields.add("Content-Type", "text/event-stream");
    response.stream = std::move(stream);
    return response;
}

inline http::Handler always(std::function<http::Response()> make) {
    return [make = std::move(make)](http::Request, http::Respond respond) { respond(make()); };
}

}  // namespace beast_test
