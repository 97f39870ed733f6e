// SPDX-License-Identifier: BSL-1.0
#include <batchpace/attempt.hpp>
#include <batchpace/failure_kind.hpp>
#include <batchpace/item_result.hpp>
#include <batchpace/job_options.hpp>
#include <batchpace/job_status.hpp>
#include <batchpace/stop_reason.hpp>
#include <batchpace/waiting_for.hpp>

#include "../catch.hpp"

#include <set>
#include <string_view>

using namespace batchpace;

namespace {

// All enumerators from the first to `last` have names of their own.
template <class Enum>
bool all_named(Enum last) {
    std::set<std::string_view> names;
    for (int i = 0; i <= static_cast<int>(last); ++i)
        if (auto name = to_string(static_cast<Enum>(i)); name == "unknown" || !names.insert(name).second) return false;
    return to_string(static_cast<Enum>(static_cast<int>(last) + 1)) == "unknown";
}

}  // namespace

TEST_CASE("each enumerator has a name of its own", "[vocabulary][names]") {
    CHECK(all_named(JobStatus::cancelled));
    CHECK(all_named(ItemStatus::cancelled));
    CHECK(all_named(StopReason::shut_down));
    CHECK(all_named(WaitingFor::Reason::store));
    CHECK(all_named(WaitingFor::Scope::job));
    CHECK(all_named(FailureKind::timed_out));
    CHECK(all_named(Duplicates::allow));
}

TEST_CASE("the last three job statuses are final", "[vocabulary][names]") {
    CHECK_FALSE(is_final(JobStatus::pending));
    CHECK_FALSE(is_final(JobStatus::processing));
    CHECK(is_final(JobStatus::completed));
    CHECK(is_final(JobStatus::failed));
    CHECK(is_final(JobStatus::cancelled));
}

TEST_CASE("the idempotency key is the same for every attempt of an item", "[vocabulary][attempt]") {
    auto const job = JobId::make(1, 2, 3);
    Attempt attempt{job, 7, 1, time_point{}, {}};
    CHECK(attempt.idempotency_key() == job.to_string() + ":7");
    attempt.next(7, 2);
    CHECK(attempt.number() == 2);
    CHECK(attempt.idempotency_key() == job.to_string() + ":7");
    attempt.next(8, 1);
    CHECK(attempt.index() == 8);
    CHECK(attempt.idempotency_key() == job.to_string() + ":8");
}
