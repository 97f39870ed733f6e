// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/engine/engine.hpp>
#include <batchpace/estimate.hpp>
#include <batchpace/job_options.hpp>
#include <batchpace/policy/eta.hpp>
#include <batchpace/policy/sliding_window.hpp>
#include <batchpace/tier.hpp>
#include <batchpace/time.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

namespace batchpace::engine {

/// What a batch would take, before it is started: at the limits it would meet, as full as they are now, and with the
/// duration of attempts that jobs before it had.
class Forecast {
public:
    static Estimate of(Engine const& engine, std::uint64_t count, std::optional<Tier> tier, JobOptions const& options,
                       time_point now) {
        Estimate e;
        e.calls = count;
        e.tier = tier ? tier : engine.options().tier;
        e.concurrency = std::max(1, options.concurrency);
        auto const cap = [&](int most) {
            if (most > 0) e.concurrency = std::min(e.concurrency, most);
        };
        cap(engine.root().cap);
        if (tier) cap(tier->max_concurrency);

        Eta::Input in;
        in.items_left = count;
        in.concurrency = e.concurrency;
        if (engine.mean_duration() > duration::zero()) in.mean_duration = engine.mean_duration();
        auto const bound = [&](std::optional<time_point> last, std::optional<int> per_minute) {
            if (!last || *last - now < in.last_start_in.value_or(duration::zero())) return;
            in.last_start_in = *last - now;
            e.rate_limit_per_minute = per_minute;
        };
        auto const fresh = [&](int per_minute) {
            if (per_minute > 0)
                bound(SlidingWindow{per_minute, std::chrono::minutes{1}}.last_of(now, count), per_minute);
        };
        auto const& root = engine.root();
        if (root.limiter) bound(root.limiter->last_of(now, count), root.limiter->per_minute());
        if (root.rate) bound(root.rate->last_of(now, count), static_cast<int>(root.rate->limit()));
        if (tier) fresh(tier->per_minute);
        fresh(options.rate_limit_per_minute.value_or(0));
        if (count > 0) e.time = Eta::time_left(in);
        return e;
    }
};

}  // namespace batchpace::engine
