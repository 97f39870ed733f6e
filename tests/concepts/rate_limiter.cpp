// SPDX-License-Identifier: BSL-1.0
#include <batchpace/concepts/rate_limiter.hpp>

#include <batchpace/concepts/archetypes/rate_limiter.hpp>
#include <batchpace/policy/all_of.hpp>
#include <batchpace/policy/sliding_window.hpp>
#include <batchpace/policy/token_bucket.hpp>
#include <batchpace/policy/unlimited.hpp>

#include "../catch.hpp"

#include <memory>

using namespace batchpace;

namespace {

struct NotConst {
    time_point earliest(time_point now, std::size_t) { return now; }
    Permit take(time_point now, std::size_t cost) { return {now, cost}; }
    void give_back(Permit) {}
};
struct NoGiveBack {
    time_point earliest(time_point now, std::size_t) const { return now; }
    Permit take(time_point now, std::size_t cost) { return {now, cost}; }
};
struct TakesNothing {
    time_point earliest(time_point now, std::size_t) const { return now; }
    void take(time_point, std::size_t) {}
    void give_back(Permit) {}
};
struct Unmovable : NoGiveBack {
    Unmovable() = default;
    Unmovable(Unmovable&&) = delete;
    void give_back(Permit) {}
};
struct MoveOnly : NoGiveBack {
    std::unique_ptr<int> state;
    void give_back(Permit) {}
};
struct SaysItLimits : MoveOnly {
    static constexpr bool unlimited = false;
};

}  // namespace

static_assert(rate_limiter<SlidingWindow>);
static_assert(rate_limiter<TokenBucket>);
static_assert(rate_limiter<Unlimited>);
static_assert(rate_limiter<AllOf<SlidingWindow, TokenBucket>>);
static_assert(rate_limiter<AllOf<archetypes::RateLimiter>>);
static_assert(rate_limiter<MoveOnly>);
static_assert(!rate_limiter<NotConst>);
static_assert(!rate_limiter<NoGiveBack>);
static_assert(!rate_limiter<TakesNothing>);
static_assert(!rate_limiter<Unmovable>);
static_assert(!rate_limiter<int>);

static_assert(never_limits_v<Unlimited>);
static_assert(never_limits_v<AllOf<Unlimited, Unlimited>>);
static_assert(!never_limits_v<AllOf<Unlimited, SlidingWindow>>);
static_assert(!never_limits_v<SlidingWindow>);
static_assert(!never_limits_v<SaysItLimits>);

TEST_CASE("the library's rate limiters are rate limiters, and what lacks something is not", "[concepts][rate_limiter]") {
    SUCCEED("held by the static_asserts of this file");
}
