// SPDX-License-Identifier: BSL-1.0
#include <batchpace/failure.hpp>

#include "../catch.hpp"

#include <chrono>
#include <system_error>

using batchpace::duration;
using batchpace::Failure;
using batchpace::FailureKind;
using namespace std::chrono_literals;

TEST_CASE("each factory makes its kind of failure", "[vocabulary][failure]") {
    CHECK(Failure::transient("reset").kind() == FailureKind::transient);
    CHECK(Failure::permanent("not an image").kind() == FailureKind::permanent);
    CHECK(Failure::throttled("429").kind() == FailureKind::throttled);
    CHECK(Failure::timed_out("after 60 s").kind() == FailureKind::timed_out);
    CHECK(Failure::transient("reset").message() == "reset");
}

TEST_CASE("a failure carries Retry-After and code where there were some", "[vocabulary][failure]") {
    CHECK_FALSE(Failure::throttled("429").retry_after());
    CHECK(Failure::throttled("429", 30s).retry_after() == duration{30s});
    CHECK(Failure::transient("503", 5s).retry_after() == duration{5s});
    CHECK_FALSE(Failure::transient("503").code());
    auto const code = std::make_error_code(std::errc::connection_reset);
    auto const failure = Failure::transient("reset", 2s).with_code(code);
    CHECK(failure.code() == code);
    CHECK(failure.message() == "reset");
    CHECK(failure.retry_after() == duration{2s});
}

TEST_CASE("kinds of failures have names", "[vocabulary][failure]") {
    CHECK(to_string(FailureKind::transient) == "transient");
    CHECK(to_string(FailureKind::permanent) == "permanent");
    CHECK(to_string(FailureKind::throttled) == "throttled");
    CHECK(to_string(FailureKind::timed_out) == "timed_out");
}
