// SPDX-License-Identifier: BSL-1.0

#include "support.hpp"

#include <set>

using namespace beast_test;

TEST_CASE("a request is answered with what its handler says", "[beast]") {
    auto const threads = GENERATE(1, 3);
    Served const served{echo, {.executor_is_serial = threads == 1}, threads};
    auto const answer = served.ask(get("/a?b=c"));
    CHECK(answer.status == 200);
    CHECK(answer.body == "GET /a?b=c ");
    CHECK(answer.whole);
    CHECK(answer.field("Content-Type") == "text/plain");
    CHECK(answer.field("Content-Length") == "11");
    CHECK(answer.field("Date").ends_with(" GMT"));
    CHECK(answer.field("Date").size() == 29);
    CHECK(answer.field("Server") == "(none)");
    CHECK(answer.field("Connection") == "(none)");
}

TEST_CASE("a request carries its fields in their order and the address of who asks", "[beast]") {
    std::promise<http::Request> seen;
    Served const served{[&](http::Request request, http::Respond respond) {
        seen.set_value(std::move(request));
        respond({});
    }};
    served.ask(get("/", "B: 1\r\nA:  two words \t\r\nB: 3\r\nEmpty:\r\n"));
    auto const request = seen.get_future().get();
    REQUIRE(request.fields.size() == 5);
    CHECK(request.fields.find("a") == "two words");
    CHECK(request.fields.find("b") == "1");
    CHECK(request.fields.count("b") == 2);
    CHECK(request.fields.find("empty") == "");
    CHECK(request.peer.starts_with("127.0.0.1:"));
}

TEST_CASE("a connection stays for further requests", "[beast]") {
    Served const served{echo};
    auto client = served.client();
    for (int i = 0; i < 20; ++i) {
        auto const answer = client.ask(get("/" + std::to_string(i)));
        CHECK(answer.body == "GET /" + std::to_string(i) + " ");
    }
    CHECK(client.ask(post("body")).body == "POST / body");
    CHECK(client.ask(get("/last")).body == "GET /last ");
}

TEST_CASE("pipelined requests are answered in their order, one at a time", "[beast]") {
    Held held;
    Served const served{held.handler()};
    auto client = served.client();
    client.send(get("/1") + get("/2") + post("three") + get("/4"));
    for (auto const* expected : {"/1", "/2", "/", "/4"}) {
        auto const [target, respond] = held.take();
        CHECK(target == expected);
        CHECK(held.size() == 0);
        respond({200, "text/plain", target});
        CHECK(client.answer().body == expected);
    }
}

TEST_CASE("many pipelined requests are all answered", "[beast]") {
    Served const served{echo};
    auto client = served.client();
    std::string all;
    for (int i = 0; i < 2000; ++i) all += get("/" + std::to_string(i));
    std::thread sender{[&] { client.send(all); }};
    int right = 0;
    for (int i = 0; i < 2000; ++i) right += client.answer().body == "GET /" + std::to_string(i) + " ";
    sender.join();
    CHECK(right == 2000);
}

TEST_CASE("a request may come byte by byte", "[beast]") {
    Served const served{echo};
    auto client = served.client();
    for (auto const& request :
         {get("/slow"), post("a body"),
          "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n"
          "0\r\nTrailer: t\r\n\r\n"s,
          "POST /d HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"s})
        for (char const c : request) client.send({&c, 1});
    CHECK(client.answer().body == "GET /slow ");
    CHECK(client.answer().body == "POST / a body");
    CHECK(client.answer().body == "POST /c abcde");
    CHECK(client.answer().body == "POST /d ");
}

TEST_CASE("HEAD is answered like GET without the body", "[beast]") {
    Served const served{echo};
    auto client = served.client();
    client.send("HEAD /h HTTP/1.1\r\nHost: h\r\n\r\n" + get("/next"));
    auto const head = client.answer(true);
    CHECK(head.status == 200);
    CHECK(head.field("Content-Length") == "8");
    CHECK(client.answer().body == "GET /next ");
}

TEST_CASE("an answer whose status has no body has none, and no length", "[beast]") {
    auto const status = GENERATE(204, 304);
    Served const served{always([&] { return http::Response{status, "text/plain", "not to be sent"}; })};
    auto client = served.client();
    client.send(get("/") + get("/"));
    for (int i = 0; i < 2; ++i) {
        auto const answer = client.answer();
        CHECK(answer.status == status);
        CHECK(answer.field("Content-Length") == "(none)");
    }
}

TEST_CASE("who asks to close is answered and closed", "[beast]") {
    Served const served{echo};
    auto client = served.client();
    auto const answer = client.ask(get("/", "Connection: x, Close\r\n"));
    CHECK(answer.body == "GET / ");
    CHECK(answer.field("Connection") == "close");
    CHECK(client.is_closed());
}

TEST_CASE("a handler may have the connection closed", "[beast]") {
    Served const served{always([] {
        http::Response response{200, "text/plain", "bye"};
        response.fields.add("connection", "Close");
        return response;
    })};
    auto client = served.client();
    auto const answer = client.ask(get("/"));
    CHECK(answer.body == "bye");
    CHECK(answer.fields.count("Connection") == 1);
    CHECK(client.is_closed());
}

TEST_CASE("a client of HTTP/1.0 is answered and closed, unless it asks to stay", "[beast]") {
    Served const served{echo};
    auto client = served.client();
    auto const kept = client.ask("GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    CHECK(kept.body == "GET /1 ");
    CHECK(kept.field("Connection") == "keep-alive");
    auto const last = client.ask("GET /2 HTTP/1.0\r\n\r\n");
    CHECK(last.body == "GET /2 ");
    CHECK(last.field("Connection") == "close");
    CHECK(client.is_closed());
}

TEST_CASE("who sends its end after a request still gets the answer", "[beast]") {
    Held held;
    Served const served{held.handler()};
    auto client = served.client();
    client.send(get("/"));
    client.send_end();
    held.take().second({200, "text/plain", "here"});
    CHECK(client.answer().body == "here");
    CHECK(client.is_closed());
}

TEST_CASE("a body comes in pieces of up to 64 KiB", "[beast]") {
    std::promise<http::Body> seen;
    Served const served{[&](http::Request request, http::Respond respond) {
        seen.set_value(std::move(request.body));
        respond({});
    }};
    std::string text;
    for (int i = 0; text.size() < 1'000'000; ++i) text += std::to_string(i) + ",";
    bool const chunked = GENERATE(false, true);
    auto client = served.client();
    if (chunked) {
        client.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n");
        for (std::size_t at = 0, size = 1; at < text.size(); at += size, size = size * 3 + 1) {
            size = std::min(size, text.size() - at);
            char length[32];
            std::snprintf(length, sizeof length, "%zX\r\n", size);
            client.send(length);
            client.send(text.substr(at, size) + "\r\n");
        }
        client.send("0\r\n\r\n");
    } else {
        client.send(post(text));
    }
    CHECK(client.answer().status == 200);
    auto body = seen.get_future().get();
    CHECK(body.size() == text.size());
    CHECK((body.text() == text));
    while (!body.empty()) CHECK(body.take_piece().size() <= std::size_t{64} << 10);
}

TEST_CASE("a large answer comes whole", "[beast]") {
    std::string const text(20'000'000, 'x');
    Served const served{always([&] { return http::Response{200, "text/plain", text}; })};
    auto client = served.client();
    CHECK((client.ask(get("/")).body == text));
    CHECK((client.ask(get("/")).body == text));
}

TEST_CASE("the whole URL as a target is as good as its path", "[beast]") {
    Served const served{echo};
    auto client = served.client();
    CHECK(client.ask("GET http://h:80/a?b HTTP/1.1\r\nHost: h:80\r\n\r\n").body == "GET /a?b ");
    CHECK(client.ask("GET http://h:80 HTTP/1.1\r\nHost: h:80\r\n\r\n").body == "GET / ");
    CHECK(client.ask("GET HTTP://h:80?q HTTP/1.1\r\nHost: H:80\r\n\r\n").body == "GET /?q ");
    CHECK(client.ask("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n").body == "OPTIONS * ");
    CHECK(client.ask("GET http://other/ HTTP/1.1\r\nHost: h:80\r\n\r\n").status == 400);
}

TEST_CASE("empty lines before a request are passed over, a few of them", "[beast]") {
    Served const served{echo};
    auto client = served.client();
    CHECK(client.ask("\r\n" + get("/1")).body == "GET /1 ");
    CHECK(client.ask("\r\n\r\n" + get("/2")).body == "GET /2 ");
    CHECK(client.ask("\r\n\r\n\r\n" + get("/3")).status == 400);
    CHECK(client.is_closed());
}

TEST_CASE("a handler's own Date stays, and the server may have a name", "[beast]") {
    Served const served{always([] {
                            http::Response response{200, "text/plain", ""};
                            response.fields.add("Date", "Sun, 06 Nov 1994 08:49:37 GMT");
                            response.fields.add("Content-Length", "77");
                            response.fields.add("Transfer-Encoding", "chunked");
                            return response;
                        }),
                        {.server_name = "annotations"}};
    auto const answer = served.ask(get("/"));
    CHECK(answer.field("Date") == "Sun, 06 Nov 1994 08:49:37 GMT");
    CHECK(answer.fields.count("Date") == 1);
    CHECK(answer.field("Server") == "annotations");
    CHECK(answer.field("Content-Length") == "0");
    CHECK(answer.fields.count("Content-Length") == 1);
    CHECK(answer.field("Transfer-Encoding") == "(none)");
}

TEST_CASE("a server listens at several addresses", "[beast]") {
    Served served{echo};
    auto const second = served.server->listen("127.0.0.1", 0);
    CHECK(Client{second.port()}.ask(get("/2")).body == "GET /2 ");
    CHECK(served.ask(get("/1")).body == "GET /1 ");
    CHECK_THROWS_AS(served.server->listen("127.0.0.1", second.port()), batchpace::net_system_error);
    CHECK_THROWS_AS(served.server->listen("no address", 0), batchpace::net_system_error);
}
