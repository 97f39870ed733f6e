// SPDX-License-Identifier: BSL-1.0
#include <batchpace/policy/backoff.hpp>

#include <batchpace/policy/fixed_backoff.hpp>
#include <batchpace/policy/no_backoff.hpp>

#include "../catch.hpp"

#include <algorithm>
#include <limits>
#include <string>

using batchpace::duration;
using batchpace::ExponentialBackoff;
using batchpace::Failure;
using batchpace::Random;
using namespace std::chrono_literals;

TEST_CASE("the ceiling doubles with each attempt up to the cap", "[policy][backoff]") {
    ExponentialBackoff const backoff;
    CHECK(backoff.base() == 500ms);
    CHECK(backoff.cap() == 30s);
    CHECK(backoff.ceiling(1) == 500ms);
    CHECK(backoff.ceiling(2) == 1s);
    CHECK(backoff.ceiling(6) == 16s);
    CHECK(backoff.ceiling(7) == 30s);
    CHECK(backoff.ceiling(8) == 30s);
}

TEST_CASE("no attempt number overflows the ceiling", "[policy][backoff]") {
    ExponentialBackoff const small{1ns, duration::max()};
    CHECK(small.ceiling(63) == duration{std::int64_t{1} << 62});
    ExponentialBackoff const odd{3ns, duration::max()};
    CHECK(odd.ceiling(62) == duration{std::int64_t{3} << 61});
    CHECK(odd.ceiling(63) == duration::max());
    for (int attempt : {std::numeric_limits<int>::min(), -1, 0}) CHECK(small.ceiling(attempt) == 1ns);
    for (int attempt : {64, 65, 1000, std::numeric_limits<int>::max()}) {
        CHECK(ExponentialBackoff{}.ceiling(attempt) == 30s);
        CHECK(odd.ceiling(attempt) == duration::max());
        CHECK(ExponentialBackoff{0s, 30s}.ceiling(attempt) == 0s);
    }
    Random random{1};
    CHECK(odd.delay(1000, random) >= 0s);
}

TEST_CASE("the delay is spread evenly from nothing to the ceiling", "[policy][backoff]") {
    ExponentialBackoff const backoff{100ms, 10s};
    Random random{7};
    duration sum{};
    duration least = duration::max();
    duration most{};
    for (int i = 0; i < 10'000; ++i) {
        auto const delay = backoff.delay(3, random);
        sum += delay;
        least = std::min(least, delay);
        most = std::max(most, delay);
    }
    CHECK(least >= 0s);
    CHECK(least < 4ms);
    CHECK(most <= 400ms);
    CHECK(most > 396ms);
    CHECK(sum / 10'000 > 195ms);
    CHECK(sum / 10'000 < 205ms);
    bool whole = false;
    for (int i = 0; i < 100; ++i) whole |= ExponentialBackoff{1ns, 1s}.delay(1, random) == 1ns;
    CHECK(whole);  // the ceiling itself is among the delays
}

TEST_CASE("a backoff that cannot be is refused", "[policy][backoff]") {
    CHECK_THROWS_AS((ExponentialBackoff{-1ns, 1s}), std::system_error);
    CHECK_THROWS_AS((ExponentialBackoff{2s, 1s}), std::system_error);
    CHECK_NOTHROW(ExponentialBackoff{1s, 1s});
    CHECK_THROWS_AS(batchpace::FixedBackoff{-1ns}, std::system_error);
    try {
        ExponentialBackoff{2s, 1s};
    } catch (std::system_error const& e) {
        CHECK(e.code() == batchpace::error::invalid_option);
        CHECK(std::string{e.what()}.find("cap") != std::string::npos);
    }
}

TEST_CASE("as retry policies the backoffs never give up", "[policy][backoff]") {
    Random random{1};
    auto const failure = Failure::transient("connection reset");
    for (int attempt : {1, 2, 1000}) {
        CHECK(batchpace::FixedBackoff{2s}.next(failure, attempt, random) == duration{2s});
        CHECK(batchpace::NoBackoff{}.next(failure, attempt, random) == duration::zero());
        CHECK(ExponentialBackoff{}.next(failure, attempt, random).has_value());
    }
}
