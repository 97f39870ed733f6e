// SPDX-License-Identifier: BSL-1.0

#include "support.hpp"

using namespace beast_test;

namespace {

std::string numbered(int i, int last) { return i < last ? "piece " + std::to_string(i) + "\n" : ""; }
std::string all_of(int last) {
    std::string all;
    for (int i = 0; i < last; ++i) all += numbered(i, last);
    return all;
}

}  // namespace

TEST_CASE("a stream is sent in chunks, and the connection stays", "[beast]") {
    auto const threads = GENERATE(1, 3);
    Served const served{
        always([] { return streamed(std::make_shared<Spring>([](int i) { return numbered(i, 300); })); }),
        {.executor_is_serial = threads == 1},
        threads};
    auto client = served.client();
    for (int i = 0; i < 3; ++i) {
        auto const answer = client.ask(get("/"));
        CHECK(answer.field("Transfer-Encoding") == "chunked");
        CHECK(answer.field("Content-Length") == "(none)");
        CHECK(answer.whole);
        CHECK(answer.body == all_of(300));
    }
}

TEST_CASE("head and pieces of a stream are on their way at once, one asked for after the other", "[beast]") {
    auto const tap = std::make_shared<Tap>();
    Served const served{always([&] { return streamed(tap); })};
    auto client = served.client();
    client.send(get("/events"));
    CHECK(client.read_to("\r\n\r\n").starts_with("HTTP/1.1 200 OK\r\n"));
    for (int i = 0; i < 10; ++i) {
        auto const deliver = tap->take();
        CHECK(tap->asked() == i + 1);
        deliver("x");
        deliver("twice");
        CHECK(client.chunk() == "x");
    }
    tap->give("");
    CHECK(client.chunk() == "");
    CHECK(tap->asked() == 11);
    CHECK(tap->stopped() == 0);
    CHECK_FALSE(tap->finished());
}

TEST_CASE("a client of HTTP/1.0 gets a stream up to the end of the connection", "[beast]") {
    Served const served{
        always([] { return streamed(std::make_shared<Spring>([](int i) { return numbered(i, 100); })); })};
    auto client = served.client();
    auto const answer = client.ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    CHECK(answer.field("Transfer-Encoding") == "(none)");
    CHECK(answer.field("Connection") == "close");
    CHECK(answer.body == all_of(100));
    CHECK(answer.whole);
}

TEST_CASE("a stream may promise its length", "[beast]") {
    std::string length = std::to_string(all_of(100).size());
    Served const served{always([&] {
        return streamed(std::make_shared<Spring>([](int i) { return numbered(i, 100); }), {{"Content-Length", length}});
    })};
    SECTION("and keep it") {
        auto client = served.client();
        for (auto const* version : {"1.1", "1.0"}) {
            auto const answer = client.ask("GET / HTTP/"s + version + "\r\nHost: h\r\nConnection: keep-alive\r\n\r\n");
            CHECK(answer.field("Transfer-Encoding") == "(none)");
            CHECK(answer.field("Content-Length") == length);
            CHECK(answer.fields.count("Content-Length") == 1);
            CHECK(answer.body == all_of(100));
        }
    }
    SECTION("and say less") {
        length = "100000";
        auto client = served.client();
        auto const answer = client.ask(get("/"));
        CHECK(answer.status == 200);
        CHECK_FALSE(answer.whole);
        CHECK(client.is_gone());
    }
    SECTION("and say more, which is never sent") {
        length = "20";
        auto client = served.client();
        auto const answer = client.ask(get("/"));
        CHECK_FALSE(answer.whole);
        CHECK(answer.body.size() <= 20);
        CHECK(client.is_gone());
    }
    SECTION("and say more at once") {
        length = "2";
        CHECK(served.ask(get("/")).status == 500);
    }
    SECTION("or something that is no length") {
        length = "many";
        CHECK(served.ask(get("/")).field("Transfer-Encoding") == "chunked");
    }
}

TEST_CASE("a stream is not asked for anything where nothing of it is to be sent", "[beast]") {
    auto const tap = std::make_shared<Tap>();
    int status = 200;
    Served const served{always([&] {
        auto response = streamed(tap, {{"Content-Length", "55"}});
        response.status = status;
        return response;
    })};
    auto client = served.client();
    SECTION("for HEAD") {
        client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
        CHECK(client.answer(true).field("Content-Length") == "55");
    }
    SECTION("for HEAD of HTTP/1.0") {
        client.send("HEAD / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        CHECK(client.answer(true).status == 200);
    }
    SECTION("for 304") {
        status = 304;
        CHECK(client.ask(get("/")).status == 304);
    }
    CHECK(tap->stopped() == 1);
    CHECK(tap->asked() == 0);
    status = 204;
    CHECK(client.ask(get("/")).status == 204);
}

TEST_CASE("a client that leaves is noticed while its stream has nothing to say", "[beast]") {
    auto const tap = std::make_shared<Tap>();
    Served const served{always([&] { return streamed(tap); })};
    auto client = served.client();
    client.send(get("/events"));
    client.read_to("\r\n\r\n");
    tap->give("x");
    CHECK(client.chunk() == "x");
    auto const owed = tap->take();
    auto const how = GENERATE(0, 1, 2);
    if (how == 0) client.leave();
    if (how == 1) client.reset();
    if (how == 2) client.send_end();
    CHECK(eventually([&] { return tap->stopped() == 1; }));
    CHECK(eventually([&] { return served.server->connections() == 0; }));
    owed("too late");
    CHECK(tap->asked() == 2);
    CHECK(tap->stopped() == 1);
}

TEST_CASE("what a client sends during a stream is its next request", "[beast]") {
    auto const tap = std::make_shared<Tap>();
    Served const served{[&](http::Request request, http::Respond respond) {
        if (request.target == "/events") return respond(streamed(tap));
        echo(std::move(request), std::move(respond));
    }};
    auto client = served.client();
    SECTION("whole") {
        client.send(get("/events") + get("/1"));
        client.read_to("\r\n\r\n");
        client.send(post("body"));
        tap->give("");
        CHECK(client.chunk() == "");
        CHECK(client.answer().body == "GET /1 ");
        CHECK(client.answer().body == "POST / body");
    }
    SECTION("its rest when the stream is over") {
        client.send(get("/events"));
        client.read_to("\r\n\r\n");
        auto const request = post("body");
        client.send(request.substr(0, request.size() - 2));
        tap->give("");
        CHECK(client.chunk() == "");
        client.send(request.substr(request.size() - 2));
        CHECK(client.answer().body == "POST / body");
        CHECK(client.ask(get("/2")).body == "GET /2 ");
    }
    SECTION("a large one, of which little is held") {
        std::string const large(4'000'000, 'x');
        client.send(get("/events"));
        client.read_to("\r\n\r\n");
        std::thread sender{[&] { client.send(post(large)); }};
        tap->give("x");
        CHECK(client.chunk() == "x");
        tap->give("");
        CHECK(client.chunk() == "");
        CHECK((client.answer().body == "POST / " + large));
        sender.join();
    }
}

TEST_CASE("a stream that throws is cut, or answered for where nothing has been sent", "[beast]") {
    auto const when = GENERATE(0, 1, 5);
    auto const stream = std::make_shared<Spring>([=](int i) {
        if (i == when) throw std::runtime_error{"secret"};
        return numbered(i, 100);
    });
    Served const served{always([&] { return streamed(stream); })};
    auto client = served.client();
    auto const answer = client.ask(get("/"));
    CHECK(answer.status == (when == 0 ? 500 : 200));
    CHECK(answer.whole == (when == 0));
    CHECK(answer.body.find("secret") == std::string::npos);
    CHECK(stream->stopped == 1);
}

TEST_CASE("a stream that drops what it owes is cut", "[beast]") {
    auto const tap = std::make_shared<Tap>();
    Served const served{always([&] { return streamed(tap); })};
    auto client = served.client();
    client.send(get("/"));
    client.read_to("\r\n\r\n");
    tap->give("x");
    CHECK(client.chunk() == "x");
    tap->take();
    CHECK(client.chunk() == std::nullopt);
    CHECK(tap->stopped() == 1);
}

TEST_CASE("a stream's pieces may come from any thread, and in any size", "[beast]") {
    class Threads : public http::BodyStream {
    public:
        ~Threads() override { join(); }
        void next(Deliver deliver) override {
            join();
            auto const size = count_ < 200 ? static_cast<std::size_t>(1 + count_ * 700) : 0;
            ++count_;
            thread_ = std::thread{[deliver = std::move(deliver), size] { deliver(std::string(size, 'x')); }};
        }
        void finish() override {}
        void stop() noexcept override {}

    private:
        void join() {
            if (thread_.joinable()) thread_.join();
        }
        int count_ = 0;
        std::thread thread_;
    };
    auto const stream = std::make_shared<Threads>();
    Served const served{always([&] { return streamed(stream); })};
    auto const answer = served.ask(get("/"));
    CHECK(answer.whole);
    CHECK(answer.body.size() == 200 + 700 * 199 * 100);
}

TEST_CASE("an empty stream is an empty body", "[beast]") {
    Served const served{always([] { return streamed(std::make_shared<Spring>([](int) { return ""; })); })};
    auto client = served.client();
    for (int i = 0; i < 2; ++i) {
        auto const answer = client.ask(get("/"));
        CHECK(answer.whole);
        CHECK(answer.body.empty());
    }
}
