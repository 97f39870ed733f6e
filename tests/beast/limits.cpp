// SPDX-License-Identifier: BSL-1.0

#include "support.hpp"

using namespace beast_test;

namespace {

http::BeastOptions small() { return {.max_target_bytes = 100, .max_header_bytes = 1000, .max_body_bytes = 10'000}; }

std::string chunked(std::vector<std::size_t> const& sizes) {
    std::string text = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (auto const size : sizes) {
        char line[32];
        std::snprintf(line, sizeof line, "%zx\r\n", size);
        text += line + std::string(size, 'x') + "\r\n";
    }
    return text;
}

}  // namespace

TEST_CASE("a body is refused by its Content-Length before any of it has come", "[beast]") {
    Served const served{echo, small()};
    auto client = served.client();
    client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10001\r\n\r\n");
    auto const answer = client.answer();
    CHECK(answer.status == 413);
    CHECK(answer.field("Connection") == "close");
    CHECK(client.is_closed());
    CHECK(served.ask(post(std::string(10'000, 'x'))).status == 200);
    CHECK(served.ask("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 18446744073709551615\r\n\r\n").status == 413);
}

TEST_CASE("who sends all of a body that is too large still reads that it is", "[beast]") {
    Served const served{echo, small()};
    auto client = served.client();
    client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 8000000\r\n\r\n");
    client.send(std::string(8'000'000, 'x'));
    CHECK(client.answer().status == 413);
}

TEST_CASE("a body in chunks is refused when they are too large together", "[beast]") {
    Served const served{echo, small()};
    CHECK(served.ask(chunked({5000, 5000}) + "0\r\n\r\n").status == 200);
    CHECK(served.ask(chunked({5000, 5000, 1})).status == 413);
    CHECK(served.ask(chunked({10'001})).status == 413);
    CHECK(served.ask("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n").status ==
          413);
}

TEST_CASE("a line between chunks has its bound", "[beast]") {
    Served const served{echo, small()};
    CHECK(served.ask("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1;a=" + std::string(200'000, 'x'))
              .status == 400);
    CHECK(served.ask(chunked({}) + "0\r\nA: " + std::string(200'000, 'x')).status == 400);
}

TEST_CASE("a target that is too long is refused, also before its end has come", "[beast]") {
    Served const served{echo, small()};
    CHECK(served.ask(get("/" + std::string(99, 'x'))).status == 200);
    for (auto const& bytes : {get("/" + std::string(100, 'x')), get("/" + std::string(500, 'x')),
                              "GET /" + std::string(200, 'x'), "GET /" + std::string(5000, 'x')}) {
        auto client = served.client();
        CHECK(client.ask(bytes).status == 414);
        CHECK(client.is_closed());
    }
}

TEST_CASE("a head that is too large is refused, also before its end has come", "[beast]") {
    Served const served{echo, small()};
    auto const head = [](std::size_t size) {
        std::string const rest = "GET / HTTP/1.1\r\nHost: h\r\nA: \r\n\r\n";
        return "GET / HTTP/1.1\r\nHost: h\r\nA: " + std::string(size - rest.size(), 'x') + "\r\n\r\n";
    };
    CHECK(served.ask(head(1000)).status == 200);
    for (auto const& bytes : {head(1001), head(5000), head(50'000), head(50'000).substr(0, 1001)}) {
        auto client = served.client();
        CHECK(client.ask(bytes).status == 431);
        CHECK(client.is_closed());
    }
    std::string many = "GET / HTTP/1.1\r\nHost: h\r\n";
    for (int i = 0; i < 500; ++i) many += "A: b\r\n";
    CHECK(served.ask(many).status == 431);
    auto slow = served.client();
    for (char const c : many.substr(0, 1001)) slow.send({&c, 1});
    CHECK(slow.answer().status == 431);
}

TEST_CASE("a head may be larger than what is read at once", "[beast]") {
    Served const served{echo, {.max_target_bytes = 100'000, .max_header_bytes = 200'000}};
    auto client = served.client();
    auto const target = "/" + std::string(90'000, 'x');
    for (int i = 0; i < 3; ++i)
        CHECK((client.ask(get(target, "A: " + std::string(90'000, 'y') + "\r\n")).body == "GET " + target + " "));
}

TEST_CASE("what is pipelined counts for its own request only", "[beast]") {
    Served const served{echo, small()};
    auto client = served.client();
    std::string all;
    for (int i = 0; i < 100; ++i) all += get("/", "A: " + std::string(900, 'x') + "\r\n");
    client.send(all);
    for (int i = 0; i < 100; ++i) CHECK(client.answer().status == 200);
}

TEST_CASE("a client that waits for 100 Continue gets it when its body is wanted", "[beast]") {
    Served const served{echo, small()};
    auto client = served.client();
    for (int i = 0; i < 2; ++i) {
        client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-Continue\r\n\r\n");
        CHECK(client.answer().status == 100);
        CHECK(client.ask("hello").body == "POST / hello");
    }
    client.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n");
    CHECK(client.answer().status == 100);
    CHECK(client.ask("5\r\nhello\r\n0\r\n\r\n").body == "POST / hello");
}

TEST_CASE("a client that waits for 100 Continue gets the last word where its head is refused", "[beast]") {
    Served const served{echo, small()};
    auto client = served.client();
    CHECK(client.ask("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10001\r\nExpect: 100-continue\r\n\r\n").status ==
          413);
    CHECK(client.is_closed());
    CHECK(served.ask("POST / HTTP/1.1\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n").status == 400);
}

TEST_CASE("no 100 Continue goes to who does not wait, has no body or speaks HTTP/1.0", "[beast]") {
    Served const served{echo};
    auto client = served.client();
    CHECK(client.ask("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello").status ==
          200);
    CHECK(client.ask(get("/", "Expect: 100-continue\r\n")).status == 200);
    CHECK(client.ask(post("", "Expect: 100-continue\r\n")).status == 200);
    client.send("POST / HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    CHECK(client.ask("hello").status == 200);
}

TEST_CASE("another expectation is not met", "[beast]") {
    Served const served{echo};
    for (auto const* expectation : {"200-ok", "100-continue, x", ""}) {
        auto client = served.client();
        CHECK(client.ask(post("x", "Expect: "s + expectation + "\r\n")).status == 417);
        CHECK(client.is_closed());
    }
}
