// SPDX-License-Identifier: BSL-1.0
#include <batchpace/engine/item_verdict.hpp>

#include "../catch.hpp"

#include <chrono>
#include <optional>

using batchpace::duration;
using batchpace::Failure;
using batchpace::time_point;
using batchpace::engine::ItemVerdict;
using namespace std::chrono_literals;

namespace {

constexpr time_point now{1h};

ItemVerdict verdict(Failure const& failure, int number, int throttles, std::optional<duration> delay) {
    return ItemVerdict::of(failure, number, throttles, delay, 3, 2, now);
}

}  // namespace

TEST_CASE("a failed item is tried again while attempts are left", "[engine][item_verdict]") {
    auto const failure = Failure::transient("again");
    auto v = verdict(failure, 2, 0, 5s);
    CHECK(v.retry_at == now + 5s);
    CHECK(v.attempt_number == 3);
    CHECK(v.throttles == 0);
    CHECK_FALSE(v.close_until);
    CHECK_FALSE(verdict(failure, 3, 0, 5s).retry_at);
    CHECK_FALSE(verdict(failure, 1, 0, std::nullopt).retry_at);  // the policy gives up
    CHECK(verdict(failure, 1, 0, -5s).retry_at == now);          // a policy that looks back
}

TEST_CASE("an item's verdict obeys retry-after in full", "[engine][item_verdict]") {
    CHECK(verdict(Failure::transient("busy", 30s), 1, 0, 5s).retry_at == now + 30s);
    CHECK(verdict(Failure::transient("busy", 30s), 1, 0, 35s).retry_at == now + 35s);
    CHECK(verdict(Failure::transient("busy", 30s), 1, 0, 5s).close_until == now + 30s);
}

TEST_CASE("being throttled closes the scope and is free of charge up to a bound", "[engine][item_verdict]") {
    auto v = verdict(Failure::throttled("429", 20s), 3, 0, 25s);
    CHECK(v.close_until == now + 20s);
    CHECK(v.retry_at == now + 25s);
    CHECK(v.attempt_number == 3);
    CHECK(v.throttles == 1);
    v = verdict(Failure::throttled("429"), 3, 1, 4s);
    CHECK(v.close_until == now + 4s);  // no time was named: the policy's
    CHECK(v.retry_at == now + 4s);
    v = verdict(Failure::throttled("429", 20s), 1, 2, 25s);  // once too often
    CHECK(v.retry_at == now + 25s);
    CHECK(v.attempt_number == 2);
    CHECK_FALSE(verdict(Failure::throttled("429", 20s), 3, 2, 25s).retry_at);
    CHECK(verdict(Failure::throttled("429", 20s), 3, 2, 25s).close_until == now + 20s);
}

TEST_CASE("a verdict's times end with time itself", "[engine][item_verdict]") {
    auto const v = verdict(Failure::throttled("never", duration::max()), 1, 0, duration::max());
    CHECK(v.close_until == time_point::max());
    CHECK(v.retry_at == time_point::max());
}
