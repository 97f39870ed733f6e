// SPDX-License-Identifier: BSL-1.0
#include <batchpace/policy/all_of.hpp>

#include <batchpace/policy/sliding_window.hpp>
#include <batchpace/policy/token_bucket.hpp>
#include <batchpace/policy/unlimited.hpp>

#include "../catch.hpp"

using batchpace::all_of;
using batchpace::duration;
using batchpace::Permit;
using batchpace::SlidingWindow;
using batchpace::time_point;
using namespace std::chrono_literals;

namespace {

time_point at(duration d) { return time_point{} + d; }

// Closed until the service may be asked again; it writes down what it was told in the host's variables.
class Breaker {
public:
    explicit Breaker(Permit& given_back) : given_back_{&given_back} {}
    time_point earliest(time_point now, std::size_t) const { return now > open_at_ ? now : open_at_; }
    Permit take(time_point now, std::size_t cost) { return {now, cost}; }
    void give_back(Permit permit) { *given_back_ = permit; }
    void on_throttled(time_point, time_point until) { open_at_ = until; }

private:
    time_point open_at_{};
    Permit* given_back_;
};

}  // namespace

TEST_CASE("all_of starts when the slowest of its limiters admits it", "[policy][all_of]") {
    auto limiter = all_of(SlidingWindow{2, 1s}, SlidingWindow{3, 1min});
    CHECK(limiter.earliest(at(0s), 3) == time_point::max());
    CHECK(limiter.take(at(0s), 2) == Permit{at(0s), 2});
    CHECK(limiter.earliest(at(0s), 1) == at(1s));
    limiter.take(at(1s), 1);
    CHECK(limiter.earliest(at(1s), 1) == at(60s));
}

TEST_CASE("all_of gives a permit back to each", "[policy][all_of]") {
    Permit seen;
    auto limiter = all_of(SlidingWindow{2, 1s}, Breaker{seen}, SlidingWindow{2, 1min});
    auto const permit = limiter.take(at(5s), 2);
    CHECK(limiter.earliest(at(5s), 1) == at(65s));
    limiter.give_back(permit);
    CHECK(seen == permit);
    CHECK(limiter.earliest(at(5s), 2) == at(5s));
}

TEST_CASE("all_of hands on_throttled to those that want it", "[policy][all_of]") {
    Permit seen;
    auto limiter = all_of(batchpace::Unlimited{}, Breaker{seen});
    CHECK(limiter.earliest(at(1s), 1) == at(1s));
    limiter.on_throttled(at(1s), at(9s));
    CHECK(limiter.earliest(at(1s), 1) == at(9s));
}

TEST_CASE("no limit is no limit, also when there are two of them", "[policy][all_of][unlimited]") {
    auto limiter = all_of(batchpace::Unlimited{}, batchpace::Unlimited{});
    CHECK(limiter.earliest(at(3s), 1'000'000'000) == at(3s));
    CHECK(limiter.take(at(3s), 7) == Permit{at(3s), 7});
    limiter.give_back({at(3s), 7});
}
