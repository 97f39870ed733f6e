// SPDX-License-Identifier: BSL-1.0
#include <batchpace/policy/histogram.hpp>

#include "../catch.hpp"

#include <chrono>
#include <cstdint>
#include <vector>

using batchpace::duration;
using batchpace::Histogram;
using namespace std::chrono_literals;

namespace {

// The bucket that a duration falls into, found the slow way.
std::size_t obvious(duration each) {
    std::size_t bucket = 0;
    while (each > Histogram::upper_bound(bucket)) ++bucket;
    return bucket;
}

}  // namespace

TEST_CASE("buckets double from 125 µs to 131 s, and the last one has no end", "[policy][histogram]") {
    CHECK(Histogram::upper_bound(0) == 125us);
    CHECK(Histogram::upper_bound(3) == 1ms);
    for (std::size_t i = 1; i + 1 < Histogram::buckets; ++i)
        CHECK(Histogram::upper_bound(i) == 2 * Histogram::upper_bound(i - 1));
    CHECK(Histogram::upper_bound(Histogram::buckets - 2) == 131'072ms);
    CHECK(Histogram::upper_bound(Histogram::buckets - 1) == duration::max());
}

TEST_CASE("an upper bound belongs to its bucket", "[policy][histogram]") {
    std::vector<duration> durations{-1h, -1ns, 0ns, 1ns, 59s, 1h, 10'000h, duration::max(), duration::min()};
    for (std::size_t i = 0; i + 1 < Histogram::buckets; ++i)
        for (auto const step : {-1ns, 0ns, 1ns}) durations.push_back(Histogram::upper_bound(i) + step);
    for (auto const d : durations) {
        Histogram h;
        h.record(d);
        CAPTURE(d.count());
        CHECK(h.count(obvious(d)) == 1);
        CHECK(h.count() == 1);
    }
}

TEST_CASE("a histogram adds up, also beyond what a duration holds", "[policy][histogram]") {
    Histogram h;
    CHECK(h.count() == 0);
    CHECK(h.sum().count() == 0);
    h.record(100us, 3);
    h.record(2ms);
    h.record(-5s);
    h.record(1h, 0);
    CHECK(h.count() == 5);
    CHECK(h.sum().count() == Approx(0.0023));
    CHECK(h.count(0) == 4);
    CHECK(h.count(4) == 1);
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < Histogram::buckets; ++i) sum += h.count(i);
    CHECK(sum == h.count());
    h.record(24h, 1'000'000'000);  // 2.7 million years
    CHECK(h.sum().count() == Approx(86'400e9));
}
