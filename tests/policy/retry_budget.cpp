// SPDX-License-Identifier: BSL-1.0
#include <batchpace/policy/retry_budget.hpp>

#include "../catch.hpp"

#include <algorithm>
#include <string>
#include <system_error>
#include <vector>

using batchpace::RetryBudget;
using batchpace::time_point;
using namespace std::chrono_literals;

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
