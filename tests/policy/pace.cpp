// SPDX-License-Identifier: BSL-1.0
#include <batchpace/policy/pace.hpp>

#include <batchpace/policy/random.hpp>

#include "../catch.hpp"

#include <chrono>
#include <cmath>

using batchpace::duration;
using batchpace::Pace;
using namespace std::chrono_literals;

namespace {

duration exponential(batchpace::Random& random, duration mean) {
    auto const unit = (static_cast<double>(random() >> 11) + 0.5) * 0x1p-53;
    return duration{static_cast<duration::rep>(-static_cast<double>(mean.count()) * std::log(unit))};
}

double relative(duration a, duration b) { return static_cast<double>(a.count()) / static_cast<double>(b.count()); }

}  // namespace

TEST_CASE("every call weighs the same, also those of a burst", "[policy][pace]") {
    Pace pace;
    CHECK_FALSE(pace.known());
    CHECK(pace.mean() == 0s);
    CHECK(pace.variation() == 0.0);
    pace.record(0, 5s);  // no call: nothing is learned
    CHECK_FALSE(pace.known());
    pace.record(3, 6s);
    CHECK(pace.known());
    CHECK(pace.mean() == 2s);
    pace.record(1, 10s);
    CHECK(pace.mean() == 4s);
}

TEST_CASE("calls that all take the same time do not vary", "[policy][pace]") {
    Pace pace;
    for (int i = 0; i < 10'000; ++i) pace.record(1, 2s);
    CHECK(pace.mean() == 2s);
    CHECK(pace.variation() == Approx(0.0).margin(1e-9));
    CHECK(pace.left_after(500ms) == 1500ms);
    CHECK(pace.left_after(5s) == 0s);
}

TEST_CASE("the mean of exponential durations is known within 8 % from 2,000 calls on", "[policy][pace]") {
    batchpace::Random random{7};
    Pace pace;
    for (int i = 0; i < 200'000; ++i) {
        pace.record(1, exponential(random, 2s));
        if (i < 2'000) continue;
        REQUIRE(relative(pace.mean(), 2s) > 0.92);
        REQUIRE(relative(pace.mean(), 2s) < 1.08);
        REQUIRE(pace.variation() > 0.7);
        REQUIRE(pace.variation() < 1.4);
    }
    CHECK(relative(pace.left_after(4s), 2s) > 0.8);  // it does not matter how long such a call has been out
}

TEST_CASE("a service that becomes slower or faster is noticed within some hundred calls", "[policy][pace]") {
    for (auto const then : {4s, 1s}) {
        batchpace::Random random{9};
        Pace pace;
        for (int i = 0; i < 50'000; ++i) pace.record(1, exponential(random, 2s));
        for (std::uint64_t i = 0; i < 4 * Pace::block; ++i) pace.record(1, exponential(random, then));
        CHECK(relative(pace.mean(), then) > 0.8);
        CHECK(relative(pace.mean(), then) < 1.2);
    }
}

TEST_CASE("a small change of the speed is followed, too", "[policy][pace]") {
    Pace pace;
    for (int i = 0; i < 50'000; ++i) pace.record(1, 1000ms);
    for (std::uint64_t i = 0; i < 3 * Pace::memory; ++i) pace.record(1, 1200ms);
    CHECK(pace.mean() > 1180ms);
}
