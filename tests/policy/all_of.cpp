// SPDX-License-Identifier: BSL-1.0
#include <batchpace/policy/all_of.hpp>

#include <batchpace/policy/random.hpp>
#include <batchpace/policy/sliding_window.hpp>
#include <batchpace/policy/token_bucket.hpp>
#include <batchpace/policy/unlimited.hpp>

#include "../catch.hpp"

#ifdef BATCHPACE_HAS_RAPIDCHECK
#include <rapidcheck/catch.h>
#endif

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

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

// All of it in one slow model: every start ever made, and each limit asked of all of them.
class Model {
public:
    Model(std::size_t short_limit, duration short_window, std::size_t long_limit, duration long_window, duration interval,
          int burst)
        : windows_{{short_limit, short_window}, {long_limit, long_window}}, interval_{interval}, burst_{burst} {}

    bool admits(time_point now, std::size_t cost) const {
        for (auto const& [limit, window] : windows_) {
            auto count = cost;
            for (auto const& [when, starts] : starts_) count += when > now - window ? starts : 0;
            if (count > limit) return false;
        }
        auto full = starts_;
        full[now] += cost;
        return debt(full, now) <= interval_ * burst_;
    }
    void take(time_point now, std::size_t cost) { starts_[now] += cost; }
    void give_back(time_point at, std::size_t cost) { starts_[at] -= cost; }

private:
    // What the bucket owes at `now`: each start adds an interval, time takes it away.
    duration debt(std::map<time_point, std::size_t> const& starts, time_point now) const {
        duration owed{};
        time_point last{};
        for (auto const& [when, count] : starts) {
            if (when > now) break;
            owed = std::max(duration::zero(), owed - (when - last)) + interval_ * static_cast<duration::rep>(count);
            last = when;
        }
        return owed;
    }

    struct Window {
        std::size_t limit;
        duration length;
    };
    std::vector<Window> windows_;
    duration interval_;
    int burst_;
    std::map<time_point, std::size_t> starts_;
};

struct Step {
    std::uint8_t wait;
    std::uint8_t cost;
    std::uint8_t what;
};

// Follows the trace with both; the number of the first step that tells them apart, or -1.
int first_difference(std::vector<Step> const& steps, int limit, int span) {
    auto const burst = 1 + limit / 2;
    auto limiter = all_of(SlidingWindow{limit, duration{span}}, batchpace::TokenBucket{1, duration{3}, burst},
                          SlidingWindow{2 * limit, duration{5 * span}});
    Model model{static_cast<std::size_t>(limit), duration{span}, static_cast<std::size_t>(2 * limit), duration{5 * span},
                duration{3}, burst};
    auto now = at(1h);
    Permit last{now, 0};
    for (std::size_t i = 0; i < steps.size(); ++i) {
        now += duration{steps[i].wait % 8};
        if (steps[i].what % 8 == 0 && last.cost > 0) {
            limiter.give_back(last);
            model.give_back(last.at, last.cost);
            last.cost = 0;
        }
        auto const cost = 1 + static_cast<std::size_t>(steps[i].cost % 3);
        auto const earliest = limiter.earliest(now, cost);
        if (earliest < now || (earliest == now) != model.admits(now, cost)) return static_cast<int>(i);
        // Not a moment later than it must be, nor sooner.
        if (earliest > now && earliest != time_point::max() &&
            (!model.admits(earliest, cost) || model.admits(earliest - duration{1}, cost)))
            return static_cast<int>(i);
        if (earliest > now) continue;
        last = limiter.take(now, cost);
        model.take(now, cost);
    }
    return -1;
}

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

TEST_CASE("two windows and a bucket do what a log of all starts does", "[policy][all_of][differential]") {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        batchpace::Random random{seed};
        std::vector<Step> steps(100);
        for (auto& step : steps) {
            auto const bits = random();
            step = {static_cast<std::uint8_t>(bits), static_cast<std::uint8_t>(bits >> 8),
                    static_cast<std::uint8_t>(bits >> 16)};
        }
        CAPTURE(seed);
        REQUIRE(first_difference(steps, 1 + static_cast<int>(seed % 11), 1 + static_cast<int>(seed % 29)) == -1);
    }
}

#ifdef BATCHPACE_HAS_RAPIDCHECK
TEST_CASE("no trace tells two windows and a bucket from a log of all starts", "[policy][all_of][property]") {
    CHECK(rc::check([](std::vector<std::uint32_t> const& bits, std::uint8_t limit, std::uint8_t span) {
        std::vector<Step> steps;
        for (auto const b : bits)
            steps.push_back({static_cast<std::uint8_t>(b), static_cast<std::uint8_t>(b >> 8),
                             static_cast<std::uint8_t>(b >> 16)});
        RC_ASSERT(first_difference(steps, 1 + limit % 12, 1 + span % 32) == -1);
    }));
}
#endif
namespace {

template <class Limiter>
constexpr bool tells = requires(Limiter const& l) { l.last_of(time_point{}, 1U); };

// Every start is made, as early as it may be.
template <class Limiter>
time_point made_one_by_one(Limiter limiter, time_point now, std::uint64_t calls) {
    for (; calls > 0; --calls) limiter.take(now = limiter.earliest(now, 1), 1);
    return now;
}

}  // namespace

TEST_CASE("all_of tells the last of the calls left, if all of them can tell", "[policy][all_of]") {
    CHECK(tells<batchpace::AllOf<SlidingWindow, batchpace::TokenBucket, batchpace::Unlimited>>);
    CHECK(tells<batchpace::AllOf<batchpace::AllOf<SlidingWindow, SlidingWindow>, batchpace::TokenBucket>>);
    CHECK_FALSE(tells<batchpace::AllOf<SlidingWindow, Breaker>>);
    CHECK(all_of(batchpace::Unlimited{}).last_of(at(3s), 1'000) == at(3s));
}

TEST_CASE("the last round of one limit takes as long as the others need for it", "[policy][all_of]") {
    auto const limiter = all_of(SlidingWindow{10, 1s}, SlidingWindow{500, 1h});
    for (std::uint64_t calls : {1U, 10U, 11U, 500U, 501U, 700U, 1'000U, 1'001U, 2'345U})
        CHECK(limiter.last_of(at(0s), calls) == made_one_by_one(limiter, at(0s), calls));
    auto const paced = all_of(batchpace::TokenBucket{10, 1s}, SlidingWindow{500, 1h});
    for (std::uint64_t calls : {1U, 10U, 500U, 501U, 1'000U})
        CHECK(paced.last_of(at(0s), calls) == made_one_by_one(paced, at(0s), calls));
}

TEST_CASE("all_of is never later than the last call can be, and not much sooner", "[policy][all_of][differential]") {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        batchpace::Random random{seed};
        auto const number = [&](std::uint64_t most) { return static_cast<std::int64_t>(1 + random.below(most)); };
        auto limiter = all_of(SlidingWindow{number(10), duration{number(20)}}, SlidingWindow{number(30), duration{number(200)}},
                              batchpace::TokenBucket{number(9), duration{number(30)}, number(5)});
        auto now = at(1s);
        for (int i = 0; i < 30; ++i) {
            now += duration{number(8)};
            if (limiter.earliest(now, 1) == now) limiter.take(now, 1);
        }
        for (std::uint64_t calls : {1U, 5U, 20U, 100U, 400U}) {
            auto const told = limiter.last_of(now, calls) - now;
            auto const truth = made_one_by_one(limiter, now, calls) - now;
            CAPTURE(seed, calls, told.count(), truth.count());
            REQUIRE(told <= truth);
            if (calls == 400) REQUIRE(static_cast<double>(told.count()) >= 0.75 * static_cast<double>(truth.count()));
        }
    }
}
