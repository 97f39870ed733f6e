// SPDX-License-Identifier: BSL-1.0
// GCC 12.2 destroys a braced temporary aggregate with non-trivial members twice inside an expression that contains
// co_await. So: what is an aggregate is trivially destructible, and what is not trivially destructible is no aggregate.
#include <batchpace/attempt.hpp>
#include <batchpace/estimate.hpp>
#include <batchpace/failure.hpp>
#include <batchpace/item_error.hpp>
#include <batchpace/item_result.hpp>
#include <batchpace/job_id.hpp>
#include <batchpace/job_options.hpp>
#include <batchpace/job_progress.hpp>
#include <batchpace/job_update.hpp>
#include <batchpace/milestone.hpp>
#include <batchpace/outcome.hpp>
#include <batchpace/permit.hpp>
#include <batchpace/policy/all_of.hpp>
#include <batchpace/policy/eta.hpp>
#include <batchpace/policy/histogram.hpp>
#include <batchpace/policy/retry_policy.hpp>
#include <batchpace/policy/sliding_window.hpp>
#include <batchpace/policy/token_bucket.hpp>
#include <batchpace/policy/unlimited.hpp>
#include <batchpace/processor_metrics.hpp>
#include <batchpace/processor_options.hpp>
#include <batchpace/processor_stats.hpp>
#include <batchpace/recovery_report.hpp>
#include <batchpace/result_page.hpp>
#include <batchpace/shutdown.hpp>
#include <batchpace/tier.hpp>
#include <batchpace/waiting_for.hpp>

#include "../catch.hpp"

#include <chrono>
#include <string>
#include <type_traits>

using namespace batchpace;

namespace {

template <class T>
constexpr bool safe_in_braces = !std::is_aggregate_v<T> || std::is_trivially_destructible_v<T>;

// An option struct: named by designated initialisers, free to be a temporary anywhere.
template <class T>
constexpr bool plain_options = std::is_aggregate_v<T> && std::is_trivially_destructible_v<T> &&
                               std::is_trivially_copyable_v<T> && std::is_default_constructible_v<T>;

struct Careless {
    std::string text;
};

}  // namespace

static_assert(!safe_in_braces<Careless>);  // the rule can fail

static_assert(safe_in_braces<AllOf<SlidingWindow, TokenBucket>>);
static_assert(safe_in_braces<Attempt>);
static_assert(safe_in_braces<Estimate>);
static_assert(safe_in_braces<Eta>);
static_assert(safe_in_braces<Failure>);
static_assert(safe_in_braces<Histogram>);
static_assert(safe_in_braces<ItemError>);
static_assert(safe_in_braces<ItemResult<int>>);
static_assert(safe_in_braces<ItemResult<std::string>>);
static_assert(safe_in_braces<JobId>);
static_assert(safe_in_braces<JobProgress>);
static_assert(safe_in_braces<Milestone>);
static_assert(safe_in_braces<Outcome<int>>);
static_assert(safe_in_braces<Outcome<std::string>>);
static_assert(safe_in_braces<Outcome<void>>);
static_assert(safe_in_braces<Permit>);
static_assert(safe_in_braces<ProcessorMetrics>);
static_assert(!std::is_aggregate_v<ProcessorMetrics>);
static_assert(safe_in_braces<ProcessorStats>);
static_assert(safe_in_braces<RecoveryReport>);
static_assert(safe_in_braces<ResultPage<std::string>>);
static_assert(safe_in_braces<RetryPolicy<>>);
static_assert(safe_in_braces<ShutdownReport>);
static_assert(safe_in_braces<SlidingWindow>);
static_assert(safe_in_braces<TokenBucket>);
static_assert(safe_in_braces<Unlimited>);
static_assert(safe_in_braces<WaitingFor>);

static_assert(plain_options<JobOptions>);
static_assert(plain_options<JobUpdate>);
static_assert(plain_options<ProcessorOptions>);
static_assert(plain_options<Tier>);
static_assert(plain_options<Eta::Input>);

TEST_CASE("no public type with non-trivial members is an aggregate", "[vocabulary][aggregates]") {
    SUCCEED("held by the static_asserts of this file");
}

TEST_CASE("options are given by name and default to what is documented", "[vocabulary][options]") {
    JobOptions const options{.concurrency = 8, .max_attempts = 5};
    CHECK(options.concurrency == 8);
    CHECK(options.max_attempts == 5);
    CHECK(JobOptions{}.concurrency == 5);
    CHECK(JobOptions{}.max_attempts == 3);
    CHECK(JobOptions{}.attempt_timeout == std::chrono::seconds{60});
    CHECK(JobOptions{}.duplicates == Duplicates::refuse);
    CHECK_FALSE(JobOptions{}.rate_limit_per_minute);
    CHECK_FALSE(ProcessorOptions{}.max_in_flight);
    CHECK(ProcessorOptions{}.guard_band == duration::zero());
    CHECK(Tier::free() == Tier{"free", 2, 10});
    CHECK(Tier::paid() == Tier{"paid", 10, 500});
}
