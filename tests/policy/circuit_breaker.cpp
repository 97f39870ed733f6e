// SPDX-License-Identifier: BSL-1.0
#include <batchpace/policy/circuit_breaker.hpp>

#include "../catch.hpp"

#include <string>
#include <system_error>

using batchpace::CircuitBreaker;
using batchpace::time_point;
using State = CircuitBreaker::State;
using namespace std::chrono_literals;

namespace {
constexpr time_point start{1h};
}

TEST_CASE("a breaker opens when too many of the latest calls failed, not before it can tell", "[policy][circuit_breaker]") {
    CircuitBreaker breaker{{.failure_rate = 0.5, .window = 10, .minimum = 4}};
    CHECK(breaker.cap(start) == 0);
    CHECK_FALSE(breaker.failed(start));
    CHECK_FALSE(breaker.failed(start));
    CHECK_FALSE(breaker.failed(start));
    CHECK(breaker.state(start) == State::closed);
    CHECK(breaker.failed(start));
    CHECK(breaker.state(start) == State::open);
    CHECK(breaker.cap(start) == -1);
    CHECK(breaker.until() == start + 30s);
    CHECK_FALSE(breaker.failed(start));  // already
}

TEST_CASE("only the latest calls count", "[policy][circuit_breaker]") {
    CircuitBreaker breaker{{.failure_rate = 0.5, .window = 10, .minimum = 10}};
    for (int i = 0; i < 4; ++i) CHECK_FALSE(breaker.failed(start));
    breaker.succeeded(start, 6);
    breaker.succeeded(start, 4);  // the four failures are out of the window
    for (int i = 0; i < 4; ++i) CHECK_FALSE(breaker.failed(start));
    CHECK(breaker.failed(start));

    CircuitBreaker many{{.failure_rate = 0.01, .window = 10, .minimum = 10}};
    many.succeeded(start, 1'000'000'000);  // takes no longer than a window
    CHECK(many.failed(start));
}

TEST_CASE("half open it lets its probes through and closes when they succeed", "[policy][circuit_breaker]") {
    CircuitBreaker breaker{{.window = 1, .minimum = 1, .open_for = 10s, .probes = 2}};
    CHECK(breaker.failed(start));
    CHECK_FALSE(breaker.succeeded(start + 9s, 5));  // sent before it opened
    CHECK(breaker.state(start + 10s - 1ns) == State::open);
    CHECK(breaker.state(start + 10s) == State::half_open);
    CHECK(breaker.cap(start + 10s) == 2);
    CHECK_FALSE(breaker.succeeded(start + 10s, 1));
    CHECK(breaker.succeeded(start + 11s, 1));
    CHECK(breaker.state(start + 11s) == State::closed);
}

TEST_CASE("each time that a probe fails it stays open for twice as long", "[policy][circuit_breaker]") {
    CircuitBreaker breaker{{.window = 1, .minimum = 1, .open_for = 10s, .open_at_most = 30s}};
    auto now = start;
    CHECK(breaker.failed(now));
    for (auto const expected : {20s, 30s, 30s}) {
        now = breaker.until();
        CHECK(breaker.failed(now));
        CHECK(breaker.until() == now + expected);
    }
    now = breaker.until();
    CHECK(breaker.succeeded(now, 1));
    CHECK(breaker.failed(now));
    CHECK(breaker.until() == now + 10s);  // it begins anew
}

TEST_CASE("a breaker that cannot be is refused by name", "[policy][circuit_breaker]") {
    auto const text = [](CircuitBreaker::Options const& options) -> std::string {
        try {
            CircuitBreaker{options};
        } catch (std::system_error const& e) {
            CHECK(e.code() == batchpace::error::invalid_option);
            return e.what();
        }
        return {};
    };
    auto const has = [](std::string const& what, char const* name) { return what.find(name) != std::string::npos; };
    CHECK(has(text({.failure_rate = 0}), "failure_rate"));
    CHECK(has(text({.window = 0}), "window"));
    CHECK(has(text({.window = 10, .minimum = 11}), "minimum"));
    CHECK(has(text({.open_for = 0s}), "open_for"));
    CHECK(has(text({.open_for = 10s, .open_at_most = 9s}), "open_at_most"));
    CHECK(has(text({.probes = 0}), "probes"));
}
