// SPDX-License-Identifier: BSL-1.0
#include <batchpace/engine/scope.hpp>

#include <batchpace/policy/token_bucket.hpp>

#include "../catch.hpp"

#include <chrono>
#include <memory>

using batchpace::duration;
using batchpace::SlidingWindow;
using batchpace::time_point;
using batchpace::WaitingFor;
using batchpace::engine::AnyLimiter;
using batchpace::engine::Scope;
using namespace std::chrono_literals;
using Reason = WaitingFor::Reason;

namespace {

time_point at(duration d) { return time_point{1h} + d; }

// Scopes are on the heap here: where GCC 12 sees the whole life of an empty limit, it warns of its members.

}  // namespace

TEST_CASE("a scope without limits is open and free", "[engine][scope]") {
    auto const held_root = std::make_unique<Scope>(Scope::Level::processor, nullptr);
    auto& root = *held_root;
    CHECK(root.gate(at(0s)).open_at(at(0s)));
    CHECK(root.free(at(0s)));
    CHECK(root.may_stamp(at(0s)));
    CHECK_FALSE(root.last_of(at(0s), 5));
    CHECK(root.engaged() == 0);
    CHECK(root.pending() == 0);
    CHECK(root.parent() == nullptr);
}

TEST_CASE("paused, barred and closed scopes admit nothing and say why", "[engine][scope]") {
    auto const held_scope = std::make_unique<Scope>(Scope::Level::tenant, nullptr);
    auto& scope = *held_scope;
    scope.closed_until = at(10s);
    CHECK(scope.gate(at(0s)).reason == Reason::throttled);
    CHECK(scope.gate(at(0s)).opens == at(10s));
    CHECK_FALSE(scope.free(at(9s)));
    CHECK_FALSE(scope.may_stamp(at(9s)));
    CHECK(scope.gate(at(10s)).open_at(at(10s)));
    CHECK(scope.free(at(10s)));
    CHECK(scope.may_stamp(at(10s)));

    scope.barred = true;
    CHECK(scope.gate(at(0s)).reason == Reason::abandoned);
    CHECK(scope.gate(at(0s)).opens == time_point::max());
    CHECK_FALSE(scope.free(at(20s)));
    CHECK_FALSE(scope.may_stamp(at(20s)));
    scope.paused = true;
    CHECK(scope.gate(at(0s)).reason == Reason::paused);
    scope.barred = false;
    CHECK_FALSE(scope.free(at(20s)));
    CHECK_FALSE(scope.may_stamp(at(20s)));
}

TEST_CASE("limits of the scope and of the host must both admit", "[engine][scope]") {
    auto const held_scope = std::make_unique<Scope>(Scope::Level::processor, nullptr);
    auto& scope = *held_scope;
    scope.rate.emplace(2, 1min);
    scope.limiter = AnyLimiter::wrap(SlidingWindow{1, 10s});
    CHECK_FALSE(scope.free(at(0s)));
    CHECK(scope.gate(at(0s)).open_at(at(0s)));
    scope.take(at(0s));
    CHECK(scope.gate(at(1s)).opens == at(10s));
    CHECK(scope.gate(at(1s)).reason == Reason::rate);
    CHECK_FALSE(scope.may_stamp(at(1s)));
    CHECK(scope.may_stamp(at(10s)));
    scope.take(at(10s));
    CHECK(scope.gate(at(11s)).opens == at(60s));  // now it is the other one
    scope.give_back({at(10s), 1});
    CHECK(scope.gate(at(11s)).open_at(at(11s)));
    CHECK(scope.last_of(at(11s), 3) == at(71s));
    scope.closed_until = at(59s);
    scope.take(at(11s));
    CHECK(scope.gate(at(12s)).reason == Reason::rate);  // the later of the two
    scope.closed_until = at(61s);
    CHECK(scope.gate(at(12s)).reason == Reason::throttled);
}

TEST_CASE("a cap counts only at processor and tenant for the direct mode", "[engine][scope]") {
    auto const held_root = std::make_unique<Scope>(Scope::Level::processor, nullptr);
    auto& root = *held_root;
    auto const held_job = std::make_unique<Scope>(Scope::Level::job, &root);
    auto& job = *held_job;
    job.cap = 3;
    CHECK(job.free(at(0s)));
    root.cap = 3;
    CHECK_FALSE(root.free(at(0s)));
    CHECK(root.contains(job));
    CHECK(root.contains(root));
    CHECK_FALSE(job.contains(root));
}

TEST_CASE("a host's limiter keeps what it can do behind its mask", "[engine][scope]") {
    auto const window = AnyLimiter::wrap(SlidingWindow{500, 1min});
    CHECK(window->per_minute() == 500);
    CHECK(window->last_of(at(0s), 501) == at(60s));
    auto const short_window = AnyLimiter::wrap(SlidingWindow{5, 1s});
    CHECK_FALSE(short_window->per_minute());
    short_window->on_throttled(at(0s), at(1s));  // it has no such function

    struct Bare {
        time_point until{};
        time_point earliest(time_point now, std::size_t) const { return std::max(now, until); }
        batchpace::Permit take(time_point now, std::size_t cost) { return {now, cost}; }
        void give_back(batchpace::Permit) {}
        void on_throttled(time_point, time_point u) { until = u; }
    };
    auto const bare = AnyLimiter::wrap(Bare{});
    CHECK_FALSE(bare->last_of(at(0s), 1));
    CHECK_FALSE(bare->per_minute());
    CHECK(bare->take(at(0s), 1) == batchpace::Permit{at(0s), 1});
    bare->on_throttled(at(0s), at(7s));
    CHECK(bare->earliest(at(1s), 1) == at(7s));
}
