// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "figures.hpp"
#include "witness.hpp"

#include <cmath>
#include <deque>
#include <variant>

namespace batchpace_tests {

/// How long calls take: from constant to heavy-tailed.
class Latency {
public:
    enum class Shape { none, constant, uniform, exponential, pareto };

    Latency() = default;
    Latency(Shape shape, duration mean) : shape_{shape}, mean_{mean} {}

    duration draw(batchpace::Random& random) const {
        switch (shape_) {
            case Shape::none: return duration::zero();
            case Shape::constant: return mean_;
            case Shape::uniform: return random.below(2 * mean_);
            case Shape::exponential: return times(-std::log(unit(random)));
            case Shape::pareto: break;
        }
        // Its mean is 1, its variance infinite; cut where one call would outlast a whole run.
        constexpr double alpha = 1.3;
        return times(std::min(100.0, (alpha - 1) / alpha * std::pow(unit(random), -1 / alpha)));
    }

private:
    static double unit(batchpace::Random& random) { return static_cast<double>((random() >> 11) + 1) * 0x1p-53; }
    duration times(double factor) const {
        return duration{static_cast<duration::rep>(static_cast<double>(mean_.count()) * factor)};
    }

    Shape shape_ = Shape::none;
    duration mean_{};
};

/// A service with a limit of its own. What it counts are calls that have reached it, after a delay.
class Server {
public:
    Server(int limit, duration window, duration jitter) : limit_{limit}, window_{window}, jitter_{jitter} {}

    duration delay(batchpace::Random& random) const { return random.below(jitter_); }
    /// A call has arrived: nothing where it is served, else when to come again.
    std::optional<duration> arrive(time_point now) {
        while (!served_.empty() && served_.front() <= now - window_) served_.pop_front();
        if (served_.size() >= static_cast<std::size_t>(limit_)) return served_.front() + window_ - now;
        served_.push_back(now);
        return std::nullopt;
    }
    int limit() const noexcept { return limit_; }
    duration window() const noexcept { return window_; }
    duration jitter() const noexcept { return jitter_; }

private:
    int limit_;
    duration window_;
    duration jitter_;
    std::deque<time_point> served_;
};

/// The processor's limit is one of several kinds, as the seed wants it.
class DrawnLimiter {
public:
    using Two = batchpace::AllOf<batchpace::SlidingWindow, batchpace::SlidingWindow>;
    using Any = std::variant<batchpace::SlidingWindow, batchpace::TokenBucket, Two>;

    explicit DrawnLimiter(Any any) : any_{std::move(any)} {}

    time_point earliest(time_point now, std::size_t cost) const {
        return std::visit([&](auto const& l) { return l.earliest(now, cost); }, any_);
    }
    batchpace::Permit take(time_point now, std::size_t cost) {
        return std::visit([&](auto& l) { return l.take(now, cost); }, any_);
    }
    void give_back(batchpace::Permit permit) {
        std::visit([&](auto& l) { l.give_back(permit); }, any_);
    }
    std::optional<time_point> last_of(time_point now, std::uint64_t calls) const {
        auto const* window = std::get_if<batchpace::SlidingWindow>(&any_);
        return window != nullptr ? std::optional{window->last_of(now, calls)} : std::nullopt;
    }

private:
    Any any_;
};

/// The same bound kept independently: a bucket that leaks.
class BucketBook {
public:
    BucketBook(int n, duration per, int burst)
        : rate_{n / std::chrono::duration<double>(per).count()}, burst_{static_cast<double>(burst)} {}
    bool start(time_point now) {
        level_ = std::max(0.0, level_ - rate_ * std::chrono::duration<double>(now - last_).count()) + 1;
        last_ = now;
        return level_ <= burst_ + 1e-6;
    }

private:
    double rate_;
    double burst_;
    double level_ = 0;
    time_point last_{};
};

/// What the world outside knows of one tenant.
struct TenantBook {
    std::string name;
    batchpace::Tier tier{};  // without a name: none
    RateBook rate;
    std::vector<struct SystemJob*> jobs;
    std::size_t inside = 0;
    std::uint64_t starts = 0;
};

struct SystemJob : JobBook {
    TenantBook* tenant = nullptr;
    Latency latency;
    duration work{};  // that a call keeps the loop busy
    std::uint64_t starts = 0;
    // For the largest wait before the first start: starts of its tenant until then, and how many are no surprise.
    bool started = false;
    std::uint64_t tenant_starts_before = 0;
    std::uint64_t weights_before = 0;
    std::uint64_t slack = 0;
    std::vector<std::tuple<time_point, duration, bool>> estimates;  // when, what, in steady state
    std::optional<time_point> finished_at;
};

/// A whole system drawn from one seed: 1–50 tenants of mixed tiers, 1–200 jobs, a service that throttles. Books are
/// kept at three scopes. The jobs that an event has touched are looked at after it, and all of them now and then.
template <bool Limited>
class System : public Witness<true, std::conditional_t<Limited, DrawnLimiter, batchpace::Unlimited>, SystemJob> {
    using Base = Witness<true, std::conditional_t<Limited, DrawnLimiter, batchpace::Unlimited>, SystemJob>;
    using typename Base::Fate;
    using Base::at;
    using Base::between;
    using Base::chance;
    using Base::options_;
    using Base::promise;
    using Base::touch;

public:
    using Base::jobs;
    using Base::processor;
    using Base::random;
    using Base::shut_down;
    using Base::sim;

    /// storm: everything happens. calm: nobody interferes, little fails; for estimates. saturated: more work than the
    /// limits let through, measured over many rounds; for utilisation and fairness.
    enum class Kind { storm, calm, saturated };

    System(std::uint64_t seed, Kind kind, Figures& figures) : Base{seed}, kind_{kind}, figures_{figures} {
        draw_size();
        draw_processor();
        sim.after_event([this] { after_event(); });
    }

    void run() {
        if (kind_ == Kind::saturated)
            saturate();
        else
            live();
        sim.run_for(std::chrono::hours{24 * 40});
        this->the_end();
        check_everything();
        check_totals();
        this->throw_if_broken();
        ++figures_.systems;
        figures_.events += events_;
        figures_.starts += starts_;
        figures_.most_tenants = std::max(figures_.most_tenants, tenants_.size());
        figures_.most_jobs = std::max(figures_.most_jobs, jobs.size());
        book_estimates();
    }

private:
    // ---- what is drawn ----------------------------------------------------------------------------------------

    void draw_size() {
        auto const size = between(1, 100);
        tenants_to_have_ = size <= 40 ? between(1, 4) : size <= 85 ? between(2, 15) : between(16, 50);
        if (kind_ == Kind::storm && chance(6)) tenants_to_have_ = between(70, 150);  // so many that idle ones are forgotten
        jobs_to_start_ = tenants_to_have_ > 50 ? between(150, 200)
                         : size <= 55          ? between(1, 8)
                         : size <= 90          ? between(5, 40)
                                               : between(41, 200);
        items_to_have_ = between(20, size <= 90 ? 2'500 : 6'000);
        for (int i = 0; i < tenants_to_have_; ++i) {
            auto& tenant = tenants_.emplace_back();
            tenant.name = "tenant-" + std::to_string(i);
        }
        mean_latency_ = chance(30) ? duration{1ms} : chance(50) ? duration{20ms} : duration{300ms};
    }

    batchpace::Tier draw_tier() {
        switch (between(0, 4)) {
            case 0: return batchpace::Tier::free();
            case 1: return batchpace::Tier::paid();
            case 2: return {"drawn", between(0, 6), between(0, 120)};
            case 3: return {"capped", between(1, 4), 0};
            default: return {};
        }
    }

    Latency draw_latency() {
        return {static_cast<Latency::Shape>(between(0, 4)), mean_latency_};
    }

    void set_books_of(TenantBook& tenant, batchpace::Tier const& tier) {
        tenant.tier = tier;
        tenant.rate.set_window(60s + options_.guard_band);
        tenant.rate.set_limit(tier.per_minute);
    }

    void draw_processor() {
        batchpace::ProcessorOptions o;
        auto const saturated = kind_ == Kind::saturated;
        if (saturated ? !Limited : chance(30)) o.max_in_flight = between(1, saturated ? 20 : 40);
        if (!saturated && chance(15)) o.tier = batchpace::Tier{"whole", between(0, 30), between(100, 900)};
        if (!saturated && chance(20)) o.max_retrying = between(1, 20);
        if (chance(30)) o.guard_band = duration{between(1, 3'000) * 1ms};
        o.abandon_grace = duration{between(0, 3) * 1s};
        o.max_abandoned = chance(10) && !saturated ? between(1, 3) : 10'000;
        o.max_throttles = between(0, 5);
        o.retain_for = std::chrono::hours{24 * 365};  // the books are compared with every job to the end
        options_ = o;
        if (kind_ == Kind::storm) {
            this->hanging_ = chance(20);
            this->failing_ = chance(70) ? static_cast<unsigned>(between(0, 25)) : 0;
        } else if (chance(40)) {
            this->failing_ = static_cast<unsigned>(between(1, 5));
        }
        for (auto& tenant : tenants_) set_books_of(tenant, saturated ? batchpace::Tier{} : draw_tier());
        if (saturated && !Limited && chance(40)) {
            // Each tenant at its own limit, which then is what binds.
            auto const each = batchpace::Tier{"equal", 0, between(5, 60)};
            for (auto& tenant : tenants_) set_books_of(tenant, each);
            options_.max_in_flight = o.max_in_flight = {};
        }
        if (o.tier) {
            tier_rate_.set_window(60s + o.guard_band);
            tier_rate_.set_limit(o.tier->per_minute);
        }
        if (!saturated && chance(40))
            server_.emplace(between(5, 200), chance(50) ? duration{60s} : duration{10s}, random.below(duration{2s}));

        auto hooks = kind_ == Kind::storm ? this->draw_hooks() : batchpace::Hooks{}.random_seed(random());
        hooks = std::move(hooks).tier_of([this](std::string_view name) { return tier_of(name); });
        if constexpr (Limited)
            processor.emplace(sim, draw_limiter(), Annotate<true>{this}, o, std::move(hooks));
        else
            processor.emplace(sim, batchpace::Unlimited{}, Annotate<true>{this}, o, std::move(hooks));
        if (chance(60)) this->announce_results();
    }

    std::optional<batchpace::Tier> tier_of(std::string_view name) const {
        for (auto const& tenant : tenants_)
            if (tenant.name == name) return tenant.tier.name.empty() ? std::nullopt : std::optional{tenant.tier};
        return std::nullopt;
    }

    DrawnLimiter draw_limiter() {
        auto const saturated = kind_ == Kind::saturated;
        limit_ = saturated ? between(20, 120) : between(10, 600);
        window_ = saturated ? duration{10s} : chance(50) ? duration{60s} : duration{between(1, 20) * 1s};
        auto const kind = saturated ? 0 : between(0, 5);
        if (kind == 1) {
            auto const burst = between(1, 20);
            bucket_.emplace(limit_, window_, burst);
            return DrawnLimiter{batchpace::TokenBucket{limit_, window_, burst}};
        }
        if (kind == 2) {
            auto const long_limit = limit_ * 3;
            own_rates_ = {RateBook{window_}, RateBook{window_ * 5}};
            own_rates_[0].set_limit(limit_);
            own_rates_[1].set_limit(long_limit);
            return DrawnLimiter{batchpace::all_of(batchpace::SlidingWindow{limit_, window_},
                                                  batchpace::SlidingWindow{long_limit, window_ * 5})};
        }
        if (server_ && kind <= 4) {
            // As a host would: the service's own limit, and a guard for what the network does.
            limit_ = server_->limit();
            window_ = server_->window();
            guard_ = server_->jitter();
            never_refused_ = true;
        } else if (chance(30)) {
            guard_ = duration{between(0, 2'000) * 1ms};
        }
        own_rates_ = {RateBook{window_ + guard_}};
        own_rates_[0].set_limit(limit_);
        return DrawnLimiter{batchpace::SlidingWindow{limit_, window_, guard_}};
    }

    // ---- how a run goes ---------------------------------------------------------------------------------------

    void live() {
        for (int i = 0; i < jobs_to_start_; ++i)
            at(chance(30) ? duration{} : random.below(duration{40s}), [this] { start_job(any_tenant()); });
        if (kind_ == Kind::storm) {
            auto const deeds = between(0, 40);
            for (int i = 0; i < deeds; ++i) at(random.below(duration{90s}), [this] { do_something(); });
        }
        for (int i = 0; i < 30; ++i) rest(5s);
        this->resume_all();
        this->touch_all();
        for (int i = 0; i < 10; ++i) rest(1min);
    }

    TenantBook& any_tenant() { return tenants_[random.below(std::uint64_t{tenants_.size()})]; }

    SystemJob* start_job(TenantBook& tenant) {
        if (!processor || shut_down) return nullptr;
        auto o = kind_ == Kind::storm ? this->draw_job_options() : batchpace::JobOptions{};
        if (kind_ != Kind::storm) {
            o.concurrency = between(1, 9);
            o.priority = between(1, 4);
            o.keep_errors = 3;
            if (chance(20)) o.rate_limit_per_minute = between(10, 200);
        }
        auto const share = std::max(1, 2 * items_to_have_ / jobs_to_start_);
        auto const count = static_cast<std::size_t>(between(1, chance(10) ? std::min(600, 5 * share) : share));
        return start_job(tenant, o, count, chance(20));
    }

    SystemJob* start_job(TenantBook& tenant, batchpace::JobOptions o, std::size_t count, bool from_source) {
        o.tenant = tenant.name;
        auto const id = this->start(count, o, from_source);
        auto& book = this->open_book(id, o, count);
        book.from_source = from_source;
        book.latency = draw_latency();
        if (kind_ != Kind::saturated && !this->hanging_ && chance(30)) book.work = random.below(duration{50us});
        book.tenant = &tenant;
        book.options.priority = o.priority;
        for (auto const* other : tenant.jobs)
            if (!other->finished) book.weights_before += static_cast<std::uint64_t>(other->options.priority);
        book.tenant_starts_before = tenant.starts;
        tenant.jobs.push_back(&book);
        if (kind_ == Kind::storm)
            while (chance(5)) do_to(book);  // before its first item has run
        return &book;
    }

    void do_something() {
        if (auto* book = this->any_job()) do_to(*book);
    }

    void do_to(SystemJob& book) {
        if (!processor) return;
        touch(book);
        switch (between(0, 19)) {
            case 0: this->cancel(book); break;
            case 1:
            case 2: this->pause_for_a_while(book); break;
            case 3: this->change_concurrency(book); break;
            case 4: this->change_rate(book); break;
            case 5:
            case 6: processor->set_admitted_only(book.id, chance(50)); break;
            case 7:
            case 8:
            case 9:
            case 10: change_tier(); break;
            case 11: this->wait(book); break;
            case 12: start_job(any_tenant()); break;
            case 13:
                if (auto* again = this->retry(book)) {
                    again->tenant = book.tenant;
                    again->latency = book.latency;
                    again->tenant_starts_before = book.tenant->starts;
                    book.tenant->jobs.push_back(again);
                }
                break;
            case 14: change_priority(book, between(1, 5)); break;
            case 15: this->watch(book); break;
            case 16:
                if (chance(10)) this->begin_shutdown();
                break;
            case 17:
                if (chance(10)) this->destroy();
                break;
            default: ask(book); break;
        }
    }

    void change_priority(SystemJob& book, int priority) {
        batchpace::JobUpdate change;
        change.priority = priority;
        if (processor->update(book.id, change)) book.options.priority = priority;
    }

    // The host's own list of tiers is what `tier_of` reads, too: a tenant that was forgotten comes back as it was.
    void change_tier() {
        auto& tenant = any_tenant();
        auto tier = draw_tier();
        if (tier.name.empty()) tier.name = "none";
        processor->set_tier(tenant.name, tier);
        set_books_of(tenant, tier);
        for (auto* job : tenant.jobs) touch(*job);
    }

    void ask(SystemJob const& book) {
        batchpace::JobFilter filter;
        filter.tenant = book.tenant->name;
        for (auto const& p : processor->jobs(filter)) promise(p.tenant == book.tenant->name, "a job of another tenant");
        auto const estimate = processor->estimate(100);
        promise(!estimate.time || *estimate.time > duration::zero(), "an estimate of 0");
    }

    // Jobs with items that could start, and the versions of their snapshots.
    std::map<JobId, std::uint64_t> waiting_for_nothing() const {
        std::map<JobId, std::uint64_t> found;
        for (auto const& [id, book] : jobs) {
            if (book.finished || book.options.max_calls) continue;
            auto const p = processor->progress(id, 0);
            if (is_final(p->status) || p->waiting == 0 || p->waiting_for) continue;
            if (p->running < static_cast<std::uint64_t>(book.cap)) found.emplace(id, p->version);
        }
        return found;
    }

    // After that nobody may be waiting for nothing. The time may end while lanes are on their way, so whoever seems to
    // is looked at again.
    void rest(duration time) {
        sim.run_for(time);
        if (!processor || options_.max_retrying < 10'000) return;
        auto const idle = waiting_for_nothing();
        if (idle.empty()) return;
        sim.run_for(1ms);
        for (auto const& [id, version] : waiting_for_nothing()) {
            auto const before = idle.find(id);
            promise(before == idle.end() || before->second != version, "G5: a job waits, and nothing is in its way");
        }
        this->throw_if_broken();
    }

    // ---- saturation -------------------------------------------------------------------------------------------

    // Every job has more to do than is measured, nobody is held up by anything but the limit under test; then what was
    // started is compared with what could have been, tenant with tenant and, by priority, job with job.
    void saturate() {
        auto const by_tenant = !tenants_[0].tier.name.empty();
        auto const tenants = tenants_.size();
        auto const count = std::max<std::size_t>(tenants, static_cast<std::size_t>(std::min(jobs_to_start_, 60)));
        // A cap of its own makes a job leave the queue; then shares are bounded by that, too.
        own_caps_ = !Limited && !by_tenant && chance(25);
        std::vector<SystemJob*> originals;
        std::vector<std::uint64_t> weights(tenants);
        std::vector<int> priorities;
        for (std::size_t i = 0; i < count; ++i) {
            priorities.push_back(between(1, 4));
            weights[i % tenants] += static_cast<std::uint64_t>(priorities.back());
        }
        auto const rounds = 25U;
        auto const heaviest = *std::max_element(weights.begin(), weights.end());
        auto const per_tenant = std::min<std::uint64_t>(rounds * std::min<std::uint64_t>(heaviest, 12), 4'000 / tenants + 30);
        auto const limit = static_cast<std::uint64_t>(by_tenant ? tenants_[0].tier.per_minute : Limited ? limit_ : 0);
        auto const target = per_tenant * tenants;
        auto const windows = limit == 0 ? 0 : (by_tenant ? per_tenant : target) / limit + 3;
        auto const to_measure = limit == 0 ? target : windows * limit * (by_tenant ? tenants : 1);
        auto const lanes = static_cast<std::uint64_t>(limit > 0 ? static_cast<int>(limit) : *options_.max_in_flight);
        for (std::size_t i = 0; i < count; ++i) {
            batchpace::JobOptions o;
            o.priority = chance(50) ? priorities[i] : 1;
            o.concurrency = own_caps_ ? between(1, 3) : limit > 0 ? static_cast<int>(limit) : *options_.max_in_flight;
            o.keep_errors = 3;
            auto const share = static_cast<double>(to_measure) / static_cast<double>(tenants) * priorities[i] /
                               static_cast<double>(weights[i % tenants]);
            // The first job has everything until there is a second one. By its own caps a job may get more than its share.
            auto const items = own_caps_ ? static_cast<double>(to_measure + 10 * lanes) + 60
                                         : share * 1.2 + 60 + static_cast<double>(limit > 0 ? limit : 10 * lanes);
            originals.push_back(start_job(tenants_[i % tenants], o, static_cast<std::size_t>(items), false));
            if (o.priority != priorities[i]) change_priority(*originals.back(), priorities[i]);
        }
        auto const begin = sim.now();
        // A job that comes now has to wait for one round of its tenant's jobs, and for what had been granted before.
        auto const newcomers = by_tenant ? 0 : between(0, 4);
        for (int i = 0; i < newcomers; ++i) {
            at(random.below(duration{5s}), [this, lanes] {
                batchpace::JobOptions o;
                o.priority = between(1, 4);
                auto* book = start_job(any_tenant(), o, 3, chance(30));
                book->slack = 2 * lanes + 1;
            });
        }
        measured_ = true;
        if (limit > 0) {
            auto const span = (by_tenant ? duration{60s} + options_.guard_band : window_ + guard_);
            // The first window begins with the first start, and what it has let through is no round yet.
            sim.run_for(span);
            auto const before = starts_so_far(originals);
            sim.run_for(span * static_cast<duration::rep>(windows - 1));
            auto const possible = static_cast<double>(windows * limit);
            if (by_tenant)
                for (auto const& tenant : tenants_) used(static_cast<double>(tenant.starts) / possible);
            else
                used(static_cast<double>(starts_) / possible);
            compare(originals, before, weights, !by_tenant);
        } else {
            // Those that were granted before everybody was there begin in any order.
            auto const first = 10 * lanes;
            sim.run_until([&] { return starts_ >= first || sim.now() > begin + 1h; });
            auto const before = starts_so_far(originals);
            sim.run_until([&] { return starts_ >= first + to_measure || sim.now() > begin + 24h; });
            promise(starts_ >= first + to_measure, "G5: starts stopped under saturation");
            if (!own_caps_) compare(originals, before, weights, true);
            for (auto const* job : originals) promise(job->started, "G7: a job was passed over for two rounds");
        }
        measured_ = false;
        std::vector<SystemJob*> all;
        for (auto& [id, book] : jobs) all.push_back(&book);
        for (auto* book : all) this->cancel(*book);
    }

    struct Starts {
        std::vector<std::uint64_t> tenants;
        std::vector<std::uint64_t> jobs;
    };
    Starts starts_so_far(std::vector<SystemJob*> const& originals) const {
        Starts so_far;
        for (auto const& tenant : tenants_) so_far.tenants.push_back(tenant.starts);
        for (auto const* job : originals) so_far.jobs.push_back(job->starts);
        return so_far;
    }

    void used(double share) {
        figures_.utilisation.push_back(share);
        promise(share >= 0.999, "G3: permits are left unused under saturation");
    }

    void compare(std::vector<SystemJob*> const& originals, Starts const& before, std::vector<std::uint64_t> const& weights,
                 bool shared_limit) {
        auto const after = starts_so_far(originals);
        std::vector<double> shares;
        for (std::size_t i = 0; i < tenants_.size(); ++i)
            shares.push_back(static_cast<double>(after.tenants[i] - before.tenants[i]));
        if (shared_limit && tenants_.size() > 1) {
            figures_.jain_of_tenants.push_back(jain(shares));
            promise(jain(shares) >= 0.99, "G7: equal tenants do not get equal shares");
            figures_.rounds_ahead.push_back(spread(shares));
            promise(spread(shares) <= rounds_apart, "G7: a tenant is rounds ahead of another");
        }
        for (std::size_t t = 0; t < tenants_.size(); ++t) {
            std::vector<double> by_weight;
            for (std::size_t i = t; i < originals.size(); i += tenants_.size())
                by_weight.push_back(static_cast<double>(after.jobs[i] - before.jobs[i]) / originals[i]->options.priority);
            if (by_weight.size() < 2) continue;
            figures_.rounds_ahead.push_back(spread(by_weight));
            promise(spread(by_weight) <= rounds_apart, "G7: a job is rounds ahead of another");
            if (shares[t] < 20 * static_cast<double>(weights[t])) continue;
            figures_.jain_of_jobs.push_back(jain(by_weight));
            promise(jain(by_weight) >= 0.99, "G7: jobs do not get shares by their priorities");
        }
    }

    static double spread(std::vector<double> const& shares) {
        auto const [least, most] = std::minmax_element(shares.begin(), shares.end());
        return *most - *least;
    }

    // ---- the annotator ----------------------------------------------------------------------------------------

    void enter(batchpace::Attempt const& attempt) {
        auto* const book = this->begin_call(attempt);
        if (book == nullptr) return;
        auto const now = sim.now();
        auto& tenant = *book->tenant;
        ++starts_;
        ++tenant.starts;
        ++book->starts;
        ++tenant.inside;
        ++inside_;
        // G2. Calls that may have been abandoned do not count, which is only looked at where it matters.
        auto const cap = static_cast<std::size_t>(tenant.tier.max_concurrency);
        if (cap > 0 && tenant.inside > cap) promise(young_of(tenant) <= cap, "G2: above the tenant's cap");
        for (auto const most : {options_.max_in_flight.value_or(0), options_.tier ? options_.tier->max_concurrency : 0})
            if (most > 0 && inside_ > static_cast<std::size_t>(most))
                promise(young_of_all() <= static_cast<std::size_t>(most), "G2: above the processor's cap");
        // G3
        promise(tenant.rate.start(now), "G3: above the tenant's limit");
        promise(tier_rate_.start(now), "G3: above the processor's tier");
        for (auto& rate : own_rates_) promise(rate.start(now), "G3: above the processor's limit");
        if (bucket_) promise(bucket_->start(now), "G3: above the processor's token bucket");
        // G7
        if (!std::exchange(book->started, true) && measured_ && book->slack > 0) {
            auto const waited = tenant.starts - 1 - book->tenant_starts_before;
            promise(waited <= book->weights_before + book->slack, "G7: a job waited for more than a round");
            figures_.waits_for_start.push_back(static_cast<double>(waited) /
                                                   static_cast<double>(book->weights_before + book->slack));
        }
    }

    std::size_t young_of(TenantBook const& tenant) const {
        std::size_t sum = 0;
        for (auto const* job : tenant.jobs) {
            if (job->inside.empty()) continue;
            auto const p = processor->progress(job->id, 0);
            // Where a deadline has stopped it, nobody outside knows since when.
            sum += is_final(p->status) ? job->inside.size() - p->abandoned : this->young(*job);
        }
        return sum;
    }
    std::size_t young_of_all() const {
        std::size_t sum = 0;
        for (auto const& tenant : tenants_) sum += young_of(tenant);
        return sum;
    }

    void call_ended(SystemJob& book) override {
        --book.tenant->inside;
        --inside_;
    }

    Answer call(std::string const&, batchpace::Attempt const&) override { return Answer{std::string{}}; }  // never

    void from_inside() override {
        if (kind_ == Kind::storm && ++reentrant_ % 128 == 0 && chance(40)) do_something();
    }

    void work(duration time) {
        sim.spend(time);
        busy_ += time;
    }

    // Under saturation a failure must not close anything, only come again.
    Fate fate_of_call() {
        if (kind_ != Kind::saturated) return this->fate();
        return random.below(std::uint64_t{100}) < this->failing_ ? Fate::throws : Fate::good;
    }

    asio::awaitable<Answer> call_async(std::string const& item, batchpace::Attempt const& attempt) override {
        enter(attempt);
        auto const began = sim.now();
        work(jobs.at(attempt.job()).work);
        from_inside();
        auto const f = fate_of_call();
        auto const hangs = f == Fate::hangs || f == Fate::hangs_hard;
        auto const latency = hangs ? duration{std::chrono::hours{between(1, 600)}}
                                   : jobs.at(attempt.job()).latency.draw(random);
        if (f == Fate::hangs_hard) co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        bool stopped = false;
        if (server_) {
            auto const delay = server_->delay(random);
            try {
                co_await batchpace::sleep_for(delay, asio::use_awaitable);
            } catch (batchpace::net_system_error const&) {
                stopped = true;
            }
            if (stopped) co_return this->asked_to_stop(attempt, began);
            auto const now = sim.now();
            if (now - began > guard_) never_refused_ = false;  // the loop lagged longer than the guard is good for
            if (auto const come_again = server_->arrive(now)) {
                promise(!never_refused_, "G3: above the limit at the far end");
                auto const counts = this->end_call(attempt, began);
                auto failure = batchpace::Failure::throttled("too many requests", *come_again);
                this->book_failure(attempt, failure, counts);
                co_return failure;
            }
        }
        if (latency > duration::zero()) {
            try {
                co_await batchpace::sleep_for(latency, asio::use_awaitable);
            } catch (batchpace::net_system_error const&) {
                stopped = true;
            }
            if (stopped) co_return this->asked_to_stop(attempt, began);
        }
        co_return this->answer(item, attempt, began, f);
    }

    // ---- what the processor says ------------------------------------------------------------------------------

    void after_event() {
        if (++events_ > 2'000'000) throw std::runtime_error{"G5: the run never rests"};
        promise(busy_ <= 1ms, "G12: a lane kept the loop for more than 1 ms");
        busy_ = {};
        if (processor) {
            if (next_look_at_all_-- == 0)
                check_everything();
            else
                this->check_touched_jobs();
        }
        this->throw_if_broken();
    }

    // Once for about as many events as it costs.
    void check_everything() {
        next_look_at_all_ = 50 + 10 * jobs.size();
        if (processor) this->check_all_jobs();
    }

    void check(SystemJob& book, JobProgress const& p) override {
        Base::check(book, p);
        promise(p.tenant == book.tenant->name, "a job of another tenant");
        promise(!p.paused || !p.estimated_time_remaining, "an estimate though it is paused");
        promise(p.paused == book.paused || p.finished() || is_final(p.status), "paused or not, but not as it was said");
        if (p.finished() && !book.finished_at) book.finished_at = sim.now();
        if (kind_ == Kind::calm && p.estimated_time_remaining && p.running > 0 && ++looks_ % 8 == 0) {
            auto const steady = p.total >= 50 && p.processed() * 20 >= p.total && p.processed() * 20 <= p.total * 19;
            book.estimates.emplace_back(sim.now(), *p.estimated_time_remaining, steady);
        }
    }

    void check_totals() {
        if (!processor) return;
        auto const stats = processor->stats();
        std::uint64_t successful = 0, failed = 0, cancelled = 0;
        for (auto const& [id, book] : jobs) {
            auto const p = processor->progress(id);
            if (!p->finished()) return;
            successful += p->successful;
            failed += p->failed;
            cancelled += p->cancelled;
        }
        promise(stats.successful == successful && stats.failed == failed && stats.cancelled == cancelled,
                "G1: the processor's totals are not the sum of its jobs");
        promise(stats.jobs_started == jobs.size() && stats.active_jobs == 0, "G1: the processor counts other jobs");
        promise(stats.in_flight == 0, "G1: attempts in flight after the end");
    }

    void book_estimates() {
        for (auto const& [id, book] : jobs) {
            if (!book.finished_at) continue;
            for (auto const& [when, estimate, steady] : book.estimates) {
                auto const truth = std::chrono::duration<double>(*book.finished_at - when).count();
                if (truth < 1e-3) continue;
                auto const error = std::abs(std::chrono::duration<double>(estimate).count() - truth) / truth;
                figures_.estimate_errors.push_back(error);
                if (steady) figures_.steady_estimate_errors.push_back(error);
            }
        }
    }

    // One for where the ring was when the measurement began, and one for where it ended. Where no window opens for
    // everybody at once, some have been granted a start at those moments and wait for their turn on the loop.
    static constexpr double rounds_apart = Limited ? 2 : 5;

    Kind kind_;
    Figures& figures_;
    int tenants_to_have_ = 1;
    int jobs_to_start_ = 1;
    int items_to_have_ = 1;
    std::deque<TenantBook> tenants_;
    duration mean_latency_{};
    std::optional<Server> server_;
    int limit_ = 0;
    duration window_{};
    duration guard_{};
    bool never_refused_ = false;
    bool own_caps_ = false;
    bool measured_ = false;
    std::vector<RateBook> own_rates_;
    std::optional<BucketBook> bucket_;
    RateBook tier_rate_;
    std::size_t inside_ = 0;
    std::uint64_t starts_ = 0;
    std::uint64_t events_ = 0;
    std::uint64_t reentrant_ = 0;
    std::uint64_t looks_ = 0;
    duration busy_{};  // by calls, in this event
    std::size_t next_look_at_all_ = 50;
};

}  // namespace batchpace_tests
