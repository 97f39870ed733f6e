// SPDX-License-Identifier: BSL-1.0
#include <batchpace/engine/check_options.hpp>

#include "../catch.hpp"

#include <cstdint>
#include <limits>
#include <string>

using batchpace::JobOptions;
using batchpace::JobUpdate;
using batchpace::ProcessorOptions;
using batchpace::Tier;
using batchpace::engine::CheckOptions;
using namespace std::chrono_literals;

namespace {

// What is said of options that differ from the defaults in one field.
template <class Options, class Value>
std::string said(Value Options::*field, std::type_identity_t<Value> value) {
    Options o;
    o.*field = value;
    return CheckOptions::of(o);
}

}  // namespace

TEST_CASE("the defaults are in range", "[engine][check_options]") {
    CHECK(CheckOptions::of(JobOptions{}) == "");
    CHECK(CheckOptions::of(JobUpdate{}) == "");
    CHECK(CheckOptions::of(ProcessorOptions{}) == "");
    CHECK(CheckOptions::of(Tier::free()) == "");
    CHECK(CheckOptions::of(Tier::paid()) == "");
}

TEST_CASE("every job option is held to its range", "[engine][check_options]") {
    using O = JobOptions;
    CHECK(said(&O::concurrency, 1) == "");
    CHECK(said(&O::concurrency, 0) == "concurrency must be at least 1, not 0");
    CHECK(said(&O::concurrency, -3) == "concurrency must be at least 1, not -3");
    CHECK(said(&O::rate_limit_per_minute, 1) == "");
    CHECK(said(&O::rate_limit_per_minute, 0) == "rate_limit_per_minute must be at least 1, not 0");
    CHECK(said(&O::max_attempts, 1) == "");
    CHECK(said(&O::max_attempts, 0) == "max_attempts must be at least 1, not 0");
    CHECK(said(&O::attempt_timeout, 1ns) == "");
    CHECK(said(&O::attempt_timeout, 0s) == "attempt_timeout must be above 0");
    CHECK(said(&O::deadline, 1ns) == "");
    CHECK(said(&O::deadline, -1s) == "deadline must be above 0");
    CHECK(said(&O::max_calls, 1) == "");
    CHECK(said(&O::max_calls, 0) == "max_calls must be at least 1, not 0");
    CHECK(said(&O::stop_after_failures, 1) == "");
    CHECK(said(&O::stop_after_failures, 0) == "stop_after_failures must be at least 1, not 0");
    CHECK(said(&O::stop_at_failure_rate, 1.0) == "");
    CHECK(said(&O::stop_at_failure_rate, 0.001) == "");
    for (auto rate : {0.0, -0.5, 1.001, std::numeric_limits<double>::quiet_NaN()})
        CHECK(said(&O::stop_at_failure_rate, rate) == "stop_at_failure_rate must be above 0 and at most 1");
    CHECK(said(&O::priority, 1) == "");
    CHECK(said(&O::priority, 1'000) == "");
    CHECK(said(&O::priority, 0) == "priority must be from 1 to 1000, not 0");
    CHECK(said(&O::priority, 1'001) == "priority must be from 1 to 1000, not 1001");
    CHECK(said(&O::keep_errors, 0) == "");
    CHECK(said(&O::keep_errors, -1) == "keep_errors must be at least 0, not -1");
    CHECK(said(&O::keep_results, 0) == "");
    CHECK(said(&O::keep_results, -1) == "keep_results must be at least 0, not -1");
    CHECK(said(&O::stalled_after, 1ns) == "");
    CHECK(said(&O::stalled_after, 0s) == "stalled_after must be above 0");
}

TEST_CASE("every field of an update is held to its range", "[engine][check_options]") {
    using U = JobUpdate;
    CHECK(said(&U::concurrency, 1) == "");
    CHECK(said(&U::concurrency, 0) == "concurrency must be at least 1, not 0");
    CHECK(said(&U::rate_limit_per_minute, 0) == "");  // takes the limit away
    CHECK(said(&U::rate_limit_per_minute, -1) == "rate_limit_per_minute must be at least 0, not -1");
    CHECK(said(&U::priority, 1'000) == "");
    CHECK(said(&U::priority, 0) == "priority must be from 1 to 1000, not 0");
    CHECK(said(&U::priority, 1'001) == "priority must be from 1 to 1000, not 1001");
}

TEST_CASE("every processor option is held to its range", "[engine][check_options]") {
    using O = ProcessorOptions;
    CHECK(said(&O::tier, Tier{"t", 0, 0}) == "");
    CHECK(said(&O::tier, Tier{"t", -1, 0}) == "tier.max_concurrency must be at least 0, not -1");
    CHECK(said(&O::tier, Tier{"t", 0, -1}) == "tier.per_minute must be at least 0, not -1");
    CHECK(said(&O::max_in_flight, 1) == "");
    CHECK(said(&O::max_in_flight, 0) == "max_in_flight must be at least 1, not 0");
    CHECK(said(&O::max_active_jobs, 1) == "");
    CHECK(said(&O::max_active_jobs, 0) == "max_active_jobs must be at least 1, not 0");
    CHECK(said(&O::max_items_per_job, 1) == "");
    CHECK(said(&O::max_items_per_job, 0xffff'fffe) == "");
    CHECK(said(&O::max_items_per_job, 0) == "max_items_per_job must be from 1 to 4294967294, not 0");
    CHECK(said(&O::max_items_per_job, 0xffff'ffff) == "max_items_per_job must be from 1 to 4294967294, not 4294967295");
    CHECK(said(&O::retain_finished, 0) == "");
    CHECK(said(&O::retain_finished, -1) == "retain_finished must be at least 0, not -1");
    CHECK(said(&O::retain_for, 0s) == "");
    CHECK(said(&O::retain_for, -1ns) == "retain_for must be at least 0, not -1");
    CHECK(said(&O::retain_bytes, 0) == "");
    CHECK(said(&O::retain_bytes, -1) == "retain_bytes must be at least 0, not -1");
    CHECK(said(&O::abandon_grace, 0s) == "");
    CHECK(said(&O::abandon_grace, -1ns) == "abandon_grace must be at least 0, not -1");
    CHECK(said(&O::max_abandoned, 1) == "");
    CHECK(said(&O::max_abandoned, 0) == "max_abandoned must be at least 1, not 0");
    CHECK(said(&O::max_retrying, 1) == "");
    CHECK(said(&O::max_retrying, 0) == "max_retrying must be at least 1, not 0");
    CHECK(said(&O::guard_band, 0s) == "");
    CHECK(said(&O::guard_band, -1ns) == "guard_band must be at least 0, not -1");
    CHECK(said(&O::max_throttles, 0) == "");
    CHECK(said(&O::max_throttles, -1) == "max_throttles must be at least 0, not -1");
}

TEST_CASE("of several faults the first is named", "[engine][check_options]") {
    CHECK(CheckOptions::of(JobOptions{.concurrency = 0, .max_attempts = 0}) == "concurrency must be at least 1, not 0");
    CHECK(CheckOptions::of(ProcessorOptions{.tier = Tier{"t", -1, -1}, .max_throttles = -1}) ==
          "tier.max_concurrency must be at least 0, not -1");
}
