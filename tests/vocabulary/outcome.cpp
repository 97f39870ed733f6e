// SPDX-License-Identifier: BSL-1.0
#include <batchpace/outcome.hpp>

#include "../catch.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <variant>

using batchpace::Failure;
using batchpace::FailureKind;
using batchpace::Outcome;

TEST_CASE("an outcome is a value or a failure", "[vocabulary][outcome]") {
    Outcome<std::string> good = std::string{"a cat"};
    REQUIRE(good.has_value());
    CHECK(good);
    CHECK(good.value() == "a cat");

    Outcome<std::string> bad = Failure::permanent("not an image");
    CHECK_FALSE(bad.has_value());
    CHECK_FALSE(bad);
    CHECK(bad.failure().message() == "not an image");
    CHECK(bad.failure().kind() == FailureKind::permanent);
}

TEST_CASE("asking an outcome for what it is not throws", "[vocabulary][outcome]") {
    Outcome<int> const good{1};
    CHECK_THROWS_AS(good.failure(), std::bad_variant_access);
    Outcome<int> const bad{Failure::transient("reset")};
    CHECK_THROWS_AS(bad.value(), std::bad_variant_access);
}

TEST_CASE("an outcome takes what can only be moved", "[vocabulary][outcome]") {
    Outcome<std::unique_ptr<int>> outcome{std::make_unique<int>(7)};
    auto const value = std::move(outcome).value();
    CHECK(*value == 7);
    Outcome<std::unique_ptr<int>> bad{Failure::transient("reset")};
    Failure const failure = std::move(bad).failure();
    CHECK(failure.message() == "reset");
}

TEST_CASE("a default-constructed outcome is a success with a default value", "[vocabulary][outcome]") {
    Outcome<int> const outcome;
    REQUIRE(outcome.has_value());
    CHECK(outcome.value() == 0);
}

TEST_CASE("an outcome without a value is a success unless it is a failure", "[vocabulary][outcome]") {
    Outcome<void> const good;
    CHECK(good.has_value());
    Outcome<void> const bad = Failure::throttled("429", std::chrono::seconds{30});
    CHECK_FALSE(bad.has_value());
    CHECK(bad.failure().retry_after() == batchpace::duration{std::chrono::seconds{30}});
}
