// SPDX-License-Identifier: BSL-1.0
// Thousands of short histories drawn from a seed: what a host and a loop could do, in any order and at any time.
// The script checks G1 to G4 and every counter after each step; here it is checked that nothing is ever stuck.
#include "scripted.hpp"

#include "../catch.hpp"

#include <batchpace/policy/random.hpp>

#include <cstdlib>

using namespace scripted;
using batchpace::Random;
using Phase = Lane::Phase;

namespace {

class History {
public:
    explicit History(std::uint64_t seed) : random_{seed}, script_{options(), duration{0}} {
        durations_ = chance(2) ? duration{200us} : duration{2s};
        script_.engine.wants_stalls = chance(2);
        if (std::getenv("BATCHPACE_STORY") != nullptr) script_.story = &story_;
    }

    std::string run(int steps) {
        for (int i = 0; i < steps && fine(); ++i) step();
        return settle_down();
    }
    std::vector<std::string> const& story() const { return story_; }

private:
    static constexpr std::array tenants{"", "a", "b"};

    bool chance(std::uint64_t one_in) { return random_.below(one_in) == 0; }
    int from_1(std::uint64_t most) { return static_cast<int>(1 + random_.below(most)); }
    bool fine() const { return script_.first_fault.empty(); }

    ProcessorOptions options() {
        ProcessorOptions o;
        if (chance(2)) o.max_in_flight = from_1(6);
        if (chance(4)) o.tier = Tier{"t", static_cast<int>(random_.below(4)), from_1(20)};
        if (chance(2)) o.max_abandoned = from_1(4);
        if (chance(3)) o.max_retrying = from_1(5);
        o.abandon_grace = random_.below(duration{3s});
        o.max_throttles = static_cast<int>(random_.below(3));
        return o;
    }
    JobOptions job_options() {
        JobOptions o;
        o.concurrency = from_1(5);
        o.max_attempts = from_1(3);
        o.attempt_timeout = 1s + random_.below(duration{20s});
        if (chance(5)) o.rate_limit_per_minute = from_1(20);
        if (chance(6)) o.deadline = 1s + random_.below(duration{2min});
        if (chance(5)) o.max_calls = from_1(20);
        if (chance(6)) o.stop_after_failures = from_1(4);
        if (chance(8)) o.stop_at_failure_rate = 0.25;
        if (chance(3)) o.stalled_after = 1s + random_.below(duration{1min});
        o.priority = from_1(3);
        o.tenant = tenants[random_.below(tenants.size())];
        return o;
    }
    std::optional<Tier> tier() {
        if (!chance(3)) return std::nullopt;
        return Tier{"t", static_cast<int>(random_.below(4)), static_cast<int>(random_.below(3) * 7)};
    }
    Failure failure() {
        switch (random_.below(4)) {
            case 0: return Failure::permanent("no");
            case 1: return Failure::throttled("wait", chance(2) ? std::optional{random_.below(duration{10s})} : std::nullopt);
            case 2: return Failure::timed_out("late");
            default: return Failure::transient("again", chance(4) ? std::optional{random_.below(duration{5s})} : std::nullopt);
        }
    }

    template <class Wanted>
    Lane* pick_lane(Wanted wanted) {
        std::vector<Lane*> found;
        for (auto& lane : script_.lanes)
            if (lane->phase != Phase::gone && wanted(*lane)) found.push_back(lane.get());
        return found.empty() ? nullptr : found[random_.below(found.size())];
    }
    FakeJob* pick_job() {
        return script_.jobs.empty() ? nullptr : script_.jobs[random_.below(script_.jobs.size())].get();
    }
    static bool abandoned(Lane const& lane) { return lane.state == LaneSlot::State::abandoned; }

    void pass_time() {
        switch (random_.below(4)) {
            case 0: script_.after(random_.below(durations_)); break;
            case 1: script_.late(random_.below(durations_)); break;
            case 2: script_.late(random_.below(duration{10s})); break;
            default:
                if (auto const next = script_.engine.next_time(); next != time_point::max())
                    script_.after(std::max(duration{0}, next - script_.now));
        }
    }

    void step() {
        auto const kind = random_.below(100);
        if (kind < 30) {
            if (auto* lane = pick_lane([](Lane& l) { return l.phase == Phase::coming; })) {
                // as a rule it begins at once, as lanes do; a thread may be interrupted there
                if (script_.claim(*lane) && !chance(4)) script_.begin(*lane);
            }
        } else if (kind < 40) {
            if (auto* lane = pick_lane([](Lane& l) { return l.phase == Phase::holding; })) script_.begin(*lane);
        } else if (kind < 66) {
            if (auto* lane = pick_lane([](Lane& l) { return l.phase == Phase::calling && !l.hung; })) answer(*lane);
        } else if (kind < 80) {
            pass_time();
        } else if (kind < 86) {
            if (script_.jobs.size() < 6) start();
        } else if (kind < 88) {
            if (auto* lane = pick_lane([](Lane& l) { return l.phase == Phase::calling; })) lane->hung = true;
        } else if (kind < 89) {
            if (auto* lane = pick_lane([](Lane& l) { return abandoned(l); })) answer(*lane);
        } else if (kind < 90) {
            if (chance(3))
                if (auto* lane = pick_lane([](Lane&) { return true; })) script_.lose(*lane);
        } else {
            host();
        }
        script_.tidy();
    }

    void answer(Lane& lane) {
        if (chance(3))
            script_.fail(lane, failure());
        else
            script_.succeed(lane);
    }

    void start() {
        if (!chance(4)) {
            script_.start(1 + random_.below(chance(3) ? 200 : 12), job_options(), tier());
            return;
        }
        auto const total = 1 + random_.below(40);
        auto& job = script_.start_source(chance(2) ? std::optional{total} : std::nullopt, job_options());
        left_[&job] = chance(6) ? total + 1 : total;
    }
    void source(FakeJob& job) {
        if (job.refills == 0) return;
        auto& left = left_[&job];
        auto const count = std::min(left, 1 + random_.below(12));
        left -= count;
        script_.source_gives(job, count, count == 0 || (left == 0 && chance(2)), chance(40) ? "torn" : "");
    }

    void host() {
        auto* const job = pick_job();
        if (job == nullptr) return;
        if (chance(12)) return script_.pause_all(chance(2));
        if (chance(12)) return script_.pause_tenant(job->options.tenant(), chance(2));
        switch (random_.below(8)) {
            case 0: script_.pause(*job, !job->scope.paused); break;
            case 1: script_.pause(*job, false); break;
            case 2: {
                batchpace::JobUpdate u;
                if (chance(2)) u.concurrency = from_1(6);
                if (chance(2)) u.rate_limit_per_minute = static_cast<int>(random_.below(12));
                if (chance(2)) u.priority = from_1(4);
                script_.update(*job, u);
                break;
            }
            case 3: if (chance(5)) script_.cancel(*job); break;
            case 4: script_.set_tier(job->options.tenant(), Tier{"t", static_cast<int>(random_.below(4)),
                                                      static_cast<int>(random_.below(3) * 6)}); break;
            case 5: script_.admitted_only(*job, chance(2)); break;
            default: source(*job);
        }
    }

    // No more surprises: what runs answers, what hangs hangs, time passes. Everything must come to an end.
    std::string settle_down() {
        for (auto& job : script_.jobs)
            if (chance(3)) script_.pause(*job, false);
        script_.pause_all(false);
        for (auto const* tenant : tenants) script_.pause_tenant(tenant, false);
        for (int rounds = 0; fine(); ++rounds) {
            if (rounds > 100'000) return "it never comes to rest";
            script_.tidy();
            bool moved = false;
            for (auto& job : script_.jobs)
                if (job->refills > 0) source(*job), moved = true;
            if (auto* lane = pick_lane([](Lane& l) { return l.phase == Phase::coming; }))
                script_.claim(*lane), moved = true;
            else if (lane = pick_lane([](Lane& l) { return l.phase == Phase::holding; }); lane != nullptr)
                script_.begin(*lane), moved = true;
            else if (lane = pick_lane([](Lane& l) { return l.phase == Phase::calling && !l.hung; }); lane != nullptr)
                answer(*lane), moved = true;
            if (moved) continue;
            auto const next = script_.engine.next_time();
            if (next == time_point::max()) break;
            script_.after(std::max(duration{0}, next - script_.now));
        }
        if (!fine()) return script_.first_fault;
        for (auto& job : script_.jobs) {
            if (job->finished_at || job->scope.paused || script_.engine.root().barred) continue;
            return "stuck: job " + job->id.to_string().substr(34) + " is " + std::string{to_string(job->status)} + ", " +
                   std::to_string(script_.progress(*job).waiting) + " waiting, " +
                   std::to_string(script_.progress(*job).retrying) + " retrying";
        }
        // Those that were held up go on as soon as they may.
        for (auto& job : script_.jobs)
            if (job->scope.paused && !job->finished_at) script_.pause(*job, false), held_up_ = true;
        while (auto* lane = pick_lane([](Lane& l) { return abandoned(l); })) {
            script_.succeed(*lane);
            script_.tidy();
            held_up_ = true;
        }
        if (std::exchange(held_up_, false) && ++resumed_ < 50) return settle_down();
        if (!fine()) return script_.first_fault;
        if (script_.engine.root().barred) return "barred for ever";
        for (auto& job : script_.jobs)
            if (!job->finished_at || job->finishes != 1) return "a job has not finished, or nobody was told";
        if (!script_.idle()) return "all jobs have finished, but something is still counted";
        return {};
    }

    Random random_;
    std::vector<std::string> story_;
    Script script_;
    duration durations_{};
    std::map<FakeJob*, std::uint64_t> left_;
    bool held_up_ = false;
    int resumed_ = 0;
};

std::uint64_t number_from(char const* name, std::uint64_t otherwise) {
    auto const* text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

}  // namespace

TEST_CASE("whatever happens in whatever order, the engine keeps its guarantees", "[engine][random]") {
    auto const first = number_from("BATCHPACE_SEED", 1);
    auto const count = number_from("BATCHPACE_SEEDS", 1'000);
    for (auto seed = first; seed < first + count; ++seed) {
        History history{seed};
        auto const fault = history.run(static_cast<int>(20 + seed % 300));
        INFO("replay: BATCHPACE_SEED=" << seed << " BATCHPACE_SEEDS=1 (and BATCHPACE_STORY=1 to see the steps)");
        if (!fault.empty())
            for (auto const& step : history.story()) UNSCOPED_INFO(step);
        REQUIRE(fault == "");
    }
}
