// SPDX-License-Identifier: BSL-1.0
#include <batchpace/policy/token_bucket.hpp>

#include <batchpace/policy/random.hpp>

#include "../catch.hpp"

#ifdef BATCHPACE_HAS_RAPIDCHECK
#include <rapidcheck.h>
#endif

#include <algorithm>
#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using batchpace::duration;
using batchpace::Permit;
using batchpace::time_point;
using batchpace::TokenBucket;
using namespace std::chrono_literals;

namespace {

time_point at(duration d) { return time_point{} + d; }

std::string why_refused(std::int64_t n, duration per, std::int64_t burst) {
    try {
        TokenBucket{n, per, burst};
    } catch (std::system_error const& e) {
        return e.code() == batchpace::error::invalid_option ? e.what() : "another code";
    }
    return "accepted";
}

bool has(std::string const& text, char const* part) { return text.find(part) != std::string::npos; }

// A bucket as one would draw it: it holds nanoseconds' worth of tokens, fills with time, never over its rim; its level is
// worked out anew from every start ever made.
struct Model {
    struct Start {
        time_point at;
        std::size_t cost;
    };
    std::vector<Start> log = {};  // one for each time, also when all of it was given back
    duration::rep interval;
    duration::rep burst;

    duration::rep level(time_point now) const {
        auto const rim = burst * interval;
        auto level = rim;
        auto last = time_point{};
        for (auto s : log) {
            level = std::min(rim, level + (s.at - last).count()) - static_cast<duration::rep>(s.cost) * interval;
            last = s.at;
        }
        return std::min(rim, level + (now - last).count());
    }
    time_point earliest(time_point now, std::size_t cost) const {
        auto const needed = static_cast<duration::rep>(cost);
        if (needed > burst) return time_point::max();
        return now + duration{std::max<duration::rep>(0, needed * interval - level(now))};
    }
    void take(time_point now, std::size_t cost) {
        if (log.empty() || log.back().at != now) log.push_back({now, 0});
        log.back().cost += cost;
    }
    time_point last_of(time_point now, std::uint64_t calls) const {
        auto copy = *this;
        for (; calls > 0; --calls) copy.take(now = copy.earliest(now, 1), 1);
        return now;
    }
    void give_back(Permit permit) {
        for (std::size_t i = 0; i < log.size(); ++i)
            if (log[i].at == permit.at && log.size() - i <= 8 && log[i].cost >= permit.cost) log[i].cost -= permit.cost;
    }
    // The promise itself, for n/per as it was asked for, without the rounding.
    bool promise_kept(std::int64_t n, duration per) const {
        for (std::size_t i = 0; i < log.size(); ++i) {
            std::int64_t starts = 0;
            for (auto j = i; j < log.size(); ++j) {
                starts += static_cast<std::int64_t>(log[j].cost);
                if ((starts - burst) * per.count() > n * (log[j].at - log[i].at).count()) return false;
            }
        }
        return true;
    }
};

using Step = std::tuple<std::uint8_t, std::uint8_t, std::uint8_t>;

// Plays a trace on both; the number of the step where they differ, or -1.
int first_difference(std::vector<Step> const& steps, std::int64_t n, duration per, std::int64_t burst) {
    TokenBucket limiter{n, per, burst};
    Model model{.interval = limiter.interval().count(), .burst = burst};
    std::vector<Permit> permits;
    auto now = at(0ns);
    int number = 0;
    for (auto [what, a, b] : steps) {
        std::size_t const cost = 1 + a % 4;
        auto const earliest = limiter.earliest(now, cost);
        if (earliest != model.earliest(now, cost)) return number;
        switch (what % 8) {
            case 0:
            case 1: now += duration{a % 16}; break;
            case 2:
            case 3: {
                if (permits.empty()) break;
                auto const i = b % 2 ? permits.size() - 1 : b % permits.size();
                limiter.give_back(permits[i]);
                model.give_back(permits[i]);
                permits.erase(permits.begin() + static_cast<std::ptrdiff_t>(i));
                break;
            }
            case 4:
                if (earliest == time_point::max()) break;
                now = earliest;
                [[fallthrough]];
            default:
                if (earliest > now) break;
                permits.push_back(limiter.take(now, cost));
                model.take(now, cost);
        }
        for (std::size_t c = 1; c <= static_cast<std::size_t>(burst) + 1; ++c)
            if (limiter.earliest(now, c) != model.earliest(now, c)) return number;
        if (limiter.last_of(now, b % 20) != model.last_of(now, b % 20)) return number;
        ++number;
    }
    return model.promise_kept(n, per) ? -1 : number;
}

}  // namespace

TEST_CASE("a token bucket with a burst of one paces its starts", "[policy][token_bucket]") {
    TokenBucket limiter{500, 60s};
    CHECK(limiter.interval() == 120ms);
    CHECK(limiter.burst() == 1);
    REQUIRE(limiter.earliest(at(1s), 1) == at(1s));
    CHECK(limiter.take(at(1s), 1) == Permit{at(1s), 1});
    CHECK(limiter.earliest(at(1s), 1) == at(1120ms));
    CHECK(limiter.earliest(at(1s), 2) == time_point::max());
    limiter.take(at(1120ms), 1);
    CHECK(limiter.earliest(at(1120ms), 1) == at(1240ms));
}

TEST_CASE("a burst can be used at once and fills up again", "[policy][token_bucket]") {
    TokenBucket limiter{1, 10s, 3};
    limiter.take(at(100s), 2);
    limiter.take(at(100s), 1);
    CHECK(limiter.earliest(at(100s), 1) == at(110s));
    CHECK(limiter.earliest(at(100s), 3) == at(130s));
    CHECK(limiter.earliest(at(125s), 2) == at(125s));
    CHECK(limiter.earliest(at(200s), 3) == at(200s));
    limiter.take(at(200s), 3);  // a long pause saves up no more than the burst
    CHECK(limiter.earliest(at(200s), 1) == at(210s));
}

TEST_CASE("a token bucket tells the last of the calls left", "[policy][token_bucket]") {
    TokenBucket limiter{1, 10s, 3};
    CHECK(limiter.last_of(at(100s), 0) == at(100s));
    CHECK(limiter.last_of(at(100s), 3) == at(100s));
    CHECK(limiter.last_of(at(100s), 5) == at(120s));
    limiter.take(at(100s), 3);
    CHECK(limiter.last_of(at(101s), 1) == at(110s));
    CHECK(limiter.last_of(at(101s), 100) == at(1100s));
    CHECK(limiter.last_of(at(101s), 1'000'000'000'000) == time_point::max());
}

TEST_CASE("the time between two starts is rounded up", "[policy][token_bucket]") {
    CHECK(TokenBucket{3, 10ns}.interval() == 4ns);
    CHECK(TokenBucket{7, 1s}.interval() == 142'857'143ns);
    CHECK(TokenBucket{5, 1ns}.interval() == 1ns);
}

TEST_CASE("a bucket full at the earliest times there are stays in range", "[policy][token_bucket]") {
    TokenBucket limiter{1, 24h * 365, 100};
    CHECK(limiter.earliest(time_point{} - 24h * 365 * 50, 100) == time_point{} - 24h * 365 * 50);
    limiter.take(at(0s), 100);
    CHECK(limiter.earliest(at(0s), 1) == at(24h * 365));
}

TEST_CASE("what is not a rate is refused, and the text says what is wrong", "[policy][token_bucket]") {
    CHECK(has(why_refused(0, 1s, 1), "n must"));
    CHECK(has(why_refused(1, 0s, 1), "per"));
    CHECK(has(why_refused(1, 1s, 0), "burst"));
    CHECK(has(why_refused(1, 24h * 365, 101), "burst"));
    CHECK(has(why_refused(1, duration::max(), 1), "burst"));
    CHECK(why_refused(1, 24h * 365, 100) == "accepted");
}

TEST_CASE("a permit given back does not open the bucket further than it would have been", "[policy][token_bucket]") {
    TokenBucket limiter{1, 1s, 1};
    auto const first = limiter.take(at(0s), 1);
    auto const second = limiter.take(at(1s), 1);
    limiter.give_back(first);  // its second has passed: the later start needed that token anyway
    CHECK(limiter.earliest(at(1s), 1) == at(2s));
    limiter.give_back(second);
    CHECK(limiter.earliest(at(1s), 1) == at(1s));
}

TEST_CASE("a permit given back twice, or never taken, frees nothing of another one", "[policy][token_bucket]") {
    TokenBucket limiter{1, 1s, 3};
    limiter.take(at(0s), 2);
    auto const permit = limiter.take(at(500ms), 1);
    CHECK(limiter.earliest(at(500ms), 2) == at(2s));
    for (auto p : {Permit{at(500ms), 2}, Permit{at(7s), 1}}) limiter.give_back(p);
    CHECK(limiter.earliest(at(500ms), 2) == at(2s));
    for (int i = 0; i < 3; ++i) {
        limiter.give_back(permit);
        CHECK(limiter.earliest(at(500ms), 2) == at(1s));
    }
}

TEST_CASE("a token bucket does what a drawn bucket does", "[policy][token_bucket][differential]") {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        batchpace::Random random{seed};
        std::vector<Step> steps(100);
        for (auto& step : steps) {
            auto const bits = random();
            step = {static_cast<std::uint8_t>(bits), static_cast<std::uint8_t>(bits >> 8),
                    static_cast<std::uint8_t>(bits >> 16)};
        }
        CAPTURE(seed);
        REQUIRE(first_difference(steps, 1 + static_cast<std::int64_t>(seed % 3), duration{1 + seed % 23},
                                 1 + static_cast<std::int64_t>(seed % 7)) == -1);
    }
}

#ifdef BATCHPACE_HAS_RAPIDCHECK
TEST_CASE("no trace tells a token bucket from a drawn one", "[policy][token_bucket][property]") {
    CHECK(rc::check([](std::vector<Step> const& steps, std::uint8_t n, std::uint8_t per, std::uint8_t burst) {
        RC_ASSERT(first_difference(steps, 1 + n % 4, duration{1 + per % 24}, 1 + burst % 7) == -1);
    }));
}
#endif
