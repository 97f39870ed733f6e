// SPDX-License-Identifier: BSL-1.0
#include <batchpace/policy/retry_budget.hpp>

#include <batchpace/policy/random.hpp>

#include "../catch.hpp"

#ifdef BATCHPACE_HAS_RAPIDCHECK
#include <rapidcheck/catch.h>
#endif

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <system_error>
#include <vector>

using batchpace::RetryBudget;
using batchpace::time_point;
using namespace std::chrono_literals;

namespace {

// The bucket as one would say it: so many retries are in it, as a number that may fall below nothing.
class Model {
public:
    Model(double ratio, std::int64_t per_minute, std::int64_t most)
        : ratio_{ratio},
          a_retry_{static_cast<double>((std::chrono::nanoseconds{1min} / per_minute).count())},
          most_{static_cast<double>(most)},
          level_{most_} {}

    void pass(double nanoseconds) { add(nanoseconds / a_retry_); }
    void succeeded(std::uint64_t count) { add(ratio_ * static_cast<double>(count)); }
    void give_back(std::uint64_t count) { add(static_cast<double>(count)); }
    /// How long until it is paid for, in nanoseconds.
    double reserve() {
        level_ -= 1;
        return std::max(0.0, -level_ * a_retry_);
    }

private:
    void add(double retries) { level_ = std::min(most_, level_ + retries); }

    double ratio_;
    double a_retry_;
    double most_;
    double level_;
};

// Follows the trace with both; the number of the first step that tells them apart, or -1.
int first_difference(std::vector<std::uint32_t> const& steps, double ratio, std::int64_t per_minute, std::int64_t most) {
    RetryBudget budget{ratio, per_minute, most};
    Model model{ratio, per_minute, most};
    time_point now{1h};
    for (std::size_t i = 0; i < steps.size(); ++i) {
        auto const count = 1 + (steps[i] >> 8) % 7;
        switch (steps[i] % 5) {
            case 0: {
                auto const time = batchpace::duration{(steps[i] >> 11) % 2'000'000'000U};
                now += time;
                model.pass(static_cast<double>(time.count()));
                break;
            }
            case 1:
                budget.succeeded(now, count);
                model.succeeded(count);
                break;
            case 2:
                budget.give_back(now, count);
                model.give_back(count);
                break;
            default: {
                auto const wait = budget.reserve(now) - now;
                auto const expected = model.reserve();
                // What is not a whole nanosecond is lost.
                auto const apart = std::abs(static_cast<double>(wait.count()) - expected);
                if (apart > 2.0 * static_cast<double>(i + 1)) return static_cast<int>(i);
            }
        }
    }
    return -1;
}

}  // namespace

TEST_CASE("a retry budget does what a bucket of numbers does", "[policy][retry_budget][differential]") {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        batchpace::Random random{seed};
        std::vector<std::uint32_t> steps(200);
        for (auto& step : steps) step = static_cast<std::uint32_t>(random());
        CAPTURE(seed);
        REQUIRE(first_difference(steps, static_cast<double>(seed % 5) * 0.25, 1 + static_cast<std::int64_t>(seed * 37 % 600),
                                 1 + static_cast<std::int64_t>(seed % 13)) == -1);
    }
}

#ifdef BATCHPACE_HAS_RAPIDCHECK
TEST_CASE("no trace tells a retry budget from a bucket of numbers", "[policy][retry_budget][property]") {
    CHECK(rc::check([](std::vector<std::uint32_t> const& steps, std::uint8_t ratio, std::uint16_t per_minute,
                       std::uint8_t most) {
        RC_ASSERT(first_difference(steps, ratio % 5 * 0.25, 1 + per_minute, 1 + most) == -1);
    }));
}
#endif

TEST_CASE("a full budget lets so many retries through at once, then the trickle", "[policy][retry_budget]") {
    RetryBudget budget{0.1, 60, 5};
    time_point const now{1h};
    for (int i = 0; i < 5; ++i) CHECK(budget.reserve(now) == now);
    CHECK(budget.reserve(now) == now + 1s);
    CHECK(budget.reserve(now) == now + 2s);
    CHECK(budget.reserve(now + 1s) == now + 3s);
    // It never becomes fuller than full.
    for (int i = 0; i < 5; ++i) CHECK(budget.reserve(now + 10h) == now + 10h);
    CHECK(budget.reserve(now + 10h) == now + 10h + 1s);
}

TEST_CASE("a budget says how many retries it would pay for at once", "[policy][retry_budget]") {
    RetryBudget budget{0.1, 60, 5};
    time_point const now{1h};
    CHECK(budget.left(now) == 5);
    for (std::uint64_t left = 5; left > 0; --left) {
        CHECK(budget.left(now) == left);
        budget.reserve(now);
    }
    CHECK(budget.left(now) == 0);
    budget.reserve(now);  // made in a second
    CHECK(budget.left(now + 1s) == 0);
    CHECK(budget.left(now + 2s) == 1);
    budget.succeeded(now, 30);
    CHECK(budget.left(now) == 2);
    CHECK(budget.left(now + 10h) == 5);
}

TEST_CASE("each success adds its share of a retry", "[policy][retry_budget]") {
    RetryBudget budget{0.1, 60, 5};
    time_point const now{1h};
    for (int i = 0; i < 5; ++i) budget.reserve(now);
    budget.succeeded(now, 9);
    CHECK(budget.reserve(now) == now + 100ms);
    budget.succeeded(now, 11);
    CHECK(budget.reserve(now) == now);
    budget.succeeded(now, 1'000'000'000);  // full, no more
    for (int i = 0; i < 5; ++i) CHECK(budget.reserve(now) == now);
    CHECK(budget.reserve(now) > now);
}

TEST_CASE("under a dead service retries come at the trickle's pace", "[policy][retry_budget]") {
    RetryBudget budget{0.5, 600, 20};
    std::vector<time_point> made;
    for (int i = 0; i < 1'000; ++i) made.push_back(budget.reserve(time_point{1h} + i * 1ms));
    CHECK(std::is_sorted(made.begin(), made.end()));
    CHECK(made.back() == time_point{1h} + (1'000 - 20) * 100ms);
}

TEST_CASE("a budget that cannot be is refused by name", "[policy][retry_budget]") {
    auto const text = [](auto make) -> std::string {
        try {
            make();
        } catch (std::system_error const& e) {
            CHECK(e.code() == batchpace::error::invalid_option);
            return e.what();
        }
        return {};
    };
    auto const has = [](std::string const& what, char const* name) { return what.find(name) != std::string::npos; };
    CHECK(has(text([] { RetryBudget{-0.1}; }), "ratio"));
    CHECK(has(text([] { RetryBudget{0.1, 0}; }), "per_minute"));
    CHECK(has(text([] { RetryBudget{0.1, 60, 0}; }), "most"));
}

TEST_CASE("retries that will not be made are given back", "[policy][retry_budget]") {
    RetryBudget budget{0.1, 60, 5};
    time_point const now{1h};
    for (int i = 0; i < 1'000; ++i) budget.reserve(now);
    budget.give_back(now, 995);
    CHECK(budget.reserve(now) == now + 1s);
    budget.give_back(now, 1'000'000);  // no fuller than full
    for (int i = 0; i < 5; ++i) CHECK(budget.reserve(now) == now);
    CHECK(budget.reserve(now) == now + 1s);
}
