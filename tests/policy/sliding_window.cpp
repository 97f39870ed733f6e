// SPDX-License-Identifier: BSL-1.0
#include <batchpace/policy/sliding_window.hpp>

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
using batchpace::SlidingWindow;
using batchpace::time_point;
using namespace std::chrono_literals;

namespace {

time_point at(duration d) { return time_point{} + d; }

std::string why_refused(std::int64_t limit, duration window, duration guard) {
    try {
        SlidingWindow{limit, window, guard};
    } catch (std::system_error const& e) {
        return e.code() == batchpace::error::invalid_option ? e.what() : "another code";
    }
    return "accepted";
}

bool has(std::string const& text, char const* part) { return text.find(part) != std::string::npos; }

// The slow and obvious limiter: every start ever made, every one looked at for every answer.
struct Model {
    struct Start {
        time_point at;
        std::int64_t limit;  // in force when it was made
    };
    std::vector<Start> log = {};
    std::int64_t limit;
    duration span;

    std::int64_t used(time_point now) const {
        return std::count_if(log.begin(), log.end(), [&](Start s) { return s.at > now - span && s.at <= now; });
    }
    time_point earliest(time_point now, std::size_t cost) const {
        auto const n = static_cast<std::int64_t>(cost);
        if (n > limit) return time_point::max();
        auto best = used(now) + n <= limit ? now : time_point::max();
        for (auto s : log)
            if (auto t = s.at + span; t > now && t < best && used(t) + n <= limit) best = t;
        return best;
    }
    void take(time_point now, std::size_t cost) { log.insert(log.end(), cost, Start{now, limit}); }
    void give_back(Permit permit) {
        for (; permit.cost > 0; --permit.cost) {
            auto found = std::find_if(log.begin(), log.end(), [&](Start s) { return s.at == permit.at; });
            if (found == log.end()) return;
            log.erase(found);
        }
    }
    time_point last_of(time_point now, std::uint64_t calls) const {
        auto copy = *this;
        for (; calls > 0; --calls) copy.take(now = copy.earliest(now, 1), 1);
        return now;
    }
    // The promise itself: whoever looks at any window finds no more starts than were allowed when its last one was made.
    bool promise_kept() const {
        for (std::size_t i = 0; i < log.size(); ++i) {
            std::int64_t in_window = 0;
            for (std::size_t j = 0; j <= i; ++j) in_window += log[j].at > log[i].at - span;
            if (in_window > log[i].limit) return false;
        }
        return true;
    }
};

using Step = std::tuple<std::uint8_t, std::uint8_t, std::uint8_t>;

// Plays a trace on both; the number of the step where they differ, or -1.
int first_difference(std::vector<Step> const& steps, std::int64_t limit, duration span) {
    SlidingWindow limiter{limit, span};
    Model model{.limit = limit, .span = span};
    std::vector<Permit> permits;
    auto now = at(0ns);
    int number = 0;
    for (auto [what, a, b] : steps) {
        std::size_t const cost = 1 + a % 4;
        auto earliest = limiter.earliest(now, cost);
        if (earliest != model.earliest(now, cost)) return number;
        switch (what % 8) {
            case 0: now += duration{a % 16}; break;
            case 1:
                limiter.set_limit(1 + a % 12);
                model.limit = 1 + a % 12;
                break;
            case 2:
                if (permits.empty()) break;
                std::swap(permits[b % permits.size()], permits.back());
                limiter.give_back(permits.back());
                model.give_back(permits.back());
                permits.pop_back();
                break;
            case 3:
                if (b % 4 == 0) limiter.trim(now);
                break;
            case 4:
                if (earliest == time_point::max()) break;
                now = earliest;
                [[fallthrough]];
            default:
                if (earliest > now) break;
                permits.push_back(limiter.take(now, cost));
                model.take(now, cost);
        }
        if (limiter.used(now) != model.used(now)) return number;
        if (limiter.last_of(now, b % 40) != model.last_of(now, b % 40)) return number;
        ++number;
    }
    return model.promise_kept() ? -1 : number;
}

}  // namespace

TEST_CASE("a sliding window lets its limit through at once, then one when the oldest leaves", "[policy][sliding_window]") {
    SlidingWindow limiter{3, 10s};
    for (auto t : {1s, 2s, 4s}) {
        REQUIRE(limiter.earliest(at(t), 1) == at(t));
        CHECK(limiter.take(at(t), 1) == Permit{at(t), 1});
    }
    CHECK(limiter.earliest(at(5s), 1) == at(11s));
    CHECK(limiter.earliest(at(5s), 2) == at(12s));
    CHECK(limiter.earliest(at(5s), 3) == at(14s));
    CHECK(limiter.used(at(5s)) == 3);
    CHECK(limiter.used(at(11s)) == 2);
    CHECK(limiter.earliest(at(10s) + 999ms, 1) == at(11s));
    CHECK(limiter.earliest(at(11s), 1) == at(11s));
}

TEST_CASE("a cost above the limit can never start, a cost of the limit can", "[policy][sliding_window]") {
    SlidingWindow limiter{3, 10s};
    CHECK(limiter.earliest(at(0s), 4) == time_point::max());
    CHECK(limiter.earliest(at(0s), 3) == at(0s));
    limiter.take(at(0s), 3);
    CHECK(limiter.earliest(at(1s), 3) == at(10s));
}

TEST_CASE("the guard is added to the window", "[policy][sliding_window]") {
    SlidingWindow limiter{1, 10s, 500ms};
    CHECK(limiter.guard() == 500ms);
    CHECK(limiter.window() == 10s);
    limiter.take(at(0s), 1);
    CHECK(limiter.earliest(at(1s), 1) == at(10500ms));
    limiter.set_guard(2s);
    CHECK(limiter.earliest(at(1s), 1) == at(12s));
}

TEST_CASE("a permit given back is free again, an unknown one is ignored", "[policy][sliding_window]") {
    SlidingWindow limiter{4, 10s};
    auto const first = limiter.take(at(1s), 1);
    auto const second = limiter.take(at(2s), 2);
    limiter.take(at(3s), 1);
    limiter.give_back({at(5s), 1});
    CHECK(limiter.used(at(3s)) == 4);
    limiter.give_back(second);
    CHECK(limiter.used(at(3s)) == 2);
    CHECK(limiter.earliest(at(3s), 2) == at(3s));
    CHECK(limiter.earliest(at(3s), 3) == at(11s));
    limiter.give_back(second);
    CHECK(limiter.used(at(3s)) == 2);
    limiter.give_back(first);
    CHECK(limiter.earliest(at(3s), 3) == at(3s));
}

TEST_CASE("lowering and raising the limit does not forget starts", "[policy][sliding_window]") {
    SlidingWindow limiter{500, 60s};
    for (int i = 0; i < 500; ++i) limiter.take(at(i * 1ms), 1);
    limiter.set_limit(100);
    CHECK(limiter.limit() == 100);
    CHECK(limiter.earliest(at(1s), 1) == at(60s + 400ms));  // when all but 99 have left
    limiter.set_limit(500);
    CHECK(limiter.used(at(1s)) == 500);
    CHECK(limiter.earliest(at(1s), 1) == at(60s));
    limiter.set_limit(600);
    CHECK(limiter.earliest(at(1s), 100) == at(1s));
}

TEST_CASE("what is not a limit is refused, and the text says what is wrong", "[policy][sliding_window]") {
    CHECK(has(why_refused(0, 1s, 0s), "limit"));
    CHECK(has(why_refused(-5, 1s, 0s), "limit"));
    CHECK(has(why_refused(1, 0s, 0s), "window"));
    CHECK(has(why_refused(1, -1s, 0s), "window"));
    CHECK(has(why_refused(1, 1s, -1ns), "guard"));
    CHECK(why_refused(1, 1ns, 0s) == "accepted");
    SlidingWindow limiter{7, 1s};
    CHECK_THROWS_AS(limiter.set_limit(0), std::system_error);
    CHECK_THROWS_AS(limiter.set_guard(-1s), std::system_error);
    CHECK(limiter.limit() == 7);
}

TEST_CASE("a window that reaches beyond the end of time never opens again", "[policy][sliding_window]") {
    SlidingWindow limiter{1, duration::max(), 1s};
    limiter.take(at(1s), 1);
    CHECK(limiter.earliest(at(2s), 1) == time_point::max());
    CHECK(limiter.last_of(at(2s), 1'000'000) == time_point::max());
}

TEST_CASE("under saturation every permit is used", "[policy][sliding_window]") {
    SlidingWindow limiter{500, 60s};
    auto now = at(0s);
    std::int64_t starts = 0;
    for (; now < at(3600s); now = limiter.earliest(now, 1))
        if (limiter.earliest(now, 1) == now) starts += static_cast<std::int64_t>(limiter.take(now, 1).cost);
    CHECK(starts == 500 * 60);
}

TEST_CASE("memory grows only with the starts in the window", "[policy][sliding_window]") {
    SlidingWindow limiter{1'000'000, 60s};
    CHECK(limiter.memory() == 0);
    auto now = at(0s);
    for (int i = 0; i < 10'000; ++i) limiter.take(now += 1s, 1);  // 60 of them in any window
    CHECK(limiter.used(now) == 60);
    CHECK(limiter.memory() <= 64 * sizeof(time_point));
    limiter.take(now, 5'000);
    CHECK(limiter.memory() >= 5'060 * sizeof(time_point));
    CHECK(limiter.memory() <= 8'192 * sizeof(time_point));
    limiter.trim(now + 59s);
    CHECK(limiter.memory() == 8'192 * sizeof(time_point));
    limiter.trim(now + 60s);
    CHECK(limiter.memory() == 0);
}

TEST_CASE("the last of the calls left is told exactly", "[policy][sliding_window]") {
    // 100 items at 10 a minute: ten have started at once, so 540 s are left, not the 18 s a naive estimate says.
    SlidingWindow limiter{10, 60s};
    CHECK(limiter.last_of(at(0s), 0) == at(0s));
    CHECK(limiter.last_of(at(0s), 10) == at(0s));
    limiter.take(at(0s), 10);
    CHECK(limiter.last_of(at(2s), 90) == at(540s));
    CHECK(limiter.last_of(at(2s), 91) == at(600s));
}

TEST_CASE("a moved sliding window keeps its starts, a trimmed one those that count", "[policy][sliding_window]") {
    SlidingWindow first{20, 10s};
    for (int i = 0; i < 20; ++i) first.take(at(i * 500ms), 1);
    SlidingWindow limiter{std::move(first)};
    CHECK(limiter.used(at(9500ms)) == 20);
    limiter.trim(at(18s));
    CHECK(limiter.used(at(18s)) == 3);
    CHECK(limiter.earliest(at(18s), 18) == at(18500ms));
    limiter.trim(at(60s));
    CHECK(limiter.used(at(60s)) == 0);
    limiter.take(at(60s), 20);
    CHECK(limiter.earliest(at(60s), 1) == at(70s));
}

TEST_CASE("a sliding window does what a plain log of all starts does", "[policy][sliding_window][differential]") {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        batchpace::Random random{seed};
        std::vector<Step> steps(100);
        for (auto& step : steps) {
            auto const bits = random();
            step = {static_cast<std::uint8_t>(bits), static_cast<std::uint8_t>(bits >> 8),
                    static_cast<std::uint8_t>(bits >> 16)};
        }
        CAPTURE(seed);
        REQUIRE(first_difference(steps, 1 + static_cast<std::int64_t>(seed % 11), duration{1 + seed % 29}) == -1);
    }
}

#ifdef BATCHPACE_HAS_RAPIDCHECK
TEST_CASE("no trace tells a sliding window from a plain log", "[policy][sliding_window][property]") {
    CHECK(rc::check([](std::vector<Step> const& steps, std::uint8_t limit, std::uint8_t span) {
        RC_ASSERT(first_difference(steps, 1 + limit % 12, duration{1 + span % 32}) == -1);
    }));
}
#endif
