// SPDX-License-Identifier: BSL-1.0

#include "support.hpp"

#include <sys/resource.h>

using namespace beast_test;

namespace {

/// What the process may have open, for a while.
class FileLimit {
public:
    FileLimit() { ::getrlimit(RLIMIT_NOFILE, &before_); }
    ~FileLimit() { ::setrlimit(RLIMIT_NOFILE, &before_); }
    FileLimit(FileLimit const&) = delete;
    FileLimit& operator=(FileLimit const&) = delete;

    void set(rlim_t limit) {
        auto changed = before_;
        changed.rlim_cur = std::min(limit, before_.rlim_max);
        ::setrlimit(RLIMIT_NOFILE, &changed);
    }
    rlim_t most() const { return before_.rlim_max; }

private:
    rlimit before_{};
};

}  // namespace

TEST_CASE("two thousand connections that ask nothing do not keep others from being served", "[beast]") {
    FileLimit limit;
    limit.set(8000);
    if (limit.most() < 4100) return;  // client and server share the process
    Served const served{echo};
    std::vector<Client> idle;
    for (int i = 0; i < 2000; ++i) idle.push_back(served.client());
    CHECK(eventually([&] { return served.server->connections() == 2000; }));
    CHECK(served.ask(get("/")).status == 200);
    int served_too = 0;
    for (auto& client : idle) served_too += client.ask(get("/")).status == 200;
    CHECK(served_too == 2000);
    idle.clear();
    CHECK(eventually([&] { return served.server->connections() == 0; }));
}

TEST_CASE("beyond the most connections one is told so, and served when there is place", "[beast]") {
    Served const served{echo, {.max_connections = 3, .max_refused = 1000}};
    std::vector<Client> three;
    for (int i = 0; i < 3; ++i) {
        three.push_back(served.client());
        CHECK(three.back().ask(get("/")).status == 200);
    }
    for (int i = 0; i < 200; ++i) {
        auto client = served.client();
        auto const answer = client.ask(get("/"));
        CHECK(answer.status == 503);
        CHECK(answer.field("Connection") == "close");
        CHECK(client.is_closed());
    }
    CHECK(three[1].ask(get("/")).status == 200);
    three.pop_back();
    CHECK(eventually([&] { return served.server->connections() == 2; }));
    CHECK(served.ask(get("/")).status == 200);
}

TEST_CASE("those who are told that there is no place are bounded as well", "[beast]") {
    Served const served{echo, {.linger_timeout = 1h, .max_connections = 0, .max_refused = 2}};
    std::vector<Client> two;
    for (int i = 0; i < 2; ++i) {
        two.push_back(served.client());
        CHECK(two.back().answer().status == 503);
    }
    auto third = served.client();
    CHECK(third.answer().status == 0);
    CHECK(third.is_gone());
    two.clear();
    CHECK(eventually([&] { return served.client().answer().status == 503; }));
}

// Clang's UndefinedBehaviorSanitizer opens a pipe to look at an object's type, and calls it wrong where it cannot.
#if defined(__has_feature)
#if __has_feature(undefined_behavior_sanitizer)
#define BATCHPACE_NEEDS_DESCRIPTORS 1
#endif
#endif
#if !defined(BATCHPACE_NEEDS_DESCRIPTORS)
TEST_CASE("a process without file descriptors left goes on serving, and neither ends nor spins", "[beast]") {
    FileLimit limit;
    std::atomic<int> errors{0};
    std::atomic<bool> others{false};
    http::BeastOptions options;
    options.accept_backoff = 50ms;
    options.on_accept_error = [&](std::error_code code) {
        ++errors;
        if (code != std::errc::too_many_files_open) others = true;
    };
    Served const served{echo, options};
    auto first = served.client();
    CHECK(first.ask(get("/")).status == 200);
    // The clients have their sockets, the server cannot have any more; but one perhaps, for an accept that was just
    // about to fail.
    std::vector<Client> clients;
    for (int i = 0; i < 3; ++i) clients.emplace_back(Client::Unconnected{});
    auto const next = ::dup(0);
    limit.set(static_cast<rlim_t>(next) + 1);
    auto const begun = std::chrono::steady_clock::now();
    for (auto& client : clients) {
        client.connect(served.port);
        client.send(get("/waits"));
    }
    CHECK(eventually([&] { return errors >= 3; }));
    auto const took = std::chrono::steady_clock::now() - begun;
    CHECK(took >= 2 * 50ms);
    CHECK_FALSE(others);
    CHECK(first.ask(get("/")).status == 200);
    limit.set(limit.most());
    ::close(next);
    for (auto& client : clients) CHECK(client.answer().body == "GET /waits ");
}
#endif

TEST_CASE("many clients with many threads get each its own answers", "[beast]") {
    Served const served{echo, {}, 4};
    std::vector<std::thread> threads;
    std::atomic<int> right{0};
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            for (int c = 0; c < 10; ++c) {
                auto client = served.client();
                for (int i = 0; i < 50; ++i) {
                    auto const text = std::to_string(t) + "/" + std::to_string(c) + "/" + std::to_string(i);
                    right += client.ask(post(text)).body == "POST / " + text;
                }
            }
        });
    for (auto& thread : threads) thread.join();
    CHECK(right == 2000);
}

TEST_CASE("a connection keeps little memory after a large request", "[beast]") {
    // Not measured but asked for: the buffer's own promise.
    batchpace::http::serving::InputBuffer buffer;
    std::size_t held = 0;
    while (auto const room = buffer.make_room(100'000)) {
        std::fill_n(buffer.room(), room, 'x');
        buffer.commit(room);
        held += room;
    }
    CHECK(held == 100'000);
    CHECK(buffer.data() == std::string(100'000, 'x'));
    buffer.consume(99'999);
    buffer.shrink();
    CHECK(buffer.data() == "x");
    CHECK(buffer.make_room(10) > 0);
    buffer.consume(1);
    buffer.shrink();
    CHECK(buffer.make_room(100'000) == batchpace::http::serving::InputBuffer::small);
}
