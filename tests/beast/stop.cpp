// SPDX-License-Identifier: BSL-1.0

#include "support.hpp"

using namespace beast_test;

TEST_CASE("a stop closes who waits, lets the others be answered and takes nobody new", "[beast]") {
    Held held;
    Served served{held.handler()};
    auto fresh = served.client();
    auto idle = served.client();
    auto asking = served.client();
    auto half = served.client();
    idle.send(get("/idle"));
    held.take().second({200, "text/plain", "idle"});
    CHECK(idle.answer().field("Connection") == "(none)");
    asking.send(get("/asking") + get("/pipelined"));
    auto const respond = held.take().second;
    half.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    CHECK(half.answer().status == 100);
    CHECK(eventually([&] { return served.server->connections() == 4; }));

    auto stopped = served.stop(1h);
    CHECK(fresh.is_closed());
    CHECK(idle.is_closed());
    CHECK(eventually([&] {
        try {
            served.client();
            return false;
        } catch (std::runtime_error const&) {
            return true;
        }
    }));
    CHECK_THROWS_AS(served.server->listen("127.0.0.1", 0), batchpace::net_system_error);
    CHECK(stopped.wait_for(0s) == std::future_status::timeout);

    respond({200, "text/plain", "asked"});
    auto const answer = asking.answer();
    CHECK(answer.body == "asked");
    CHECK(answer.field("Connection") == "close");
    CHECK(asking.is_closed());
    half.send("hello");
    held.take().second({200, "text/plain", "whole"});
    CHECK(half.answer().field("Connection") == "close");
    CHECK(half.is_closed());
    asking.leave();
    half.leave();
    CHECK(comes(stopped));
    CHECK(served.server->connections() == 0);
    CHECK(held.size() == 0);
}

TEST_CASE("a stop asks streams to finish and lets them say their last", "[beast]") {
    auto const begun = std::make_shared<Tap>();
    auto const late = std::make_shared<Tap>();
    Held held;
    Served served{held.handler()};
    auto client = served.client();
    client.send(get("/events"));
    held.take().second(streamed(begun));
    client.read_to("\r\n\r\n");
    auto other = served.client();
    other.send(get("/events"));
    auto const respond = held.take().second;

    auto stopped = served.stop(1h);
    CHECK(eventually([&] { return begun->finished(); }));
    respond(streamed(late));
    CHECK(eventually([&] { return late->finished(); }));
    CHECK(other.read_to("\r\n\r\n").find("Connection: close\r\n") != std::string::npos);
    for (auto const& [tap, reader] : {std::pair{begun, &client}, std::pair{late, &other}}) {
        tap->give("goodbye");
        CHECK(reader->chunk() == "goodbye");
        tap->give("");
        CHECK(reader->chunk() == "");
        CHECK(reader->is_closed());
        reader->leave();
        CHECK(tap->stopped() == 0);
    }
    CHECK(comes(stopped));
}

TEST_CASE("what is not done at the deadline of a stop is closed as it is", "[beast]") {
    auto const tap = std::make_shared<Tap>();
    Held held;
    Served served{held.handler()};
    auto client = served.client();
    client.send(get("/events"));
    held.take().second(streamed(tap));
    client.read_to("\r\n\r\n");
    auto asking = served.client();
    asking.send(get("/"));
    auto const respond = held.take().second;
    auto const deadline = GENERATE(0ms, 100ms);
    auto stopped = served.stop(deadline);
    CHECK(client.is_gone());
    CHECK(asking.is_gone());
    CHECK_THROWS_AS(comes(stopped), boost::system::system_error);
    CHECK(tap->stopped() == 1);
    CHECK(served.server->connections() == 0);
    respond({200, "text/plain", "nobody reads this"});
}

TEST_CASE("a server may be stopped twice, when nothing is served, and before it listens", "[beast]") {
    Served served{echo};
    served.ask(get("/"));
    auto one = served.stop(1h);
    auto two = served.stop(1min);
    CHECK(comes(one));
    CHECK(comes(two));
    auto three = served.stop(1h);
    CHECK(comes(three));
    http::BeastServer never{served.loop.get_executor(), echo};
    auto four = never.async_stop(1h, boost::asio::use_future);
    CHECK(comes(four));
}

TEST_CASE("a stop with no end waits as long as it takes", "[beast]") {
    Held held;
    Served served{held.handler()};
    auto client = served.client();
    client.send(get("/"));
    auto const respond = held.take().second;
    auto stopped = served.stop(std::chrono::nanoseconds::max());
    respond({200, "text/plain", "done"});
    CHECK(client.answer().body == "done");
    client.leave();
    CHECK(comes(stopped));
}

TEST_CASE("a server may be destroyed with connections in every state", "[beast]") {
    for (int round = 0; round < 20; ++round) {
        auto const tap = std::make_shared<Tap>();
        Held held;
        Served served{held.handler()};
        std::vector<Client> clients;
        for (int i = 0; i < 6; ++i) clients.push_back(served.client());
        clients[0].send("GET /");
        clients[1].send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nx");
        clients[2].send(get("/"));
        auto const respond = held.take().second;
        clients[3].send(get("/"));
        held.take().second(streamed(tap));
        clients[4].send(get("/"));
        std::thread late{[answer = held.take().second] { answer({200, "text/plain", "late"}); }};
        auto stopped = round % 2 == 0 ? served.stop(1h) : std::future<void>{};
        served.server.reset();
        late.join();
        respond({200, "text/plain", "nobody reads this"});
        for (auto& client : clients) CHECK(client.is_gone());
        if (stopped.valid()) CHECK(comes(stopped));
        CHECK(eventually([&] { return tap->stopped() == 1; }));
    }
}
