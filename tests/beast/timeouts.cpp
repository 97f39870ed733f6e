// SPDX-License-Identifier: BSL-1.0

#include "support.hpp"

using namespace beast_test;

namespace {

// What a test waits for is short, everything else long: the wrong time-out fails the test.
http::BeastOptions none() {
    return {.idle_timeout = 1h, .header_timeout = 1h, .body_timeout = 1h, .write_timeout = 1h, .linger_timeout = 1h};
}

}  // namespace

TEST_CASE("a connection that asks nothing is closed without a word", "[beast]") {
    auto options = none();
    options.idle_timeout = 100ms;
    Served const served{echo, options};
    auto fresh = served.client();
    auto used = served.client();
    CHECK(used.ask(get("/")).status == 200);
    CHECK(fresh.is_closed());
    CHECK(used.is_closed());
    CHECK(eventually([&] { return served.server->connections() == 0; }));
}

TEST_CASE("half a head and silence are answered with 408", "[beast]") {
    auto options = none();
    options.header_timeout = 100ms;
    Served const served{echo, options};
    for (auto const* bytes : {"G", "GET / HTTP/1.1", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: h\r\n", "\r\n"}) {
        auto client = served.client();
        auto const answer = client.ask(bytes);
        CHECK(answer.status == 408);
        CHECK(answer.field("Content-Type") == "application/problem+json");
        CHECK(client.is_closed());
    }
    auto later = served.client();
    CHECK(later.ask(get("/")).status == 200);
    CHECK(later.ask("GET / HT").status == 408);
}

TEST_CASE("a head that comes drop by drop has no more time than another", "[beast]") {
    auto options = none();
    options.header_timeout = 200ms;
    Served const served{echo, options};
    auto client = served.client();
    client.send("GET / HTTP/1.1\r\nHost: h\r\n");
    while (client.hears_nothing(20ms) && client.send("A: b\r\n")) {
    }
    CHECK(client.answer().status == 408);
}

TEST_CASE("half a body and silence are answered with 408", "[beast]") {
    auto options = none();
    options.body_timeout = 100ms;
    Served const served{echo, options};
    std::string const chunked = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n";
    std::string const sized = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n";
    for (auto const& bytes : {sized + "\r\n", sized + "\r\nhello", chunked + "\r\n", chunked + "\r\n5\r\nhel",
                              chunked + "\r\n5\r\nhello\r\n0\r\n"}) {
        auto client = served.client();
        CHECK(client.ask(bytes).status == 408);
        CHECK(client.is_closed());
    }
    for (auto const& head : {sized, chunked}) {
        auto client = served.client();
        client.send(head + "Expect: 100-continue\r\n\r\n");
        CHECK(client.answer().status == 100);
        CHECK(client.answer().status == 408);
    }
}

TEST_CASE("a body has its time for each 64 KiB, not for all of it", "[beast]") {
    auto options = none();
    options.body_timeout = 3s;
    Served const served{echo, options};
    auto client = served.client();
    std::string const piece(std::size_t{64} << 10, 'x');
    client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(5 * piece.size()) + "\r\n\r\n");
    for (int i = 0; i < 5; ++i) {
        CHECK(client.hears_nothing(700ms));  // longer than the time-out in all
        client.send(piece);
    }
    CHECK(client.answer().status == 200);
}

TEST_CASE("a handler has all the time it wants, unless there is a time-out", "[beast]") {
    auto options = none();
    options.idle_timeout = options.header_timeout = options.body_timeout = options.write_timeout = 100ms;
    Held held;
    SECTION("none") {
        Served const served{held.handler(), options};
        auto client = served.client();
        client.send(get("/"));
        auto const respond = held.take().second;
        auto idle = served.client();
        CHECK(idle.is_closed());  // so long
        respond({200, "text/plain", "late"});
        CHECK(client.answer().body == "late");
    }
    SECTION("one") {
        options.handler_timeout = 100ms;
        Served const served{held.handler(), options};
        auto client = served.client();
        CHECK(client.ask(get("/")).status == 503);
        CHECK(client.is_closed());
        held.take().second({200, "text/plain", "too late"});
    }
}

TEST_CASE("a client that does not take its answer is dropped", "[beast]") {
    auto options = none();
    options.write_timeout = 100ms;
    std::string const text(50'000'000, 'x');
    std::promise<void> asked;
    Served const served{always([&] {
                            asked.set_value();
                            return http::Response{200, "text/plain", text};
                        }),
                        options};
    auto client = served.client(4096);
    client.send(get("/"));
    auto has_asked = asked.get_future();
    CHECK(comes(has_asked));
    CHECK(eventually([&] { return served.server->connections() == 0; }));
    CHECK(client.is_gone());
}

TEST_CASE("a client that never reads its stream is dropped, and hardly anything was made for it", "[beast]") {
    auto options = none();
    options.write_timeout = 200ms;
    std::string const piece(std::size_t{64} << 10, 'x');
    auto const stream = std::make_shared<Spring>([&](int) { return piece; });
    Served const served{always([&] { return streamed(stream); }), options};
    auto client = served.client(4096);
    client.send(get("/events"));
    CHECK(eventually([&] { return stream->stopped == 1; }));
    CHECK(eventually([&] { return served.server->connections() == 0; }));
    // What fits into the kernel's buffers, some megabytes, and one piece more.
    CHECK(stream->asked < 400);
    auto const asked = stream->asked.load();
    CHECK(client.is_gone());
    CHECK(stream->asked == asked);
    CHECK(stream->stopped == 1);
}

TEST_CASE("a stream that has nothing to say has no time-out", "[beast]") {
    auto options = none();
    options.idle_timeout = options.header_timeout = options.body_timeout = options.write_timeout = 100ms;
    auto const tap = std::make_shared<Tap>();
    Served const served{always([&] { return streamed(tap); }), options};
    auto client = served.client();
    client.send(get("/events"));
    CHECK(client.read_to("\r\n\r\n").starts_with("HTTP/1.1 200 OK\r\n"));
    for (int i = 0; i < 3; ++i) CHECK(served.client().is_closed());  // so long that every time-out has passed
    tap->give("still here");
    CHECK(client.chunk() == "still here");
}

TEST_CASE("a client that does not close in its turn is closed", "[beast]") {
    auto options = none();
    options.linger_timeout = 100ms;
    Served const served{echo, options};
    auto client = served.client();
    CHECK(client.ask(get("/", "Connection: close\r\n")).status == 200);
    CHECK(client.is_closed());
    CHECK(eventually([&] { return served.server->connections() == 0; }));
}
