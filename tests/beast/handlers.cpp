// SPDX-License-Identifier: BSL-1.0

#include "support.hpp"

using namespace beast_test;

TEST_CASE("a handler that throws is answered for", "[beast]") {
    std::atomic<int> calls{0};
    Served const served{[&](http::Request, http::Respond respond) {
        if (++calls == 1) throw std::runtime_error{"secret"};
        if (calls == 2) throw 5;
        respond({200, "text/plain", "fine"});
        throw std::runtime_error{"after the answer"};
    }};
    auto client = served.client();
    for (int i = 0; i < 2; ++i) {
        auto const answer = client.ask(get("/"));
        CHECK(answer.status == 500);
        CHECK(answer.field("Content-Type") == "application/problem+json");
        CHECK(answer.body.find("secret") == std::string::npos);
        CHECK(answer.body.find(R"("status":500)") != std::string::npos);
    }
    CHECK(client.ask(get("/")).body == "fine");
    CHECK(client.ask(get("/")).body == "fine");
}

TEST_CASE("an answer with a field that breaks out of its line never leaves", "[beast]") {
    std::vector<http::Fields::Field> const fields{
        {"A", "b\r\nSet-Cookie: c"},
        {"A", "b\nc"},
        {"A", "b\rc"},
        {"A", "b\0c"s},
        {"A", "\x7f"},
        {"A\r\nB", "c"},
        {"A B", "c"},
        {"A:", "b"},
        {"", "b"},
        {"A\0"s, "b"},
    };
    for (auto const& field : fields) {
        Served const served{always([&] {
            http::Response response{200, "text/plain", "body"};
            response.fields.add(field.first, field.second);
            return response;
        })};
        auto client = served.client();
        client.send(get("/", "Connection: close\r\n"));
        auto const all = client.read_all();
        CHECK(all.starts_with("HTTP/1.1 500 Internal Server Error\r\n"));
        CHECK(all.find("Set-Cookie") == std::string::npos);
        CHECK(all.find('\0') == std::string::npos);
    }
}

TEST_CASE("an answer whose status is no final one never leaves", "[beast]") {
    for (auto const status : {-1, 0, 99, 100, 101, 199, 600, 1000}) {
        auto const stream = std::make_shared<Tap>();
        Served const served{always([&] {
            http::Response response{status, "text/plain", ""};
            response.stream = stream;
            return response;
        })};
        CHECK(served.ask(get("/")).status == 500);
        CHECK(stream->stopped() == 1);
    }
}

TEST_CASE("an answer may come later, from any thread", "[beast]") {
    std::mutex mutex;
    std::vector<std::thread> threads;
    {
        Served const served{[&](http::Request request, http::Respond respond) {
            std::lock_guard const lock{mutex};
            threads.emplace_back([request = std::move(request), respond = std::move(respond)]() mutable {
                echo(std::move(request), std::move(respond));
            });
        }};
        auto client = served.client();
        for (int i = 0; i < 50; ++i)
            CHECK(client.ask(get("/" + std::to_string(i))).body == "GET /" + std::to_string(i) + " ");
    }
    for (auto& thread : threads) thread.join();
}

TEST_CASE("the first answer counts", "[beast]") {
    Held held;
    Served const served{[&, first = true](http::Request request, http::Respond respond) mutable {
        if (!std::exchange(first, false)) return held.handler()(std::move(request), std::move(respond));
        respond({200, "text/plain", "one"});
        respond({200, "text/plain", "two"});
        auto copy = respond;
        copy({200, "text/plain", "three"});
    }};
    auto client = served.client();
    CHECK(client.ask(get("/1")).body == "one");
    client.send(get("/2"));
    auto const second = held.take().second;
    second({200, "text/plain", "four"});
    second({200, "text/plain", "five"});
    CHECK(client.answer().body == "four");
    // What comes late for the second is no answer to the third.
    client.send(get("/3"));
    auto const third = held.take().second;
    second({200, "text/plain", "six"});
    third({200, "text/plain", "seven"});
    CHECK(client.answer().body == "seven");
}

TEST_CASE("a handler that drops its answer is answered for", "[beast]") {
    Held held;
    Served const served{[&](http::Request request, http::Respond respond) {
        if (request.target == "/later") held.handler()(std::move(request), std::move(respond));
    }};
    auto client = served.client();
    CHECK(client.ask(get("/now")).status == 500);
    client.send(get("/later"));
    held.take();
    CHECK(client.answer().status == 500);
}

TEST_CASE("an answer for a client that has gone goes nowhere", "[beast]") {
    Held held;
    Served const served{held.handler()};
    for (int i = 0; i < 2; ++i) {
        auto client = served.client();
        client.send(get("/"));
        auto const respond = held.take().second;
        if (i == 0)
            client.leave();
        else
            client.reset();
        respond({200, "text/plain", std::string(10'000'000, 'x')});
        respond({200, "text/plain", "again"});
        CHECK(eventually([&] { return served.server->connections() == 0; }));
    }
    auto client = served.client();
    client.send(get("/"));
    held.take().second({200, "text/plain", "fine"});
    CHECK(client.answer().body == "fine");
}

TEST_CASE("an answer after the server, and after its loop, goes nowhere", "[beast]") {
    http::Respond kept;
    http::Respond dropped;
    auto const stream = std::make_shared<Tap>();
    {
        Held held;
        Served served{held.handler()};
        auto one = served.client();
        auto two = served.client();
        auto three = served.client();
        one.send(get("/"));
        kept = held.take().second;
        two.send(get("/"));
        dropped = held.take().second;
        three.send(get("/"));
        held.take().second(streamed(stream));
        three.read_to("\r\n\r\n");
        served.server.reset();
        kept({200, "text/plain", "nobody reads this"});
        CHECK(one.is_gone());
        CHECK(three.is_gone());
        CHECK(eventually([&] { return stream->stopped() == 1; }));
    }
    dropped({200, "text/plain", "nor this"});
    kept = nullptr;
    stream->give("a piece for nobody");
}

TEST_CASE("loop and server may be destroyed in either order", "[beast]") {
    Held held;
    auto const stream = std::make_shared<Tap>();
    std::optional<http::BeastServer> server;
    http::Respond waiting;
    {
        boost::asio::io_context loop;
        server.emplace(loop.get_executor(), held.handler());
        auto const port = server->listen("127.0.0.1", 0).port();
        Client idle{port};
        Client half{port};
        Client asking{port};
        Client streaming{port};
        half.send("GET / HT");
        asking.send(get("/"));
        while (held.size() < 1) loop.poll();
        waiting = held.take().second;
        streaming.send(get("/"));
        while (held.size() < 1) loop.poll();
        held.take().second(streamed(stream));
        while (stream->asked() < 1) loop.poll();
        server->async_stop(1h, [](auto) {});
        loop.poll();
    }
    CHECK(stream->stopped() == 1);
    waiting({200, "text/plain", "nobody reads this"});
    stream->give("a piece for nobody");
    server.reset();
}

TEST_CASE("an answer that was begun in the call and comes from another thread before it ends is taken", "[beast]") {
    Served const served{[](http::Request request, http::Respond respond) {
        std::thread{[&] { echo(std::move(request), respond); }}.join();
        throw std::runtime_error{"after the answer"};
    }};
    auto client = served.client();
    for (int i = 0; i < 20; ++i) CHECK(client.ask(get("/")).body == "GET / ");
}
