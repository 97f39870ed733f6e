// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/job_options.hpp>
#include <batchpace/job_update.hpp>
#include <batchpace/processor_options.hpp>
#include <batchpace/time.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace batchpace::engine {

/// Finds the first option that is out of its range. The answer names the field, its value's fault and the range;
/// it is empty where all is well.
class CheckOptions {
public:
    static std::string of(JobOptions const& o) {
        CheckOptions check;
        check.at_least("concurrency", o.concurrency, 1);
        if (o.rate_limit_per_minute) check.at_least("rate_limit_per_minute", *o.rate_limit_per_minute, 1);
        check.at_least("max_attempts", o.max_attempts, 1);
        check.above_zero("attempt_timeout", o.attempt_timeout);
        if (o.deadline) check.above_zero("deadline", *o.deadline);
        if (o.max_calls) check.at_least("max_calls", *o.max_calls, 1);
        if (o.stop_after_failures) check.at_least("stop_after_failures", *o.stop_after_failures, 1);
        if (o.stop_at_failure_rate && !(*o.stop_at_failure_rate > 0.0 && *o.stop_at_failure_rate <= 1.0))
            check.fault("stop_at_failure_rate must be above 0 and at most 1");
        check.within("priority", o.priority, 1, 1'000);
        check.at_least("keep_errors", o.keep_errors, 0);
        check.at_least("keep_results", o.keep_results, 0);
        check.above_zero("stalled_after", o.stalled_after);
        return check.fault_;
    }

    static std::string of(JobUpdate const& u) {
        CheckOptions check;
        if (u.concurrency) check.at_least("concurrency", *u.concurrency, 1);
        if (u.rate_limit_per_minute) check.at_least("rate_limit_per_minute", *u.rate_limit_per_minute, 0);
        if (u.priority) check.within("priority", *u.priority, 1, 1'000);
        return check.fault_;
    }

    static std::string of(ProcessorOptions const& o) {
        CheckOptions check;
        if (o.tier) check.merge(of(*o.tier));
        if (o.max_in_flight) check.at_least("max_in_flight", *o.max_in_flight, 1);
        check.at_least("max_active_jobs", o.max_active_jobs, 1);
        check.within("max_items_per_job", o.max_items_per_job, 1, std::int64_t{0xffff'fffe});
        check.at_least("retain_finished", o.retain_finished, 0);
        check.at_least("retain_for", o.retain_for.count(), 0);
        check.at_least("retain_bytes", o.retain_bytes, 0);
        check.at_least("abandon_grace", o.abandon_grace.count(), 0);
        if (o.max_abandoned) check.at_least("max_abandoned", *o.max_abandoned, 1);
        check.at_least("max_retrying", o.max_retrying, 1);
        check.at_least("guard_band", o.guard_band.count(), 0);
        check.at_least("max_throttles", o.max_throttles, 0);
        return check.fault_;
    }

    static std::string of(Tier const& t) {
        CheckOptions check;
        check.at_least("tier.max_concurrency", t.max_concurrency, 0);
        check.at_least("tier.per_minute", t.per_minute, 0);
        return check.fault_;
    }

private:
    void at_least(std::string_view field, std::int64_t value, std::int64_t least) {
        if (value < least)
            fault(std::string{field} + " must be at least " + std::to_string(least) + ", not " + std::to_string(value));
    }
    void within(std::string_view field, std::int64_t value, std::int64_t least, std::int64_t most) {
        if (value < least || value > most)
            fault(std::string{field} + " must be from " + std::to_string(least) + " to " + std::to_string(most) +
                  ", not " + std::to_string(value));
    }
    void above_zero(std::string_view field, duration value) {
        if (value <= duration::zero()) fault(std::string{field} + " must be above 0");
    }
    void fault(std::string text) {
        if (fault_.empty()) fault_ = std::move(text);
    }
    void merge(std::string text) { fault(std::move(text)); }

    std::string fault_;
};

}  // namespace batchpace::engine
