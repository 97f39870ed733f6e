// SPDX-License-Identifier: BSL-1.0
#include <batchpace/concepts/retry_policy.hpp>

#include <batchpace/concepts/archetypes/retry_policy.hpp>
#include <batchpace/policy/backoff.hpp>
#include <batchpace/policy/fixed_backoff.hpp>
#include <batchpace/policy/no_backoff.hpp>
#include <batchpace/policy/retry_policy.hpp>

#include "../catch.hpp"

using namespace batchpace;

namespace {

struct SeedsItself {
    std::optional<duration> next(Failure const&, int) { return {}; }
};
struct NeverGivesUp {
    duration next(Failure const&, int, Random&) { return duration::zero(); }
};
struct GivesNoDelay {
    bool next(Failure const&, int, Random&) { return true; }
};

}  // namespace

static_assert(retry_policy<ExponentialBackoff>);
static_assert(retry_policy<FixedBackoff>);
static_assert(retry_policy<NoBackoff>);
static_assert(retry_policy<batchpace::RetryPolicy<>>);
static_assert(retry_policy<batchpace::RetryPolicy<NoBackoff>>);
static_assert(retry_policy<NeverGivesUp>);
static_assert(!retry_policy<SeedsItself>);
static_assert(!retry_policy<GivesNoDelay>);

TEST_CASE("the library's retry policies are retry policies, and what lacks something is not", "[concepts][retry_policy]") {
    SUCCEED("held by the static_asserts of this file");
}
