// SPDX-License-Identifier: BSL-1.0
#include <batchpace/policy/retry_policy.hpp>

#include <batchpace/policy/fixed_backoff.hpp>
#include <batchpace/policy/no_backoff.hpp>

#include "../catch.hpp"

#include <algorithm>

using batchpace::duration;
using batchpace::Failure;
using batchpace::FixedBackoff;
using batchpace::NoBackoff;
using batchpace::Random;
using batchpace::RetryPolicy;
using namespace std::chrono_literals;

TEST_CASE("a permanent failure is not tried again, any other is", "[policy][retry_policy]") {
    Random random{1};
    RetryPolicy policy;
    CHECK_FALSE(policy.next(Failure::permanent("not an image"), 1, random));
    CHECK(policy.next(Failure::transient("connection reset"), 1, random));
    CHECK(policy.next(Failure::throttled("429"), 1, random));
    CHECK(policy.next(Failure::timed_out("after 60 s"), 1, random));
}

TEST_CASE("without Retry-After the backoff decides", "[policy][retry_policy]") {
    Random random{1};
    RetryPolicy fixed{FixedBackoff{2s}};
    CHECK(fixed.next(Failure::transient("reset"), 1, random) == duration{2s});
    RetryPolicy at_once{NoBackoff{}};
    CHECK(at_once.next(Failure::transient("reset"), 1, random) == duration::zero());
    RetryPolicy policy;
    for (int i = 0; i < 1000; ++i) CHECK(*policy.next(Failure::transient("reset"), 2, random) <= 1s);
}

TEST_CASE("Retry-After is obeyed in full, and jitter comes on top", "[policy][retry_policy]") {
    Random random{1};
    RetryPolicy policy;
    auto const failure = Failure::throttled("429", 30s);
    duration least = duration::max();
    duration most{};
    for (int i = 0; i < 1000; ++i) {
        auto const delay = *policy.next(failure, 1, random);
        least = std::min(least, delay);
        most = std::max(most, delay);
    }
    CHECK(least >= 30s);
    CHECK(most <= 30500ms);
    CHECK(most > least + 400ms);
}

TEST_CASE("nonsense from a service or a host's backoff does no harm", "[policy][retry_policy]") {
    struct Backwards {
        duration delay(int, Random&) const { return -5s; }
    };
    Random random{1};
    RetryPolicy policy{Backwards{}};
    CHECK(policy.next(Failure::throttled("429", 3s), 1, random) == duration{3s});
    CHECK(policy.next(Failure::throttled("429", -3s), 1, random) == duration::zero());
    RetryPolicy later{FixedBackoff{1s}};
    CHECK(later.next(Failure::throttled("429", duration::max()), 1, random) == duration::max());
}
