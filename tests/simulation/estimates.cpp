// SPDX-License-Identifier: BSL-1.0
#include "estimate_plot.hpp"
#include "estimate_runs.hpp"
#include "seeds.hpp"
#include "../catch.hpp"

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

using namespace estimates;

namespace {

// Steady state: from 5 % of a job on, until fewer than ten waves of calls are left. A wave is as many calls as start at
// once: one a lane, or a whole round of a limit that is fresh. In the last ones it matters how long single calls happen
// to take, and whether one more retry falls into another minute. Where only lanes bound a job and its calls take random
// times (or fail at random) that goes on longer: the sum of a thousand exponentials is known within 3 %, that of a
// hundred within 10 %, and no estimate can know more.
bool steady(Scenario const& scenario, Sample const& s) {
    auto const random = scenario.latency != Durations::constant || scenario.failures > 0.0;
    auto const by_limit = scenario.limit || (scenario.tier && scenario.tier->per_minute > 0);
    return s.done >= 0.05 && s.waves_left >= 10.0 && (by_limit || !random || s.calls_left >= 1'000.0);
}
double off(double said, double truth) { return std::abs(said - truth) / truth; }

struct Accuracy {
    std::vector<double> errors = {};  // in steady state
    double late = 0.0;           // worst after it, as a share of the whole time
    double naive = 0.0;          // the naive estimate's worst, as a factor, in steady state
    double before = 0.0;         // worst of those made before a start
    int unknown = 0;             // samples in steady state without an estimate

    // Nobody can know of a job that will come later: only what was said when all of them were there counts.
    void add(Scenario const& scenario, Told const& told, double all_there, bool last) {
        for (auto const& s : told.samples) {
            if (s.done < 0.05 || told.from + s.at <= all_there) continue;
            if (!s.said) {
                unknown += steady(scenario, s) ? 1 : 0;
                continue;
            }
            if (!steady(scenario, s)) {
                late = std::max(late, std::abs(*s.said - s.truth) / told.took);
                continue;
            }
            errors.push_back(off(*s.said, s.truth));
            if (s.naive > 0.0) naive = std::max({naive, s.naive / s.truth, s.truth / s.naive});
        }
        if (last && told.before) before = std::max(before, off(*told.before, told.took));
    }
    double median() {
        if (errors.empty()) return 0.0;
        std::nth_element(errors.begin(), errors.begin() + static_cast<std::ptrdiff_t>(errors.size() / 2), errors.end());
        return errors[errors.size() / 2];
    }
    double worst() const { return errors.empty() ? 0.0 : *std::max_element(errors.begin(), errors.end()); }
};

// The seeds are fixed, so that the test says the same every time; BATCHPACE_ESTIMATE_SEEDS=20 tries more of them. One
// where few seeds of everything are asked for, as under sanitizers, which take ten times as long.
std::uint64_t seeds(std::uint64_t usual) {
    auto const* many = std::getenv("BATCHPACE_ESTIMATE_SEEDS");
    if (many != nullptr) return std::strtoull(many, nullptr, 10);
    return batchpace_tests::seeds().size() < 1'000 ? 1 : usual;
}

bool wanted(char const* name) { return std::getenv(name) != nullptr; }

void check(Scenario const& s, std::uint64_t seeds, std::optional<double> before = {}) {
    Accuracy f;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        auto const all = run(s, seed);
        double latest = 0.0;
        for (auto const& told : all) latest = std::max(latest, told.from);
        for (auto const& told : all) {
            f.add(s, told, latest, &told == &all.back());
            if (wanted("BATCHPACE_ESTIMATE_SAMPLES"))
                for (auto const& x : told.samples)
                    std::printf("%s %llu at %.1f done %.3f said %.1f truth %.1f off %.3f\n", s.name.c_str(),
                                static_cast<unsigned long long>(seed), x.at, x.done, x.said.value_or(-1.0), x.truth,
                                x.said ? off(*x.said, x.truth) : -1.0);
        }
    }
    if (wanted("BATCHPACE_ESTIMATE_TABLE"))
        std::printf("| %-58s | %5zu | %4.1f %% | %4.1f %% | %5.1f %% | %5.1f x | %5.1f %% |\n", s.name.c_str(), f.errors.size(),
                    100 * f.median(), 100 * f.worst(), 100 * f.late, f.naive, 100 * f.before);
    INFO(s.name << ": worst " << 100 * f.worst() << " %, before the start " << 100 * f.before << " %");
    CHECK(f.errors.size() >= 20);
    CHECK(f.unknown == 0);
    CHECK(f.worst() <= s.bar);
    if (before) CHECK(f.before <= *before);
}

std::string name(Durations l) {
    return l == Durations::constant ? "constant" : l == Durations::uniform ? "uniform" : "exponential";
}

constexpr Durations latencies[] = {Durations::constant, Durations::uniform, Durations::exponential};

}  // namespace

TEST_CASE("where the limit bounds a job, the estimate is within 10 %, before the start too", "[estimates]") {
    for (auto const latency : latencies)
        for (auto const failures : {0.0, 0.05}) {
            auto const how = ", " + name(latency) + (failures > 0 ? ", 5 % retries" : "");
            Scenario s;
            s.latency = latency;
            s.failures = failures;
            s.name = "free tier: 2 in flight, 10/min" + how;
            s.tier = Tier::free();
            s.mean = 2s;
            s.batches = {{.items = 1'000}};
            check(s, seeds(3), 0.10);
            s.name = "paid tier: 10 in flight, 500/min" + how;
            s.tier = Tier::paid();
            s.mean = 600ms;
            s.warm = true;
            s.batches = {{.items = 20'000, .concurrency = 10}};
            check(s, seeds(2), 0.10);
        }
}

TEST_CASE("before a start it counts how full the windows are, and what runs", "[estimates]") {
    Scenario s;
    s.limit = 10;
    s.batches = {{.items = 30}, {.items = 30, .after = 150s}};
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        auto const second = run(s, seed).at(1);  // the first has ended, but its last round counts for half a minute more
        REQUIRE(second.before);
        CHECK(off(*second.before, second.took) <= 0.10);
    }
    s.batches = {{.items = 300}, {.items = 100, .tenant = "b", .after = 150s}};
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        auto const second = run(s, seed).at(1);
        REQUIRE(second.before);
        CHECK(off(*second.before, second.took) <= 0.10);
    }
}

TEST_CASE("where its lanes bound a job, the estimate is within 10 %", "[estimates]") {
    for (auto const latency : latencies)
        for (auto const failures : {0.0, 0.05}) {
            Scenario s;
            s.name = "10 lanes, no limit, " + name(latency) + (failures > 0 ? ", 5 % retries" : "");
            s.latency = latency;
            s.failures = failures;
            s.batches = {{.items = latency == Durations::constant ? 5'000 : 40'000, .concurrency = 10}};
            check(s, seeds(3));
        }
}

TEST_CASE("with competing jobs and tenants the estimate is within 10 %", "[estimates]") {
    for (auto const latency : latencies) {
        if (latency != Durations::constant && batchpace_tests::seeds().size() < 60) continue;  // for a quick run
        auto const how = ", " + name(latency);
        Scenario s;
        s.latency = latency;
        s.warm = true;
        auto const both = [&](std::string const& what, std::vector<Batch> batches) {
            s.name = what + how;
            s.batches = std::move(batches);
            // Where calls take random times, how jobs share is known after some ten minutes; their jobs are longer.
            if (latency != Durations::constant)
                for (auto& b : s.batches) b.items *= 3;
            check(s, seeds(latency == Durations::constant ? 1 : 2));
            s.bar = 0.10;
        };
        s.limit = 100;
        both("100/min, two jobs", {{.items = 6'000}, {.items = 3'000}});
        // Here the first minutes do not tell how the jobs will share in the end: as calls take random times the bursts at
        // the beginning of each minute smear out, and from whoever has more lanes permits go to whoever has more weight.
        if (latency != Durations::constant) s.bar = 0.20;
        both("100/min, two tenants, three jobs", {{.items = 4'000}, {.items = 4'000, .tenant = "b"}, {.items = 4'000, .tenant = "b"}});
        if (latency != Durations::constant) s.bar = 0.20;
        both("100/min, priorities 1 and 3", {{.items = 4'000}, {.items = 4'000, .priority = 3}});
        both("100/min, priorities 1 and 3, 100 lanes", {{.items = 4'000, .concurrency = 100}, {.items = 4'000, .concurrency = 100, .priority = 3}});
        both("100/min, 2 and 10 lanes", {{.items = 4'000, .concurrency = 2}, {.items = 4'000, .concurrency = 10}});
        both("100/min, one bound by its own 20/min", {{.items = 4'000}, {.items = 1'500, .per_minute = 20}});
        both("100/min, one comes later", {{.items = 6'000}, {.items = 2'500, .tenant = "b", .after = 10min}});
        s.smooth = true;
        both("100/min paced, priorities 1 and 3", {{.items = 4'000}, {.items = 4'000, .priority = 3}});
        both("100/min paced, two tenants, three jobs", {{.items = 4'000}, {.items = 4'000, .tenant = "b"}, {.items = 4'000, .tenant = "b"}});
        s.smooth = false;
        s.limit.reset();
        s.in_flight = 8;
        both("8 in flight, two jobs", {{.items = 20'000, .concurrency = 8}, {.items = 10'000, .concurrency = 8}});
        both("8 in flight, priorities 1 and 3", {{.items = 20'000, .concurrency = 8}, {.items = 20'000, .concurrency = 8, .priority = 3}});
        both("8 in flight, one has only 2 lanes", {{.items = 20'000, .concurrency = 8}, {.items = 10'000, .concurrency = 2}});
        both("8 in flight, slow and fast calls", {{.items = 20'000, .concurrency = 8}, {.items = 5'000, .concurrency = 8, .tenant = "b", .mean = 4s}});
        s.in_flight.reset();
        s.tier = Tier::paid();
        s.mean = 600ms;
        both("paid tier, two jobs of one tenant", {{.items = 20'000, .concurrency = 10}, {.items = 20'000, .concurrency = 10, .priority = 2}});
        s.limit = 700;
        both("paid tiers at 700/min, three tenants",
             {{.items = 20'000, .concurrency = 10}, {.items = 20'000, .concurrency = 10, .tenant = "b"}, {.items = 12'000, .concurrency = 10, .tenant = "c"}});
    }
}

// BATCHPACE_ESTIMATE_SVG=docs/estimate.svg simulation_tests "[estimate_plot]" draws the documentation's plot anew.
TEST_CASE("the naive estimate is off by a factor of 30 where this one is right", "[estimates][estimate_plot]") {
    Scenario one;
    one.limit = 10;
    one.mean = 2s;
    one.batches = {{.items = 100, .concurrency = 10}};
    auto const alone = run(one, 1, 2'000).at(0);
    double worst_naive = 1.0;
    for (auto const& s : alone.samples) {
        if (s.done < 0.05 || s.naive <= 0.0 || s.truth < 60.0) continue;
        worst_naive = std::max(worst_naive, s.truth / s.naive);
        REQUIRE(s.said);
        CHECK(off(*s.said, s.truth) <= 0.02);
    }
    CHECK(worst_naive >= 20.0);
    if (wanted("BATCHPACE_ESTIMATE_TABLE")) std::printf("100 items at 10 a minute: the naive estimate is off by a factor of %.0f\n", worst_naive);

    Scenario two;
    two.limit = 100;
    two.warm = true;
    two.latency = Durations::exponential;
    two.batches = {{.items = 3'000}, {.items = 1'000, .tenant = "b"}};
    auto const shared = run(two, 1, 2'000).at(0);
    if (char const* path = std::getenv("BATCHPACE_ESTIMATE_SVG"))
        Plot::write(path, {{"100 items at 10 a minute", alone}, {"3,000 items at 100 a minute, another tenant has 1,000", shared}});
}
