// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/engine/engine.hpp>
#include <batchpace/engine/estimator.hpp>
#include <batchpace/estimate.hpp>
#include <batchpace/job_options.hpp>
#include <batchpace/policy/eta.hpp>
#include <batchpace/tier.hpp>
#include <batchpace/time.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

namespace batchpace::engine {

/// What a batch would take, before it is started: at the limits it would meet, as full as they are now, beside the jobs
/// that run now, and with the durations and retries that calls before it had.
class Forecast {
public:
    static Estimate of(Engine const& engine, std::uint64_t count, std::optional<Tier> tier, JobOptions const& options,
                       time_point now) {
        auto const& root = engine.root();
        auto const* tenant = engine.find_tenant(options.tenant);

        // The job's scope as it would be, beside the tree: no other job sees it. A tier limits the tenant's scope, but for
        // one job that comes to the same; where the tenant is known, its own scope counts as well.
        Scope job{Scope::Level::job, nullptr};
        job.cap = std::max(1, options.concurrency);
        job.weight = options.priority;
        auto per_minute = options.rate_limit_per_minute.value_or(0);
        if (tier && tier->max_concurrency > 0) job.cap = std::min(job.cap, tier->max_concurrency);
        if (tier && tier->per_minute > 0) per_minute = per_minute > 0 ? std::min(per_minute, tier->per_minute) : tier->per_minute;
        if (per_minute > 0) job.rate.emplace(per_minute, std::chrono::minutes{1}, engine.options().guard_band);

        Eta::Input in;
        in.waiting = count;
        in.retry_rate = Estimator::retry_rate(engine, 0, 0);
        in.max_attempts = options.max_attempts;
        in.concurrency = job.cap;
        if (engine.pace().known()) {
            in.mean_duration = engine.pace().mean();
            in.variation = engine.pace().variation();
        }
        in.items_per_call = engine.items_per_call();
        if (options.max_calls && *options.max_calls > 0)
            in.most_calls = engine.charged(static_cast<std::uint64_t>(*options.max_calls));

        Estimate e;
        e.tier = tier ? tier : engine.options().tier;
        e.calls = Eta::whole(Eta::calls_left(in));
        e.concurrency = job.cap;
        for (auto const* s : {tenant, &root})
            if (s != nullptr && s->cap > 0) e.concurrency = std::min(e.concurrency, s->cap);
        if (count == 0) return e;
        auto const answer = Estimator::of(engine, {job, tenant, root}, in, now);
        e.time = answer.time;
        e.rate_limit_per_minute = answer.rate_limit_per_minute;
        if (e.time && options.deadline && *options.deadline > duration::zero()) e.time = std::min(*e.time, *options.deadline);
        return e;
    }
};

}  // namespace batchpace::engine
