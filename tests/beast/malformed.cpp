// SPDX-License-Identifier: BSL-1.0

#include "support.hpp"

using namespace beast_test;

namespace {

struct Row {
    char const* what;
    std::string bytes;
    int status;
};

std::vector<Row> rows() {
    auto const with = [](std::string const& fields, std::string const& rest = "") {
        return "POST / HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n" + rest;
    };
    std::string const smuggled = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";
    std::string const chunked = "Transfer-Encoding: chunked\r\n";
    return {
        // not HTTP
        {"TLS", "\x16\x03\x01\x02"s, 400},
        {"zeros", std::string(20, '\0'), 400},
        {"no method", " / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"a method that is no token", "G@T / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"no target", "GET HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"HTTP/0.9", "GET /\r\n\r\n", 400},
        {"two blanks", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"a blank in the target", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"a control in the target", "GET /a\x01 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"NUL in the target", "GET /a\0b HTTP/1.1\r\nHost: h\r\n\r\n"s, 400},
        {"lines that end in LF", "GET / HTTP/1.1\nHost: h\n\n", 400},
        {"a bare CR in a field", with("A: b\rc\r\n"), 400},
        {"a bare LF in a field", with("A: b\nC: d\r\n"), 400},
        {"NUL in a field", with("A: b\0c\r\n"s), 400},
        // versions
        {"HTTP/2 by preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
        {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: h\r\n\r\n", 505},
        {"HTTP/0.9 by name", "GET / HTTP/0.9\r\nHost: h\r\n\r\n", 505},
        {"a bare CR after the version", "GET / HTTP/1.1\rHost: h\r\n\r\n", 400},
        {"no version", "GET / HTTQ/1.1\r\nHost: h\r\n\r\n", 400},
        {"a version in small letters", "GET / http/1.1\r\nHost: h\r\n\r\n", 400},
        {"a long version", "GET / HTTP/1.10\r\nHost: h\r\n\r\n", 400},
        // targets
        {"a target that is no path", "GET a HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"a star for GET", "GET * HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"CONNECT", "CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\n\r\n", 400},
        {"another scheme", "GET ftp://h/ HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"another host in the target", "GET http://evil/ HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        // Host
        {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
        {"two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
        {"the same Host twice", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
        {"two Hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400},
        {"a Host that is none", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
        {"a Host of two", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400},
        // fields
        {"a field without a name", with(": b\r\n"), 400},
        {"a field without a colon", with("A\r\n"), 400},
        {"a blank before the colon", with("A : b\r\n"), 400},
        {"a blank before the first field", "GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400},
        {"a folded field", with("A: b\r\n c\r\n"), 400},
        {"a field folded at once", with("A:\r\n b\r\n"), 400},
        {"a field folded to nothing", with("A: b\r\n \r\n"), 400},
        {"an empty field folded to nothing", with("A:\r\n\t\r\nB: c\r\n"), 400},
        {"a folded Content-Length", with("Content-Length:\r\n 5\r\n", "hello"), 400},
        // where a body ends
        {"Content-Length twice", with("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"), 400},
        {"two Content-Lengths", with("Content-Length: 0\r\nContent-Length: 35\r\n", smuggled), 400},
        {"Content-Length as a list", with("Content-Length: 5, 5\r\n", "hello"), 400},
        {"Content-Length below 0", with("Content-Length: -1\r\n"), 400},
        {"Content-Length with a sign", with("Content-Length: +5\r\n", "hello"), 400},
        {"Content-Length in hex", with("Content-Length: 0x5\r\n", "hello"), 400},
        {"an empty Content-Length", with("Content-Length: \r\n"), 400},
        {"a Content-Length of two words", with("Content-Length: 5 5\r\n", "hello"), 400},
        {"a Content-Length of 2^64", with("Content-Length: 18446744073709551616\r\n"), 400},
        {"CL.TE", with("Content-Length: 5\r\n" + chunked, "0\r\n\r\n" + smuggled), 400},
        {"TE.CL", with(chunked + "Content-Length: 5\r\n", "0\r\n\r\n" + smuggled), 400},
        {"TE.TE", with(chunked + chunked, "0\r\n\r\n" + smuggled), 400},
        {"TE.TE of another name", with(chunked + "Transfer-Encoding: x\r\n", "0\r\n\r\n" + smuggled), 400},
        {"a coding before CL", with("Transfer-Encoding: x\r\nContent-Length: 5\r\n", "hello"), 400},
        {"a coding that is not chunked", with("Transfer-Encoding: xchunked\r\n", smuggled), 400},
        {"chunked not last", with("Transfer-Encoding: chunked, gzip\r\n", smuggled), 400},
        {"chunked twice", with("Transfer-Encoding: chunked, chunked\r\n", smuggled), 400},
        {"a quoted coding", with("Transfer-Encoding: \"chunked\"\r\n", smuggled), 400},
        {"identity", with("Transfer-Encoding: identity\r\n", smuggled), 400},
        {"an empty coding", with("Transfer-Encoding:\r\n", smuggled), 400},
        {"a vertical tab before chunked", with("Transfer-Encoding: \vchunked\r\n", smuggled), 400},
        {"a blank before the coding's colon", with("Transfer-Encoding : chunked\r\n", smuggled), 400},
        {"a coding that nobody knows", with("Transfer-Encoding: gzip, chunked\r\n", smuggled), 501},
        {"chunked in HTTP/1.0", "POST / HTTP/1.0\r\n" + chunked + "\r\n0\r\n\r\n", 400},
        // chunks
        {"a chunk without a size", with(chunked, "\r\n\r\n\r\n"), 400},
        {"a chunk's size that is none", with(chunked, "x\r\nhello"), 400},
        {"a chunk's size below 0", with(chunked, "-1\r\nhello"), 400},
        {"a chunk's size with 0x", with(chunked, "0x5\r\nhello\r\n0\r\n\r\n"), 400},
        {"a chunk's size beyond 64 bits", with(chunked, "fffffffffffffffff\r\nhello"), 400},
        {"a chunk longer than it says", with(chunked, "3\r\nhello\r\n0\r\n\r\n"), 400},
        {"a chunk that ends in LF", with(chunked, "5\r\nhello\n0\r\n\r\n"), 400},
        {"a chunk's size that ends in LF", with(chunked, "5\nhello\r\n0\r\n\r\n"), 400},
        {"a bare CR after a chunk's size", with(chunked, "5\rhello\r\n0\r\n\r\n"), 400},
        {"a bad extension", with(chunked, "5 x\r\nhello\r\n0\r\n\r\n"), 400},
        {"a folded trailer", with(chunked, "0\r\nA: b\r\n c\r\n\r\n"), 400},
        {"a trailer with a length", with(chunked, "0\r\nContent-Length: 5\r\n\r\n"), 400},
        {"a trailer without a name", with(chunked, "0\r\n: c\r\n\r\n"), 400},
    };
}

/// What the parser says of bytes that come `step` at a time.
int read_in_steps(std::string const& bytes, std::size_t step, http::Request& request) {
    http::serving::RequestParser parser{request, 8192, 16384, 1'000'000};
    std::string waiting;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
        waiting += bytes.substr(at, step);
        while (!waiting.empty()) {
            auto const used = parser.read(waiting);
            waiting.erase(0, used);
            if (parser.refusal()) return parser.refusal().status;
            if (parser.is_done()) {
                parser.flush_piece();
                return 200;
            }
            if (parser.needs_more()) break;
        }
    }
    return 0;
}

}  // namespace

TEST_CASE("it makes no difference in which slices a request comes", "[beast]") {
    for (auto const& row : rows())
        for (std::size_t step = 1; step <= row.bytes.size(); ++step) {
            INFO(row.what << ", in steps of " << step);
            http::Request request;
            CHECK(read_in_steps(row.bytes, step, request) == row.status);
        }
    std::string const head = "POST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    std::vector<std::pair<std::string, std::string>> const chunks{
        {"0\r\n\r\n", ""},
        {"000\r\n\r\n", ""},
        {"0;a=b\r\nT: u\r\n\r\n", ""},
        {"1\r\na\r\n0\r\n\r\n", "a"},
        {"5;x=\"y z\"\r\nhello\r\n00a\r\n, \r\nworld!\r\n0\r\nA: b\r\nC:\r\n\r\n", "hello, \r\nworld!"},
    };
    for (auto const& [bytes, body] : chunks)
        for (std::size_t step = 1; step <= head.size() + bytes.size(); ++step) {
            INFO(bytes << ", in steps of " << step);
            http::Request request;
            CHECK(read_in_steps(head + bytes, step, request) == 200);
            CHECK(request.target == "/p");
            CHECK(request.fields.size() == 2);
            CHECK(request.body.text() == body);
        }
}

TEST_CASE("what is malformed, or could be read in two ways, is refused with a problem document and closed", "[beast]") {
    std::atomic<int> calls{0};
    Served const served{[&](http::Request request, http::Respond respond) {
        ++calls;
        echo(std::move(request), std::move(respond));
    }};
    for (auto const& row : rows()) {
        for (bool const at_once : {true, false}) {
            INFO(row.what << (at_once ? ", at once" : ", byte by byte"));
            auto client = served.client();
            if (at_once)
                client.send(row.bytes);
            else
                for (char const c : row.bytes)
                    if (!client.send({&c, 1})) break;
            auto const answer = client.answer();
            CHECK(answer.status == row.status);
            CHECK(answer.field("Connection") == "close");
            CHECK(answer.field("Content-Type") == "application/problem+json");
            CHECK(answer.body.starts_with(R"({"type":"about:blank","title":")"));
            CHECK(answer.body.find(R"("status":)" + std::to_string(row.status) + ",") != std::string::npos);
            CHECK(answer.body.find(R"("detail":")") != std::string::npos);
            CHECK(answer.whole);
            CHECK(client.is_closed());
        }
    }
    CHECK(calls == 0);
}

TEST_CASE("a Content-Length that says too much is refused when the client's end comes", "[beast]") {
    Served const served{echo};
    auto client = served.client();
    client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhello");
    client.send_end();
    CHECK(client.answer().status == 400);
    CHECK(client.is_closed());
}

TEST_CASE("a Content-Length that says too little leaves a rest that is no request", "[beast]") {
    Served const served{echo};
    auto client = served.client();
    client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nhello\r\n");
    CHECK(client.answer().body == "POST / hel");
    CHECK(client.answer().status == 400);
    CHECK(client.is_closed());
}

TEST_CASE("a request that ends in its head or its chunks is refused", "[beast]") {
    Served const served{echo};
    for (auto const* bytes : {"G", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: h\r\n",
                              "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"}) {
        auto client = served.client();
        client.send(bytes);
        client.send_end();
        CHECK(client.answer().status == 400);
        CHECK(client.is_closed());
    }
    auto client = served.client();
    client.send_end();
    CHECK(client.is_closed());
}

TEST_CASE("a good request before a bad one is answered first", "[beast]") {
    Held held;
    Served const served{held.handler()};
    auto client = served.client();
    client.send(get("/good") + "bad\r\n\r\n");
    auto const [target, respond] = held.take();
    CHECK(target == "/good");
    respond({200, "text/plain", "good"});
    CHECK(client.answer().body == "good");
    CHECK(client.answer().status == 400);
    CHECK(client.is_closed());
}
