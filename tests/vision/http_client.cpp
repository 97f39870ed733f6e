// SPDX-License-Identifier: BSL-1.0
//
// The client, against a server that does what it is told.
#include "annotation_server/http_client.hpp"

#include "../catch.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace annotation_server;
using namespace std::chrono_literals;
namespace net = boost::asio;
using net::ip::tcp;
using End = HttpAnswer::End;

namespace {

// Whatever proxy is usual here.
[[maybe_unused]] int const no_proxy = ::setenv("no_proxy", "127.0.0.1", 1);

std::string ok(std::string const& body, std::string const& fields = {}) {
    return "HTTP/1.1 200 OK\r\n" + fields + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// Answers each request by what `respond` says of its number, head and body: as it stands, nothing at all ("": it
/// hangs), or by closing the connection (nullopt).
class Server {
public:
    using Respond =
        std::function<std::optional<std::string>(int number, std::string const& head, std::string const& body)>;

    Server(net::io_context& loop, Respond respond)
        : acceptor_{loop, {net::ip::address_v4::loopback(), 0}}, respond_{std::move(respond)} {
        net::co_spawn(loop, accept(), net::detached);
    }

    std::string url() const { return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + "/x"; }

    int connections = 0, requests = 0, closed_by_client = 0;

private:
    net::awaitable<void> accept() {
        for (;;) {
            auto socket = co_await acceptor_.async_accept(net::use_awaitable);
            ++connections;
            auto its = serve(std::move(socket));
            net::co_spawn(acceptor_.get_executor(), std::move(its), net::detached);
        }
    }
    net::awaitable<void> serve(tcp::socket socket) try {
        std::string data;
        for (;;) {
            auto in = net::dynamic_buffer(data);
            auto const end = co_await net::async_read_until(socket, in, "\r\n\r\n", net::use_awaitable);
            auto const head = data.substr(0, end);
            data.erase(0, end);
            auto const at = head.find("Content-Length: ");
            auto const length = at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
            auto more = net::dynamic_buffer(data);
            if (data.size() < length)
                co_await net::async_read(socket, more, net::transfer_exactly(length - data.size()), net::use_awaitable);
            auto const body = data.substr(0, length);
            data.erase(0, length);
            auto const answer = respond_(++requests, head, body);
            if (!answer) co_return;
            auto const out = net::buffer(*answer);
            co_await net::async_write(socket, out, net::use_awaitable);
        }
    } catch (boost::system::system_error const&) {
        ++closed_by_client;
    }

    tcp::acceptor acceptor_;
    Respond respond_;
};

HttpRequest request_to(Server const& server, std::string body = "question") {
    return {server.url(),
            {"Content-Type: text/plain", "X-Key: abc"},
            std::move(body),
            std::chrono::steady_clock::time_point::max()};
}

/// One loop with a client and a server on it.
struct World {
    explicit World(Server::Respond respond, HttpClient::Options options = {})
        : client{loop.get_executor(), std::move(options)}, server{loop, std::move(respond)} {}

    HttpAnswer post(HttpRequest request) {
        std::optional<HttpAnswer> answer;
        client.async_post(std::move(request), [&](HttpAnswer its) { answer = std::move(its); });
        CHECK_FALSE(answer);  // never within the call
        run_until([&] { return answer.has_value(); });
        return *answer;
    }
    HttpAnswer post(std::string body = "question") { return post(request_to(server, std::move(body))); }

    template <class Condition>
    void run_until(Condition condition) {
        auto const last = std::chrono::steady_clock::now() + 20s;
        while (!condition()) {
            REQUIRE(std::chrono::steady_clock::now() < last);
            loop.run_one_for(1s);
        }
    }

    net::io_context loop;
    HttpClient client;
    Server server;
};

}  // namespace

TEST_CASE("a request is posted as it is, and its answer comes back", "[http_client]") {
    std::string seen_head, seen_body;
    World world{[&](int, std::string const& head, std::string const& body) {
        seen_head = head;
        seen_body = body;
        return ok("answer", "retry-after: 7\r\n");
    }};
    std::string const body(3'000'000, 'q');
    auto const answer = world.post(body);
    CHECK(answer.end == End::answered);
    CHECK(answer.status == 200);
    CHECK(answer.body == "answer");
    CHECK(answer.retry_after == 7s);
    CHECK(seen_body == body);
    CHECK(seen_head.find("POST /x HTTP/1.1\r\n") == 0);
    CHECK(seen_head.find("\r\nContent-Type: text/plain\r\n") != std::string::npos);
    CHECK(seen_head.find("\r\nX-Key: abc\r\n") != std::string::npos);
    CHECK(seen_head.find("Expect") == std::string::npos);
    CHECK(seen_head.find("Transfer-Encoding") == std::string::npos);
}

TEST_CASE("a status is an answer, whatever it is, and no redirect is followed", "[http_client]") {
    World world{[](int number, std::string const&, std::string const&) -> std::optional<std::string> {
        if (number == 1) return "HTTP/1.1 302 Found\r\nLocation: /y\r\nContent-Length: 0\r\n\r\n";
        return "HTTP/1.1 503 No\r\nContent-Length: 2\r\n\r\nno";
    }};
    CHECK(world.post().status == 302);
    auto const answer = world.post();
    CHECK(answer.end == End::answered);
    CHECK(answer.status == 503);
    CHECK(answer.body == "no");
    CHECK(world.server.requests == 2);
}

TEST_CASE("connections are used again, also after many at once", "[http_client]") {
    World world{[](int, std::string const&, std::string const&) { return ok("answer"); }};
    for (int i = 0; i < 10; ++i) CHECK(world.post().status == 200);
    CHECK(world.server.connections == 1);
    for (int round = 0; round < 3; ++round) {
        int answered = 0;
        for (int i = 0; i < 50; ++i)
            world.client.async_post(request_to(world.server), [&](HttpAnswer const& answer) {
                CHECK(answer.status == 200);
                ++answered;
            });
        world.run_until([&] { return answered == 50; });
    }
    CHECK(world.server.requests == 160);
    CHECK(world.server.connections <= 50);
}

TEST_CASE("a request whose connection is lost is not sent again", "[http_client]") {
    // Also not where the connection had served before, and its peer may just have been tired of it.
    World world{[](int number, std::string const&, std::string const&) -> std::optional<std::string> {
        if (number % 2 == 0) return std::nullopt;
        return ok("answer");
    }};
    for (int i = 1; i <= 5; ++i) {
        CHECK(world.post().end == End::answered);
        auto const lost = world.post(std::string(i % 2 == 0 ? 10 : 1'000'000, 'x'));
        CHECK(lost.end == End::failed);
        CHECK_FALSE(lost.fault.empty());
        CHECK(world.server.requests == 2 * i);
    }
}

TEST_CASE("half an answer is none", "[http_client]") {
    World world{[](int number, std::string const&, std::string const&) {
        return number == 1 ? "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nConnection: close\r\n\r\nonly this"
                           : "this is no HTTP\r\n\r\n";
    }};
    // It goes on to wait for the rest, so it needs a time.
    auto request = request_to(world.server);
    request.deadline = std::chrono::steady_clock::now() + 200ms;
    auto const cut = world.post(std::move(request));
    CHECK(cut.end == End::timed_out);
    CHECK(cut.body.empty());
    CHECK(world.post().end == End::failed);
}

TEST_CASE("an answer has a longest length", "[http_client]") {
    HttpClient::Options options;
    options.longest_answer = 100'000;
    World world{[](int number, std::string const&, std::string const&) {
                    return ok(std::string(number == 1 ? 100'000 : 100'001, 'x'));
                },
                options};
    CHECK(world.post().body.size() == 100'000);
    auto const answer = world.post();
    CHECK(answer.end == End::too_long);
    CHECK(answer.fault == "the answer is longer than 100000 bytes");
    CHECK(answer.body.empty());
}

TEST_CASE("a request has a time, and then it is over", "[http_client]") {
    World world{[](int, std::string const&, std::string const&) { return std::string{}; }};
    auto request = request_to(world.server);
    request.deadline = std::chrono::steady_clock::now() + 100ms;
    auto const begin = std::chrono::steady_clock::now();
    auto const answer = world.post(std::move(request));
    CHECK(answer.end == End::timed_out);
    CHECK(std::chrono::steady_clock::now() - begin >= 99ms);
    world.run_until([&] { return world.server.closed_by_client == 1; });

    auto late = request_to(world.server);
    late.deadline = std::chrono::steady_clock::now() - 1s;
    CHECK(world.post(std::move(late)).end == End::timed_out);
    CHECK(world.server.requests == 1);  // of that nobody was asked
}

TEST_CASE("a request that is cancelled is over at once, and its connection closed", "[http_client]") {
    World world{[](int, std::string const&, std::string const&) { return std::string{}; }};
    net::cancellation_signal signal;
    std::optional<HttpAnswer> answer;
    world.client.async_post(request_to(world.server), net::bind_cancellation_slot(signal.slot(), [&](HttpAnswer its) {
                                answer = std::move(its);
                            }));
    world.run_until([&] { return world.server.requests == 1; });
    signal.emit(net::cancellation_type::terminal);
    world.run_until([&] { return answer.has_value(); });
    CHECK(answer->end == End::cancelled);
    world.run_until([&] { return world.server.closed_by_client == 1; });
    signal.emit(net::cancellation_type::terminal);  // late: it does nothing
}

TEST_CASE("a server that is not there is a failure", "[http_client]") {
    World world{[](int, std::string const&, std::string const&) { return std::string{}; }};
    auto request = request_to(world.server);
    {
        net::io_context elsewhere;
        tcp::acceptor const gone{elsewhere, {net::ip::address_v4::loopback(), 0}};
        request.url = "http://127.0.0.1:" + std::to_string(gone.local_endpoint().port());
    }
    auto const answer = world.post(std::move(request));
    CHECK(answer.end == End::failed);
    CHECK(answer.fault.find("connect") != std::string::npos);
    HttpRequest file;
    file.url = "file:///etc/passwd";
    CHECK(world.post(std::move(file)).end == End::failed);
}

TEST_CASE("the handler runs on its own executor", "[http_client]") {
    World world{[](int, std::string const&, std::string const&) { return ok("answer"); }};
    net::io_context home;
    bool called = false;
    world.client.async_post(request_to(world.server),
                            net::bind_executor(home, [&](HttpAnswer const&) { called = true; }));
    std::thread elsewhere{[&] { home.run(); }};  // it is held up until there is an answer
    world.run_until([&] { return home.stopped(); });
    elsewhere.join();
    CHECK(called);
}

TEST_CASE("a client may go with its loop while requests are under way", "[http_client]") {
    // Whoever waits holds the client, as a coroutine does: nothing may be left over.
    auto const witness = std::make_shared<int>();
    {
        World world{[](int, std::string const&, std::string const&) { return std::string{}; }};
        auto waits = [](HttpClient client, HttpRequest request, std::shared_ptr<int>) -> net::awaitable<void> {
            auto const answer = co_await client.async_post(std::move(request), net::use_awaitable);
            static_cast<void>(answer);
        };
        for (int i = 0; i < 3; ++i) {
            auto request = request_to(world.server);
            auto one = waits(world.client, std::move(request), witness);
            net::co_spawn(world.loop, std::move(one), net::detached);
        }
        world.run_until([&] { return world.server.requests == 3; });
        CHECK(witness.use_count() == 4);
    }
    CHECK(witness.use_count() == 1);
}

TEST_CASE("several threads may use a client", "[http_client][threads]") {
    net::io_context loop{4};
    HttpClient client{loop.get_executor(), {}};
    net::io_context servers;
    Server server{servers, [](int number, std::string const&, std::string const&) -> std::optional<std::string> {
                      if (number % 7 == 0) return std::nullopt;
                      if (number % 5 == 0) return std::string{};
                      return ok(std::string(20'000, 'x'));
                  }};
    std::thread serving{[&] { servers.run(); }};
    std::atomic<int> over = 0, cancelled = 0;
    constexpr int chains = 20, each = 20;
    auto chain = [&](int number) -> net::awaitable<void> {
        for (int i = 0; i < each; ++i) {
            auto request = request_to(server, std::string(static_cast<std::size_t>(1 + number * 1000), 'q'));
            request.deadline = std::chrono::steady_clock::now() + (i % 2 == 0 ? 50ms : 20s);
            net::cancellation_signal signal;
            net::steady_timer timer{co_await net::this_coro::executor, 20ms};
            timer.async_wait([&](boost::system::error_code fault) {
                if (!fault) signal.emit(net::cancellation_type::terminal);
            });
            auto bound = net::bind_cancellation_slot(signal.slot(), net::use_awaitable);
            auto const answer = co_await client.async_post(std::move(request), std::move(bound));
            if (answer.end == End::cancelled) ++cancelled;
            timer.cancel();
            co_await net::post(net::use_awaitable);  // the timer's handler has run by then, or never will
            ++over;
        }
    };
    for (int i = 0; i < chains; ++i) net::co_spawn(net::make_strand(loop), chain(i), net::detached);
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back([&] { loop.run(); });
    for (auto& thread : threads) thread.join();
    servers.stop();
    serving.join();
    CHECK(over == chains * each);
    CHECK(cancelled > 0);
}
