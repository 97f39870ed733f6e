// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/engine/competition.hpp>
#include <batchpace/engine/engine.hpp>
#include <batchpace/engine/job.hpp>
#include <batchpace/engine/scope.hpp>
#include <batchpace/policy/circuit_breaker.hpp>
#include <batchpace/policy/eta.hpp>
#include <batchpace/policy/pace.hpp>
#include <batchpace/policy/sliding_window.hpp>
#include <batchpace/time.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

namespace batchpace::engine {

/// When a job will have ended, one that runs or one that could be started: gathers what the engine knows, and leaves the
/// arithmetic to `Eta` and `Competition`. Called under the engine's mutex; its cost is bounded, however many jobs compete.
class Estimator {
public:
    /// Whose time is to be told: its own scope, and the tenant's where there is one.
    struct Path {
        Scope const& job;
        Scope const* tenant;
        Scope const& root;
    };
    struct Answer {
        std::optional<duration> time;
        std::optional<int> rate_limit_per_minute;  ///< of the limit that binds it, if one does
    };

    /// Completes `in`, which says what the job has to do, by what its scopes let it do.
    static Answer of(Engine const& engine, Path const& path, Eta::Input const& in, time_point now) {
        Estimator e{engine, path, in, now};
        return e.answer();
    }

    /// The share of attempts after which the item is tried again. A young job is held to be like those before it, a young
    /// processor to have no failures.
    static double retry_rate(Engine const& engine, std::uint64_t retried, std::uint64_t processed) noexcept {
        constexpr double young = 20.0;
        auto const& stats = engine.stats;
        if (stats.attempts_failed == 0) return 0.0;
        auto const attempts = static_cast<double>(stats.successful + stats.attempts_failed);
        auto const again = static_cast<double>(stats.attempts_failed) - static_cast<double>(stats.failed);
        auto const before = std::clamp(again / (attempts + young), 0.0, 1.0);
        return (static_cast<double>(retried) + young * before) / (static_cast<double>(retried + processed) + young);
    }

    static Pace const& pace(Engine const& engine, Job const& job) noexcept {
        return job.pace && job.pace->known() ? *job.pace : engine.pace();
    }

private:
    static constexpr double endless = 1e18;

    Estimator(Engine const& engine, Path const& path, Eta::Input const& in, time_point now)
        : engine_{engine}, path_{path}, in_{in}, now_{now}, base_{now} {
        lanes_ = static_cast<double>(std::max<std::int64_t>(in_.concurrency, 1));
        for (auto const* s : scopes()) {
            if (s == nullptr) continue;
            if (s->cap > 0) in_.concurrency = std::min<std::int64_t>(in_.concurrency, s->cap);
            base_ = std::max(base_, s->closed_until);
            if (auto const* breaker = s->breaker(); breaker != nullptr && breaker->state(now) == CircuitBreaker::State::open)
                base_ = std::max(base_, breaker->until());
        }
        in_.blocked_for = std::max(in_.blocked_for, base_ - now_);
        base_ = detail::saturated_add(now_, in_.blocked_for);
        mean_ = in_.mean_duration ? std::max(1.0, static_cast<double>(in_.mean_duration->count())) : 1.0;
    }

    std::array<Scope const*, 3> scopes() const noexcept { return {&path_.job, path_.tenant, &path_.root}; }
    static bool limited(Scope const& s) noexcept { return s.rate || s.limiter || s.cap > 0; }

    Answer answer() {
        for (auto const* s : scopes()) {
            if (s == nullptr) continue;
            if (s->paused || s->barred) return {};  // until somebody or something says otherwise
            if (s->limiter && !s->limiter->last_of(base_, 1)) in_.blind = true;
        }
        auto const calls = calls_ = Eta::calls_left(in_);
        rate(path_.job, base_, calls, static_cast<double>(in_.concurrency), static_cast<double>(in_.concurrency) / mean_);
        auto const at_root = limited(path_.root);
        if (!at_root && (path_.tenant == nullptr || !limited(*path_.tenant))) return finished();

        // Who else wants what my calls want? First within the tenant, then among the tenants.
        Competition::Party const self{calls, lanes_, mean_, static_cast<double>(path_.job.weight), rate_of(path_.job), 1.0, nullptr, 0.0, 0.0};
        Competition jobs;
        jobs.add(self);
        if (path_.tenant != nullptr) rivals(jobs, *path_.tenant, path_.job, [&](Scope const& s) { return party(*s.job(), 1.0); });
        Competition tenants;
        if (at_root) {
            auto mine = total(jobs, path_.tenant);
            mine.weight = path_.tenant != nullptr ? path_.tenant->weight : 1.0;
            tenants.add(mine);
            rivals(tenants, path_.root, path_.tenant != nullptr ? *path_.tenant : path_.job, [&](Scope const& s) { return party(s); });
        }
        auto supply = at_root ? supply_of(path_.root, tenants.alone() && jobs.alone()) : Competition::Supply{};
        if (at_root) {
            tenants.divide(supply);
            // My tenant's part of it is what its jobs divide, unless the tenant's own limits are tighter.
            supply.round *= tenants.my_part();
            supply.lanes = supply.lanes > 0.0 ? tenants.me().given_lanes : 0.0;
        }
        if (path_.tenant != nullptr && limited(*path_.tenant)) {
            auto const own = supply_of(*path_.tenant, jobs.alone());
            auto const tighter = supply.rated && supply.round > 0.0 && supply.round / supply.every < own.round / own.every;
            if (own.rated && !tighter) supply = {supply.lanes, true, own.round, own.every, own.spread};
            if (own.lanes > 0.0 && (supply.lanes <= 0.0 || own.lanes < supply.lanes)) supply.lanes = own.lanes;
        }
        jobs.divide(supply);
        if (path_.tenant != nullptr) {
            as_observed(jobs, *path_.tenant, path_.job);
            if (at_root) as_observed(tenants, path_.root, *path_.tenant);
        }

        // What a competitor that is bound elsewhere can take depends on the time, and the time on what they take.
        auto const own = in_;
        double time = endless;
        for (int round = 0; round < 4; ++round) {
            in_ = own;
            binding_ = own_binding_;
            auto const able = [&](Competition::Party const& p) { return able_to(p, time); };
            auto const within = jobs.ahead(able);
            if (path_.tenant != nullptr) bound(*path_.tenant, jobs, within);
            if (at_root) {
                tenants.set_my_calls(within.calls);
                bound(path_.root, tenants, tenants.ahead(able));
            }
            auto const left = Eta::time_left(in_);
            if (!left) return {};
            auto const before = std::exchange(time, static_cast<double>(left->count()));
            if ((jobs.alone() && (!at_root || tenants.alone())) || before - time < 0.01 * time) break;
        }
        return finished();
    }

    Answer finished() const {
        Answer answer{Eta::time_left(in_), {}};
        auto const by_limit = answer.time && in_.last_start_in && *in_.last_start_in + in_.mean_duration.value_or(duration::zero()) >= *answer.time;
        if (binding_ != nullptr && by_limit) answer.rate_limit_per_minute = per_minute(*binding_);
        return answer;
    }

    // ---- competitors ------------------------------------------------------------------------------------------

    // Adds those of the scope's children that compete, but for `mine`: up to `most`, each then standing for several.
    template <class PartyOf>
    void rivals(Competition& found, Scope const& scope, Scope const& mine, PartyOf party_of) const {
        auto const others = scope.children() - (mine.parent() == &scope ? 1 : 0);
        auto looked_at = 0;
        for (auto const* s = scope.first_child(); s != nullptr && !found.full(); s = s->next_sibling()) {
            if (s == &mine) continue;
            if (++looked_at > static_cast<int>(8 * Competition::most)) break;
            auto const p = party_of(*s);
            if (p.calls > 0.0) found.add(p);
        }
        if (looked_at > 0 && looked_at < others) found.scale(static_cast<double>(others) / looked_at);
    }

    Competition::Party party(Job const& job, double scale) const {
        auto const& known = pace(engine_, job);
        auto const mean = known.known() ? std::max(1.0, static_cast<double>(known.mean().count())) : mean_;
        auto const lanes = static_cast<double>(job.scope.cap);
        return {wanted(job), lanes, mean, static_cast<double>(job.scope.weight), rate_of(job.scope), scale, &job.scope, 0.0, 0.0};
    }

    // A tenant: its jobs together, of which few are looked at where there are many tenants.
    Competition::Party party(Scope const& tenant) const {
        if (tenant.paused) return {};
        auto const most = std::max(1, static_cast<int>(4 * Competition::most) / std::max(1, path_.root.children()));
        Competition::Party sum{0.0, 0.0, 0.0, static_cast<double>(tenant.weight), 0.0, 1.0, &tenant, 0.0, 0.0};
        auto looked_at = 0;
        for (auto const* s = tenant.first_child(); s != nullptr && looked_at < most; s = s->next_sibling(), ++looked_at) {
            auto const p = party(*s->job(), 1.0);
            if (p.calls <= 0.0) continue;
            sum.calls += p.calls;
            sum.lanes += p.lanes;
            sum.rate += p.rate;
            sum.mean += p.lanes / p.mean;  // starts a nanosecond, for now
        }
        if (sum.calls <= 0.0) return {};
        sum.mean = sum.lanes / sum.mean;
        auto const scale = static_cast<double>(tenant.children()) / looked_at;
        sum.calls *= scale;
        sum.lanes *= scale;
        sum.rate *= scale;
        restrain(sum, tenant);
        return sum;
    }

    // All that compete within my tenant are one party among the tenants.
    static Competition::Party total(Competition const& jobs, Scope const* tenant) {
        Competition::Party sum{0.0, 0.0, 0.0, 1.0, 0.0, 1.0, tenant, 0.0, 0.0};
        for (auto const& p : jobs) {
            sum.calls += p.scale * p.calls;
            sum.lanes += p.scale * p.lanes;
            sum.rate += p.scale * p.rate;
            sum.mean += p.scale * p.lanes / p.mean;
        }
        sum.mean = sum.lanes / sum.mean;
        if (tenant != nullptr) restrain(sum, *tenant);
        return sum;
    }

    static void restrain(Competition::Party& party, Scope const& scope) {
        if (scope.cap > 0) party.lanes = std::min(party.lanes, static_cast<double>(scope.cap));
        party.rate = std::min(party.rate, rate_of(scope));
    }

    static double rate_of(Scope const& scope) noexcept {
        if (!scope.rate) return Competition::unlimited;
        return static_cast<double>(scope.rate->limit()) / static_cast<double>((scope.rate->window() + scope.rate->guard()).count());
    }

    // Calls that a competitor wants to make; one whose total is not known has no end.
    double wanted(Job const& job) const {
        if (job.stopping() || !job.accepted || job.scope.paused) return 0.0;
        if (!job.total_known()) return endless;
        auto const fresh = static_cast<double>(job.unclaimed() + (job.total() - job.known()));
        // Backoffs that outlast the job are no competition.
        auto const due = job.next_due() <= detail::saturated_add(now_, horizon()) ? static_cast<double>(job.retrying()) : 0.0;
        if (fresh + due == 0.0) return 0.0;
        auto const p = retry_rate(engine_, job.retried(), job.ledger.processed());
        auto const items = fresh * Eta::attempts(p, job.options.max_attempts) +
                           due * Eta::attempts(p, job.options.max_attempts - 1);
        auto const calls = items / engine_.items_per_call();
        if (!job.options.max_calls) return calls;
        auto const most = static_cast<std::uint64_t>(*job.options.max_calls);
        return std::min(calls, static_cast<double>(engine_.charged(most - std::min(most, job.calls()))));
    }

    // About how long I shall take, were I alone.
    duration horizon() const { return Eta::time_left(in_).value_or(duration::max()); }

    // Where two have competed for some time already, what each got is what it will get: that knows how long lanes wait
    // for their turn, and how permits come in clusters.
    void as_observed(Competition& all, Scope const& scope, Scope const& mine) const {
        all.replace_shares([&](Competition::Party const& p) -> double {
            if (!scope.starts || !mine.starts || !p.scope->starts) return p.share;
            auto const since = std::max({scope.starts->since(), mine.starts->since(), p.scope->starts->since()});
            auto const minutes = StartLog::minutes(now_, since);
            if (!minutes) return p.share;
            auto const own = static_cast<double>(mine.starts->count(*minutes));
            if (own < 20.0) return p.share;
            return all.me().share * static_cast<double>(p.scope->starts->count(*minutes)) / own;
        });
    }

    // What a competitor can start within `time`, given its own limit and lanes.
    double able_to(Competition::Party const& p, double time) const {
        auto calls = p.lanes * (1.0 + time / p.mean);
        if (p.scope != nullptr && p.scope->rate && time < endless) {
            auto const& rate = *p.scope->rate;
            auto const span = static_cast<double>((rate.window() + rate.guard()).count());
            auto const rest = duration{static_cast<duration::rep>(std::fmod(time, span))};
            auto const limit = static_cast<double>(rate.limit());
            calls = std::min(calls, limit * std::floor(time / span) + limit - static_cast<double>(rate.used(now_ + rest)));
        }
        return std::max(0.0, calls);
    }

    // ---- limits -----------------------------------------------------------------------------------------------

    static std::optional<int> per_minute(Scope const& scope) {
        std::optional<int> least;
        if (scope.limiter) least = scope.limiter->per_minute();
        if (scope.rate && (!least || scope.rate->limit() < *least)) least = static_cast<int>(scope.rate->limit());
        return least;
    }

    static AnyLimiter::Round round(Scope const& scope, time_point at) {
        AnyLimiter::Round round;
        if (scope.limiter) round = scope.limiter->round(at);
        if (scope.rate && (round.limit == 0 || static_cast<std::uint64_t>(scope.rate->limit()) < round.limit))
            round = {static_cast<std::uint64_t>(scope.rate->limit()), static_cast<std::uint64_t>(scope.rate->used(at))};
        return round;
    }

    // What there is to be divided at a scope. The permits of a round come free within the window without its largest
    // gap, which a few probes find.
    Competition::Supply supply_of(Scope const& scope, bool alone) const {
        Competition::Supply supply;
        supply.lanes = scope.cap;
        supply.rated = scope.rate || scope.limiter;
        auto const limit = round(scope, base_).limit;
        if (alone || limit == 0) return supply;
        auto const probes = std::min<std::uint64_t>(limit, 8);
        auto const opens = [&](std::uint64_t i) {
            return static_cast<double>((*scope.last_of(base_, 1 + limit * i / probes) - base_).count());
        };
        double largest = 0.0;
        auto const first = opens(0);
        auto last = first;
        for (std::uint64_t i = 1; i <= probes; ++i) {
            auto const next = opens(i);
            largest = std::max(largest, next - last);
            last = next;
        }
        supply.round = static_cast<double>(limit);
        supply.every = last - first;
        if (probes < 2) return supply;
        auto const usual = (last - first - largest) / static_cast<double>(probes - 1);
        supply.spread = last - first - std::max(0.0, largest - usual);
        return supply;
    }

    // The last of so many calls may not start before the scope's limits admit it. Where they let a whole round through
    // at once, the lanes need their time for it: they start `lanes` calls at once, then `speed` a nanosecond.
    void rate(Scope const& scope, time_point from, double calls, double lanes, double speed) {
        auto const whole = Eta::whole(calls);
        auto const last = scope.last_of(from, whole);
        if (!last || whole == 0) return;
        auto start_in = static_cast<double>((*last - now_).count());
        if (auto const r = round(scope, from); r.limit > 0 && in_.mean_duration) {
            auto const first = r.limit > r.used ? r.limit - r.used + 1 : 1;  // with it the next round begins
            auto const begins = whole >= first ? whole - (whole - first) % r.limit : 1;
            start_in = std::max(start_in, static_cast<double>((*scope.last_of(from, begins) - now_).count()) +
                                              std::max(0.0, static_cast<double>(whole - begins + 1) - lanes) / speed);
        }
        if (start_in >= static_cast<double>(duration::max().count())) start_in = static_cast<double>(duration::max().count() / 2);
        auto const in = duration{static_cast<duration::rep>(start_in)};
        if (in_.last_start_in && in <= *in_.last_start_in) return;
        in_.last_start_in = in;
        binding_ = &scope;
        if (&scope == &path_.job) own_binding_ = &scope;
    }

    void bound(Scope const& scope, Competition const& all, Competition::Ahead const& ahead) {
        rate(scope, base_, ahead.calls, all.lanes(), all.speed());
        if (scope.cap <= 0 || ahead.calls <= calls_ || !in_.mean_duration) return;
        double lanes = 0.0;
        for (auto const& p : all) lanes += p.scale * p.lanes;
        if (lanes <= static_cast<double>(scope.cap)) return;
        auto const mean = ahead.work / ahead.calls;
        auto const running = static_cast<double>(scope.engaged());
        auto const time = static_cast<double>(in_.blocked_for.count()) +
                          Eta::lanes_time(ahead.calls, running, Eta::running_left(running, mean, in_.variation),
                                          static_cast<double>(scope.cap), mean, in_.variation);
        if (time < 9e18) in_.at_least = std::max(in_.at_least.value_or(duration::zero()), duration{static_cast<duration::rep>(time)});
    }

    Engine const& engine_;
    Path path_;
    Eta::Input in_;
    time_point now_;
    time_point base_;  // nothing starts before
    double mean_;      // of a call, nanoseconds
    double calls_ = 0.0;  // that it has to start
    double lanes_;        // of the job itself
    Scope const* binding_ = nullptr;
    Scope const* own_binding_ = nullptr;
};

}  // namespace batchpace::engine
