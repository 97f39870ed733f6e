// SPDX-License-Identifier: BSL-1.0
// G3 over long runs and at the far end: no start too many in any window, and no permit left unused.

#include <batchpace/batchpace.hpp>
#include <batchpace/testing/simulation.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "net.hpp"
#include "seeds.hpp"

using namespace std::chrono_literals;
using batchpace::BatchProcessor;
using batchpace::duration;
using batchpace::Hooks;
using batchpace::JobOptions;
using batchpace::ProcessorOptions;
using batchpace::SlidingWindow;
using batchpace::Tier;
using batchpace::time_point;
using batchpace::Unlimited;
using batchpace::testing::Simulation;

namespace {

auto const without_end = [](std::size_t most) { return std::vector<int>(most); };
JobOptions const endless{.duplicates = batchpace::Duplicates::allow};

/// Times at which something happened, the latest `limit` of them.
class Latest {
public:
    explicit Latest(int limit) : ring_(static_cast<std::size_t>(limit)) {}
    /// False: more than `limit` within `window`.
    bool note(time_point now, duration window) {
        auto& oldest = ring_[next_];
        auto const fits = count_ < ring_.size() || oldest <= now - window;
        oldest = now;
        next_ = next_ + 1 == ring_.size() ? 0 : next_ + 1;
        ++count_;
        return fits;
    }
    std::uint64_t count() const noexcept { return count_; }

private:
    std::vector<time_point> ring_;
    std::size_t next_ = 0;
    std::uint64_t count_ = 0;
};

struct Use {
    double share;          // of the starts that were possible
    std::uint64_t excess;  // starts beyond the limit in some window
};

Use saturated(int limit, duration guard, duration time) {
    Simulation sim{static_cast<std::uint64_t>(limit)};
    sim.set_lag(1us);
    Latest starts{limit};
    std::uint64_t excess = 0;
    BatchProcessor processor{sim, SlidingWindow{limit, 1min, guard},
                             [&](int) { excess += starts.note(sim.now(), 1min) ? 0U : 1U; },
                             {.max_items_per_job = 1'000'000'000}};
    processor.start_batch(batchpace::from_source(without_end), endless);
    sim.run_for(time);
    auto const windows = (time + 1min + guard - 1ns) / (1min + guard);
    return {static_cast<double>(starts.count()) / static_cast<double>(windows * limit), excess};
}

// A day; where few seeds are run, so much less of it.
duration a_day() {
    constexpr duration::rep enough = 2'000;
    auto const count = std::clamp<duration::rep>(static_cast<duration::rep>(batchpace_tests::seeds().size()), 40, enough);
    return duration{24h} / enough * count;
}

/// How many of the arrivals at a server that is up to `jitter` away are beyond its limit, over ten windows.
struct FarEnd {
    int limit;
    duration jitter;
    std::vector<time_point> arrivals = {};

    template <class Limiter>
    std::uint64_t excess(std::uint64_t seed, Limiter limiter, ProcessorOptions const& options, JobOptions job, Hooks hooks) {
        Simulation sim{seed};
        sim.set_lag(0s);
        batchpace::Random random{seed};
        BatchProcessor processor{sim, std::move(limiter),
                                 [&](int) -> asio::awaitable<void> {
                                     auto const delay = random.below(jitter);
                                     co_await batchpace::sleep_for(delay, asio::use_awaitable);
                                     arrivals.push_back(sim.now());
                                 },
                                 options, std::move(hooks)};
        job.concurrency = limit;
        job.duplicates = batchpace::Duplicates::allow;
        auto const id = processor.start_batch(batchpace::from_source(without_end), job);
        sim.run_for(10min);
        processor.cancel(id);
        sim.run();
        std::uint64_t beyond = 0;
        for (auto i = static_cast<std::size_t>(limit); i < arrivals.size(); ++i)
            beyond += arrivals[i] - arrivals[i - static_cast<std::size_t>(limit)] < 1min ? 1U : 0U;
        REQUIRE(arrivals.size() >= 9 * static_cast<std::size_t>(limit));
        return beyond;
    }

    std::uint64_t of_processor(std::uint64_t seed, duration guard) {
        return excess(seed, SlidingWindow{limit, 1min, guard}, {}, {}, {});
    }
    std::uint64_t of_tier(std::uint64_t seed, duration guard) {
        auto const tier = Tier{"far", 0, limit};
        auto tier_of = [tier](std::string_view) { return std::optional{tier}; };
        return excess(seed, Unlimited{}, {.guard_band = guard}, {}, Hooks{}.tier_of(tier_of));
    }
    std::uint64_t of_job(std::uint64_t seed, duration guard) {
        return excess(seed, Unlimited{}, {.guard_band = guard}, {.rate_limit_per_minute = limit}, {});
    }
};

}  // namespace

TEST_CASE("10 a minute for a day: no start too many, no permit unused", "[limits]") {
    for (duration const guard : {0s, 2s}) {
        auto const use = saturated(10, guard, a_day());
        CHECK(use.excess == 0);
        CHECK(use.share >= 0.999);
        CHECK(use.share <= 1);
    }
}

TEST_CASE("500 a minute for a day: no start too many, no permit unused", "[limits]") {
    for (duration const guard : {0s, 2s}) {
        auto const use = saturated(500, guard, a_day());
        CHECK(use.excess == 0);
        CHECK(use.share >= 0.999);
        CHECK(use.share <= 1);
    }
}

TEST_CASE("10,000 a minute for a day: no start too many, no permit unused", "[limits]") {
    auto const use = saturated(10'000, 0s, a_day());
    CHECK(use.excess == 0);
    CHECK(use.share >= 0.999);
    CHECK(use.share <= 1);
}

TEST_CASE("10,000 a minute for a day with a guard band: no start too many, no permit unused", "[limits]") {
    auto const use = saturated(10'000, 2s, a_day());
    CHECK(use.excess == 0);
    CHECK(use.share >= 0.999);
    CHECK(use.share <= 1);
}

TEST_CASE("with a guard band as wide as the jitter a server sees no call too many", "[limits]") {
    batchpace_tests::for_each_seed(
        [](std::uint64_t seed) {
            duration const jitter = 1ms + Simulation{seed}.random().below(duration{5s});
            for (int const limit : {3, 60}) {
                REQUIRE((FarEnd{limit, jitter}.of_processor(seed, jitter)) == 0);
                REQUIRE((FarEnd{limit, jitter}.of_tier(seed, jitter)) == 0);
                REQUIRE((FarEnd{limit, jitter}.of_job(seed, jitter)) == 0);
                // Without one it does, so this test can fail.
                if (limit < 60) continue;
                REQUIRE((FarEnd{limit, jitter}.of_processor(seed, 0s)) > 0);
                REQUIRE((FarEnd{limit, jitter}.of_tier(seed, 0s)) > 0);
                REQUIRE((FarEnd{limit, jitter}.of_job(seed, 0s)) > 0);
            }
        },
        20);
}
