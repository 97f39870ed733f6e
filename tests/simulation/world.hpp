// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/batchpace.hpp>
#include <batchpace/testing/simulation.hpp>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace batchpace_tests {

using namespace std::chrono_literals;
using batchpace::duration;
using batchpace::JobId;
using batchpace::JobProgress;
using batchpace::time_point;

/// A whole system drawn from one seed: jobs, latencies, failures, hanging calls, and people who cancel, pause, change
/// and watch. It keeps its own books inside the annotator, which is where the outside world is, and compares them with
/// what the processor says after every event.
template <bool Async, bool Limited>
class World {
public:
    struct ItemBook {
        int calls = 0;             // attempts that reached the annotator
        int highest = 0;           // the highest number of an attempt
        int charged = 0;           // of those, the ones that were not turned away for free
        int throttled = 0;
        int results = 0;           // times it was reported as ended
        bool given_up = false;     // failed for good, as far as the annotator knows
        bool succeeded = false;    // some attempt answered well
        time_point not_before{};   // Retry-After
    };
    struct JobBook {
        JobId id;
        std::vector<ItemBook> items;
        batchpace::JobOptions options;
        int cap = 0;
        std::multiset<time_point> inside;          // calls that have entered and not left, by their start
        std::multimap<time_point, std::stop_token> tokens;  // and how each is told to stop
        std::deque<time_point> starts;             // for the job's own limit
        std::vector<std::pair<time_point, int>> limits;  // per minute from then on; 0: none
        bool from_source = false;
        bool cancelled = false;
        bool paused = false;
        std::uint64_t calls = 0;
        // what snapshots said before
        std::uint64_t processed = 0;
        std::uint64_t version = 0;
        std::uint64_t total = 0;
        bool was_final = false;
        time_point stopped_at = time_point::max() - 1h;  // its calls are abandoned a grace later
        batchpace::JobStatus final_status{};
        // what those who wait were told
        int waits = 0;
        int finishes_told = 0;
        std::vector<int> milestones_told;
        int watch_finishes = 0;
        bool finished = false;
    };

    // A host's policy that cares for nothing: what must hold, the engine holds.
    struct Hasty {
        std::optional<duration> next(batchpace::Failure const&, int, batchpace::Random&) { return duration::zero(); }
    };

    struct Annotate;
    using Limiter = std::conditional_t<Limited, batchpace::SlidingWindow, batchpace::Unlimited>;
    using Processor = batchpace::BatchProcessor<batchpace::testing::Simulation::executor_type, Limiter, Annotate>;

    struct Annotate {
        World* world;
        using item_type = std::string;

        using Answer = batchpace::Outcome<std::string>;

        std::conditional_t<Async, asio::awaitable<Answer>, Answer> operator()(std::string const& item,
                                                                             batchpace::Attempt const& attempt) {
            if constexpr (Async)
                return world->call_async(item, attempt);
            else
                return world->call(item, attempt);
        }
    };

    explicit World(std::uint64_t seed) : sim{seed}, random{seed ^ 0x5eedU} {
        draw();
        sim.after_event([this] { check(); });
        sim.after_event([this] {
            if (++events_ > 3'000'000) throw std::runtime_error{"G5: the run never rests"};
        });
    }
    World(World const&) = delete;
    World& operator=(World const&) = delete;

    void run() {
        auto const jobs_to_start = 1 + random.below(std::uint64_t{5});
        for (std::uint64_t i = 0; i < jobs_to_start; ++i)
            at(random.below(duration{20s}), [this] { start_job(); });
        auto const deeds = random.below(std::uint64_t{25});
        for (std::uint64_t i = 0; i < deeds; ++i) at(random.below(duration{90s}), [this] { do_something(); });
        sim.run_for(200s);
        // Nobody keeps anything paused for ever.
        if (processor)
            for (auto& [id, book] : jobs) {
                processor->resume(id);
                book.paused = false;
            }
        sim.run_for(std::chrono::hours{24 * 40});
        the_end();
        check();
    }

    batchpace::testing::Simulation sim;
    batchpace::Random random;
    std::map<JobId, JobBook> jobs;
    std::optional<Processor> processor;
    bool shut_down = false;

private:
    // A broken promise: named, so that the failing guarantee is seen at a glance. Kept until the event is over, since
    // the processor rightly swallows what annotators and hooks throw.
    void promise(bool kept, std::string const& what) {
        if (!kept && broken_.empty()) broken_ = what;
    }

    bool chance(unsigned percent) { return random.below(std::uint64_t{100}) < percent; }
    int between(int low, int high) {
        return low + static_cast<int>(random.below(static_cast<std::uint64_t>(high - low + 1)));
    }

    void at(duration after, std::function<void()> deed) {
        auto* backend = batchpace::timer_service::of(sim.get_executor()).backend();
        deeds_.push_back(backend->make_timer(std::move(deed)));
        deeds_.back()->arm(sim.now() + after);
    }

    void draw() {
        batchpace::ProcessorOptions o;
        if (chance(30)) o.max_in_flight = between(1, 12);
        if (chance(25)) o.tier = chance(50) ? batchpace::Tier::free() : batchpace::Tier{"drawn", between(0, 6), between(0, 90)};
        if (chance(20)) o.max_retrying = between(1, 20);
        o.abandon_grace = duration{between(0, 3) * 1s};
        o.max_abandoned = chance(15) ? between(1, 3) : 10'000;
        o.max_throttles = between(0, 5);
        o.retain_for = std::chrono::hours{24 * 365};  // the books are compared with every job to the end
        options_ = o;
        hanging_ = chance(25);
        failing_ = chance(70) ? static_cast<unsigned>(between(0, 30)) : 0;
        slow_ = chance(50) ? duration{1s} : duration{5ms};
        limit_ = between(3, 80);
        window_ = chance(50) ? duration{60s} : duration{between(1, 20) * 1s};
        auto hooks = batchpace::Hooks{}.random_seed(random());
        if (chance(20)) hooks = std::move(hooks).retry(batchpace::RetryPolicy{batchpace::NoBackoff{}});
        else if (chance(20)) hooks = std::move(hooks).retry(Hasty{});
        if (chance(20)) {
            budget_ = {between(0, 5) * 0.1, between(1, 120), between(1, 50)};
            hooks = std::move(hooks).retry_budget(batchpace::RetryBudget{budget_->ratio, budget_->per_minute, budget_->most});
        }
        if (chance(20))
            hooks = std::move(hooks).circuit_breaker(batchpace::CircuitBreaker{{.failure_rate = between(1, 10) * 0.1,
                                                                                .window = between(5, 40),
                                                                                .minimum = between(1, 5),
                                                                                .open_for = between(1, 10) * 1s,
                                                                                .open_at_most = 20s,
                                                                                .probes = between(1, 3)}});
        if constexpr (Limited)
            processor.emplace(sim, batchpace::SlidingWindow{limit_, window_}, Annotate{this}, o, std::move(hooks));
        else
            processor.emplace(sim, batchpace::Unlimited{}, Annotate{this}, o, std::move(hooks));
        if (chance(70)) {
            announced_ = true;
            processor->on_result([this](JobId const& id, auto const& result) { this->on_result(id, result); });
        }
    }

    // ---- what people do ---------------------------------------------------------------------------------------

    void start_job() {
        if (!processor || shut_down) return;
        batchpace::JobOptions o;
        o.concurrency = between(1, 9);
        o.max_attempts = between(1, 4);
        o.attempt_timeout = hanging_ ? duration{between(1, 5) * 1s} : duration{60s};
        if (chance(20)) o.rate_limit_per_minute = between(1, 60);
        if (chance(8)) o.deadline = duration{between(1, 60) * 1s};
        if (chance(8)) o.max_calls = between(1, 60);
        if (chance(8)) o.stop_after_failures = between(1, 10);
        if (chance(8)) o.stop_at_failure_rate = 0.5;
        o.priority = between(1, 4);
        o.keep_errors = between(0, 5);
        o.keep_results = chance(30) ? between(0, 10) : 100'000;
        auto const tenant = std::string(static_cast<std::size_t>(between(0, 2)), 't');
        o.tenant = tenant;
        auto const count = static_cast<std::size_t>(chance(20) ? between(100, 400) : between(1, 40));
        auto const name = "j" + std::to_string(jobs.size()) + "-";
        JobId id;
        auto const pulled = chance(30);
        if (pulled) {
            // From a source, of known or unknown total.
            auto given = std::make_shared<std::size_t>(0);
            auto const most_at_once = static_cast<std::size_t>(between(1, 200));
            auto pull = [given, count, name, most_at_once](std::size_t max) {
                std::vector<std::string> items;
                for (; items.size() < std::min(max, most_at_once) && *given < count; ++*given)
                    items.push_back(name + std::to_string(*given));
                return items;
            };
            auto const total = chance(50) ? std::optional<std::uint64_t>{count} : std::nullopt;
            id = processor->start_batch(batchpace::from_source(pull, total), o);
        } else {
            std::vector<std::string> items;
            for (std::size_t i = 0; i < count; ++i) items.push_back(name + std::to_string(i));
            id = processor->start_batch(std::move(items), o);
        }
        open_book(id, o, count);
        jobs[id].from_source = pulled;
        // Before its first item has run.
        while (chance(15)) do_to(jobs[id]);
    }

    void open_book(JobId id, batchpace::JobOptions o, std::size_t count) {
        o.tenant = o.label = o.idempotency_key = {};
        auto& book = jobs[id];
        book.id = id;
        book.options = o;
        book.cap = o.concurrency;
        book.items.resize(count);
        book.limits = {{sim.now(), o.rate_limit_per_minute.value_or(0)}};
        for (auto i = between(0, 2); i > 0; --i) wait(book);
        if (chance(50)) watch(book, 0);
    }

    JobBook* any_job() {
        if (jobs.empty()) return nullptr;
        auto it = jobs.begin();
        std::advance(it, static_cast<std::ptrdiff_t>(random.below(std::uint64_t{jobs.size()})));
        return &it->second;
    }

    void do_something() {
        if (auto* book = any_job()) do_to(*book);
    }

    void do_to(JobBook& chosen) {
        if (!processor) return;
        auto* const book = &chosen;
        switch (between(0, 15)) {
            case 0: cancel(*book); break;
            case 1:
            case 2:
                if (processor->pause(book->id)) {
                    book->paused = true;
                    at(random.below(duration{30s}), [this, book] {
                        if (!processor) return;
                        processor->resume(book->id);
                        book->paused = false;
                    });
                }
                break;
            case 3: {
                batchpace::JobUpdate change;
                change.concurrency = between(1, 9);
                if (processor->update(book->id, change)) book->cap = *change.concurrency;
                break;
            }
            case 4: {
                batchpace::JobUpdate change;
                change.rate_limit_per_minute = chance(40) ? 0 : between(1, 60);
                if (processor->update(book->id, change)) book->limits.push_back({sim.now(), *change.rate_limit_per_minute});
                break;
            }
            case 5:
            case 6:
            case 7:
            case 8: processor->set_admitted_only(book->id, chance(50)); break;
            case 9: wait(*book); break;
            case 10: start_job(); break;
            case 11: retry(*book); break;
            case 12: {
                batchpace::JobUpdate change;
                change.priority = between(1, 5);
                processor->update(book->id, change);
                break;
            }
            case 13:
                if (chance(15)) begin_shutdown();
                break;
            case 14:
                if (chance(15)) destroy();
                break;
            default: (void)processor->jobs(); break;
        }
    }

    // Finished jobs are looked at now and then only, which is most of the cost of a run.
    bool chance_to_look() noexcept { return ++looks_ % 16 == 0; }

    void cancel(JobBook& book) {
        auto const cancelled = processor->cancel(book.id);
        promise(!cancelled || !book.cancelled, "G4: a second cancel returned true");
        if (cancelled) {
            book.cancelled = true;
            promise(processor->progress(book.id)->status == batchpace::JobStatus::cancelled, "G4: not cancelled at once");
            for (auto const& [began, token] : book.tokens)
                promise(token.stop_requested(), "G4: an attempt was not asked to stop when its job was cancelled");
        }
    }

    void retry(JobBook& book) {
        std::error_code error;
        batchpace::RetryFailed which;
        which.include_cancelled = chance(50);
        auto const progress = processor->progress(book.id);
        auto const id = processor->retry_failed(book.id, which, error);
        if (error) return;
        auto const items = progress->failed + (which.include_cancelled ? progress->cancelled : 0);
        promise(items >= processor->progress(id)->total, "an item is tried again twice");
        auto options = book.options;
        options.rate_limit_per_minute = {};
        open_book(id, options, static_cast<std::size_t>(items));
        jobs[id].limits = {{sim.now(), 0}};  // the engine's own copy may say otherwise, which only means fewer starts
        jobs[id].options = book.options;
    }

    void wait(JobBook& book) {
        auto const inside = std::make_shared<bool>(true);
        ++book.waits;
        processor->async_wait(book.id, [this, &book, inside](std::error_code error, JobProgress p) {
            promise(!*inside, "G9: a handler ran inside the function that initiated it");
            ++book.finishes_told;
            if (processor && !error) promise(p.finished(), "async_wait completed before the finish");
            if (!error) results_complete(book, p);
            promise(!error || error == batchpace::error::shut_down, "async_wait: " + error.message());
        });
        *inside = false;
    }

    void watch(JobBook& book, std::uint64_t seen) {
        processor->async_watch(book.id, seen, [this, &book, seen](std::error_code error, JobProgress p) {
            if (error) return;
            promise(p.version > seen, "async_watch told of no change");
            for (auto const& milestone : p.milestones) book.milestones_told.push_back(milestone.percentage);
            if (p.finished()) {
                ++book.watch_finishes;
                promise(book.watch_finishes == 1, "G10: the finish was announced twice");
                if (processor) {
                    auto const all = *processor->progress(book.id);
                    std::vector<int> expected;
                    for (auto const& milestone : all.milestones) expected.push_back(milestone.percentage);
                    promise(book.milestones_told == expected, "G10: milestones missed, doubled or out of order");
                }
                if (p.status == batchpace::JobStatus::completed)
                    promise(book.milestones_told == std::vector{25, 50, 75, 100}, "G10: not all milestones were told");
            } else if (processor) {
                watch(book, p.version);
            }
        });
    }

    void begin_shutdown() {
        if (shut_down) return;
        shut_down = true;
        auto const mode = static_cast<batchpace::ShutdownMode>(between(0, 2));
        auto const deadline = chance(50) ? std::optional<duration>{duration{between(0, 30) * 1s}} : std::nullopt;
        if (mode != batchpace::ShutdownMode::drain)
            for (auto& [id, book] : jobs) book.cancelled = true;
        processor->async_shutdown(mode, deadline, [this](std::error_code error, batchpace::ShutdownReport) {
            if (!error) shutdown_done_ = true;
        });
    }

    void destroy() {
        for (auto& [id, book] : jobs) book.cancelled = true;
        processor.reset();
    }

    // ---- the annotator ----------------------------------------------------------------------------------------

    enum class Fate { good, transient, permanent, throttled, throws, throws_int, hangs, hangs_hard };

    Fate fate() {
        if (hanging_ && chance(6)) return chance(50) ? Fate::hangs : Fate::hangs_hard;
        if (random.below(std::uint64_t{100}) >= failing_) return Fate::good;
        static constexpr Fate bad[] = {Fate::transient, Fate::transient, Fate::permanent,
                                       Fate::throttled, Fate::throws,    Fate::throws_int};
        return bad[random.below(std::uint64_t{std::size(bad)})];
    }

    // Books what a call means, at the moment it reaches the outside world.
    void enter(batchpace::Attempt const& attempt) {
        auto const now = sim.now();
        auto const found = jobs.find(attempt.job());
        promise(found != jobs.end(), "a call for an unknown job");
        if (found == jobs.end()) return;
        auto& book = found->second;
        promise(attempt.index() < book.items.size(), "a call for an item that does not exist");
        promise(!book.cancelled, "G4: an item was started after cancel had returned true");
        promise(!book.paused, "an item was started while its job was paused");
        promise(!shutdown_done_, "G9: a call after async_shutdown had completed");
        auto& item = book.items[attempt.index()];
        promise(!item.given_up && item.results == 0, "G6: a call for an item that had ended");
        ++item.calls;
        ++book.calls;
        promise(item.charged < book.options.max_attempts, "G6: more than max_attempts");
        // An attempt that was given up is charged without the annotator's hearing of it.
        if (hanging_) item.charged = std::max(item.charged, attempt.number() - 1);
        promise(attempt.number() == item.charged + 1, "the attempt's number is wrong");
        promise(now >= item.not_before, "G6: Retry-After was not obeyed");
        promise(now >= breaker_until_, "G6: a call while the circuit breaker was open");
        if (attempt.number() > 1 && attempt.number() > item.highest) {
            ++retries_;
            auto const minutes = std::chrono::duration<double, std::ratio<60>>(now - first_).count();
            if (budget_)
                promise(static_cast<double>(retries_) <= budget_->most + budget_->per_minute * minutes +
                                                             budget_->ratio * static_cast<double>(successes_) + 1,
                        "G6: above the retry budget");
        }
        item.highest = std::max(item.highest, attempt.number());
        promise(now >= closed_until_, "G6: a call while the service had asked to be left alone");
        if (book.options.max_calls)
            promise(book.calls <= static_cast<std::uint64_t>(*book.options.max_calls), "max_calls was exceeded");
        // G2: those that may have been abandoned by now do not count.
        book.inside.insert(now);
        book.tokens.emplace(now, attempt.stop_token());
        promise(!attempt.stop_token().stop_requested(), "an attempt begins with its stop already asked for");
        if (hanging_ && processor)
            promise(processor->stats().abandoned < static_cast<std::uint64_t>(*options_.max_abandoned),
                    "G5: a call though max_abandoned attempts are out");
        promise(young(book, now) <= static_cast<std::size_t>(book.cap), "G2: above the job's concurrency");
        std::size_t everywhere = 0;
        for (auto const& [id, other] : jobs) everywhere += young(other, now);
        if (options_.max_in_flight)
            promise(everywhere <= static_cast<std::size_t>(*options_.max_in_flight), "G2: above max_in_flight");
        if (options_.tier && options_.tier->max_concurrency > 0)
            promise(everywhere <= static_cast<std::size_t>(options_.tier->max_concurrency), "G2: above the tier's cap");
        // G3
        starts_.push_back(now);
        if constexpr (Limited) within(starts_, limit_, window_, "G3: above the processor's limit");
        if (options_.tier && options_.tier->per_minute > 0)
            within(starts_, options_.tier->per_minute, 60s, "G3: above the tier's limit");
        book.starts.push_back(now);
        int loosest = 0;  // the loosest limit that was in force in the last minute
        for (std::size_t i = 0; i < book.limits.size(); ++i) {
            auto const ended = i + 1 < book.limits.size() ? book.limits[i + 1].first : time_point::max();
            if (ended > now - 60s) loosest = book.limits[i].second == 0 ? 1'000'000 : std::max(loosest, book.limits[i].second);
        }
        within(book.starts, loosest, 60s, "G3: above the job's limit");
    }

    std::size_t young(JobBook const& book, time_point now) const {
        if (now >= book.stopped_at + options_.abandon_grace) return 0;
        auto const longest = book.options.attempt_timeout + options_.abandon_grace;
        return static_cast<std::size_t>(std::distance(book.inside.upper_bound(now - longest), book.inside.end()));
    }

    void within(std::deque<time_point> const& starts, int limit, duration window, char const* what) {
        auto const most = static_cast<std::size_t>(limit);
        if (starts.size() > most) promise(starts[starts.size() - 1 - most] <= starts.back() - window, what);
    }

    // Books how a call ended. True where that can still count: it was not abandoned, its job not stopped.
    bool leave(batchpace::Attempt const& attempt, time_point began) {
        auto& book = jobs.at(attempt.job());
        book.inside.erase(book.inside.find(began));
        auto const [from, to] = book.tokens.equal_range(began);
        book.tokens.erase(std::find_if(from, to, [&](auto const& entry) { return entry.second == attempt.stop_token(); }));
        auto const age = sim.now() - began;
        auto const stopped = !processor || book.cancelled || book.was_final ||
                             processor->progress(book.id)->stop_reason != batchpace::StopReason::none;
        auto& item = book.items[attempt.index()];
        // A later attempt of the same item means that this one was given up.
        auto const superseded = attempt.number() <= item.charged;
        return !stopped && !superseded && age < book.options.attempt_timeout + options_.abandon_grace;
    }

    void book_failure(batchpace::Attempt const& attempt, batchpace::Failure const& failure, bool counts) {
        if (!counts) return;
        auto& item = jobs.at(attempt.job()).items[attempt.index()];
        auto const throttled = failure.asks_to_wait();
        if (failure.retry_after()) item.not_before = sim.now() + *failure.retry_after();
        if (throttled && failure.retry_after())
            closed_until_ = std::max(closed_until_, sim.now() + *failure.retry_after());
        if (throttled && item.throttled < options_.max_throttles)
            ++item.throttled;
        else
            ++item.charged;
        if (failure.kind() == batchpace::FailureKind::permanent) item.given_up = true;
    }

    batchpace::Failure failure_of(Fate f) {
        switch (f) {
            case Fate::permanent: return batchpace::Failure::permanent("permanent");
            case Fate::throttled:
                return batchpace::Failure::throttled("throttled", chance(60) ? std::optional{random.below(duration{8s})}
                                                                             : std::nullopt);
            default:
                return batchpace::Failure::transient("transient", chance(20) ? std::optional{random.below(duration{8s})}
                                                                             : std::nullopt);
        }
    }

    batchpace::Outcome<std::string> call(std::string const& item, batchpace::Attempt const& attempt) {
        enter(attempt);
        auto const began = sim.now();
        sim.spend(random.below(slow_));
        from_inside();
        return answer(item, attempt, began, fate());
    }

    batchpace::Outcome<std::string> answer(std::string const& item, batchpace::Attempt const& attempt, time_point began,
                                           Fate f) {
        auto const counts = leave(attempt, began);
        if (f == Fate::good || f == Fate::hangs || f == Fate::hangs_hard) {
            jobs.at(attempt.job()).items[attempt.index()].succeeded = true;
            ++successes_;
            return "of " + item;
        }
        if (f == Fate::throws || f == Fate::throws_int) {
            book_failure(attempt, batchpace::Failure::transient("thrown"), counts);
            if (f == Fate::throws_int) throw 42;
            throw std::runtime_error{"thrown"};
        }
        auto failure = failure_of(f);
        book_failure(attempt, failure, counts);
        return failure;
    }

    // An annotator may do to the processor whatever anybody may, and so may a hook.
    void from_inside() {
        if (chance(1)) do_something();
        if (processor && ++reentrant_ % 37 == 0) (void)processor->active_jobs();
    }

    asio::awaitable<batchpace::Outcome<std::string>> call_async(std::string const& item, batchpace::Attempt const& attempt) {
        enter(attempt);
        auto const began = sim.now();
        from_inside();
        auto const f = fate();
        auto const wait = f == Fate::hangs || f == Fate::hangs_hard ? duration{std::chrono::hours{between(1, 600)}}
                                                                    : random.below(slow_);
        if (f == Fate::hangs_hard) co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        if (f == Fate::hangs_hard || !chance(20)) {
            bool cancelled = false;
            try {
                co_await batchpace::sleep_for(wait, asio::use_awaitable);
            } catch (std::system_error const&) {
                cancelled = true;
            }
            if (cancelled) {
                promise(attempt.stop_token().stop_requested(), "cancelled without the stop token");
                auto const counts = leave(attempt, began);
                auto failure = batchpace::Failure::timed_out("asked to stop");
                book_failure(attempt, failure, counts);
                co_return failure;
            }
        }
        co_return answer(item, attempt, began, f);
    }

    // ---- what the processor says ------------------------------------------------------------------------------

    template <class Result>
    void on_result(JobId const& id, Result const& result) {
        auto& book = jobs.at(id);
        promise(result.index < book.items.size(), "a result of an item that does not exist");
        auto& item = book.items[result.index];
        ++item.results;
        promise(item.results == 1, "G1: an item ended twice");
        from_inside();
        if (result.status == batchpace::ItemStatus::successful) {
            promise(item.succeeded, "an item is successful whose calls all failed");
            promise(result.annotation == "of " + result.item_id, "the annotation of another item");
        } else {
            promise(result.status == batchpace::ItemStatus::failed && !result.error.empty(), "a failed item without its error");
        }
    }

    void results_complete(JobBook const& book, JobProgress const& p) {
        if (!announced_) return;
        std::uint64_t ended = 0;
        for (auto const& item : book.items) ended += item.results == 1 ? 1U : 0U;
        promise(ended == p.processed(), "the finish was told before every result");
    }

    void check() {
        if (processor) check_jobs();
        if (!broken_.empty()) throw std::runtime_error{broken_};
    }

    void check_jobs() {
        for (auto& [id, book] : jobs) {
            if (book.finished && book.inside.empty() && !chance_to_look()) continue;
            auto const found = processor->progress(id);
            promise(found.has_value(), "a job is unknown");
            if (found) check(book, *found);
        }
    }

    void check(JobBook& book, JobProgress const& p) {
        auto const sum = p.waiting + p.running + p.retrying + p.successful + p.failed + p.cancelled;
        promise(p.total == sum, "G1: " + std::to_string(p.total) + " items, but the counts add up to " + std::to_string(sum));
        promise(p.processed() >= book.processed, "G1: processed went back");
        promise(p.version >= book.version, "the version went back");
        promise(p.total >= book.total, "the total fell");
        promise(p.version > book.version || p.processed() == book.processed, "a change without a new version");
        book.processed = p.processed();
        book.version = p.version;
        book.total = p.total;
        if (p.percentage) {
            promise(*p.percentage == static_cast<int>(100 * p.processed() / p.total), "G1: the percentage is wrong");
            promise(*p.percentage < 100 || p.processed() == p.total, "G1: 100 % before the end");
        }
        promise(p.running + p.abandoned == book.inside.size(),
                std::to_string(p.running) + " running and " + std::to_string(p.abandoned) + " abandoned, but " +
                    std::to_string(book.inside.size()) + " inside");
        if (p.waiting_for && p.waiting_for->reason == batchpace::WaitingFor::Reason::breaker && p.waiting_for->until)
            breaker_until_ = std::max(breaker_until_, *p.waiting_for->until);
        promise(!p.estimated_time_remaining || *p.estimated_time_remaining > duration::zero(), "an estimate of 0");
        if constexpr (Async) {
            // Watched at ticks of 1 % of the time-out or 10 ms; deeds of the loop may come between.
            auto const patience = book.options.attempt_timeout + book.options.attempt_timeout / 50 + 30ms;
            auto const overdue = book.tokens.upper_bound(sim.now() - patience);
            for (auto it = book.tokens.begin(); it != overdue; ++it)
                promise(it->second.stop_requested(), "G5: an attempt beyond its time-out was not asked to stop");
        }
        // G8
        promise(p.errors.size() <= static_cast<std::size_t>(book.options.keep_errors), "G8: too many errors kept");
        promise(p.retrying <= static_cast<std::uint64_t>(options_.max_retrying), "G6: above max_retrying");
        promise(p.error_count == p.failed, "errors are not counted");
        if (book.was_final) promise(p.status == book.final_status, "a final status changed");
        if (is_final(p.status) && !book.was_final) book.stopped_at = sim.now();
        book.was_final = is_final(p.status);
        book.final_status = p.status;
        if (p.finished()) {
            if (!book.finished) check_results(book, p);
            book.finished = true;
            promise(is_final(p.status), "finished without a final status");
            promise(p.running + p.waiting + p.retrying == 0, "finished with items left");
            if (p.status == batchpace::JobStatus::completed) promise(p.successful > 0, "completed without a success");
        }
    }

    // The latest `keep_results` of them, each once, and in the order in which they ended.
    void check_results(JobBook const& book, JobProgress const& p) {
        std::set<std::uint64_t> seen;
        std::uint64_t from = 0, first = 0, successful = 0;
        for (bool last = false; !last;) {
            auto const page = processor->results(book.id, from, 7);
            if (from == 0) first = page.first_available;
            promise(page.first_available == first, "the results that are kept change after the finish");
            for (auto const& result : page.items) {
                promise(seen.insert(result.index).second, "a result is there twice");
                if (result.status != batchpace::ItemStatus::successful) continue;
                ++successful;
                promise(result.annotation == "of " + result.item_id, "a kept result belongs to another item");
            }
            promise(page.ended || !page.items.empty(), "results that never end");
            from = page.next;
            last = page.ended || page.items.empty();
        }
        auto const ended = p.processed() + p.cancelled;
        // Items that a source has promised and not given end without a result.
        promise(from == ended || (book.from_source && p.cancelled > 0 && from < ended), "results end before the items do");
        promise(seen.size() == from - first, "a kept result is missing");
        promise(seen.size() == std::min(from, static_cast<std::uint64_t>(book.options.keep_results)),
                "G8: not the latest results are kept");
        promise(first > 0 || successful == p.successful, "a successful item without a result");
    }

    void the_end() {
        if (processor) {
            for (auto const& [id, book] : jobs) {
                auto const p = processor->progress(id);
                auto const barred = processor->stats().abandoned >= static_cast<std::uint64_t>(*options_.max_abandoned);
                promise(p->finished() || barred, "G5: a job is stuck");
                promise(book.finishes_told == book.waits || barred, "G9: somebody still waits");
                promise(!p->finished() || p->abandoned == book.inside.size(), "an attempt is lost");
            }
            promise(!shut_down || shutdown_done_ || processor->stats().active_jobs > 0, "G9: the shutdown never completed");
        } else {
            for (auto const& [id, book] : jobs)
                promise(book.finishes_told == book.waits, "G9: somebody still waits for a destroyed processor");
        }
    }

    struct Budget {
        double ratio;
        int per_minute;
        int most;
    };

    batchpace::ProcessorOptions options_;
    std::optional<Budget> budget_;
    time_point breaker_until_{};
    time_point first_ = sim.now();
    std::uint64_t retries_ = 0;
    std::uint64_t successes_ = 0;
    bool hanging_ = false;
    bool announced_ = false;
    bool shutdown_done_ = false;
    unsigned failing_ = 0;
    std::string broken_;
    unsigned reentrant_ = 0;
    std::uint64_t events_ = 0;
    unsigned looks_ = 0;
    duration slow_{};
    int limit_ = 0;
    duration window_{};
    time_point closed_until_{};
    std::deque<time_point> starts_;
    std::vector<std::unique_ptr<batchpace::Timer>> deeds_;
};

}  // namespace batchpace_tests
