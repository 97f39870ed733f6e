// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/batchpace.hpp>
#include <batchpace/testing/simulation.hpp>

#include "books.hpp"
#include "net.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace batchpace_tests {

using Answer = batchpace::Outcome<std::string>;
using Answers = batchpace::Outcome<std::vector<Answer>>;  // of a batched call
using Items = batchpace::Batch<std::string>;
using Done = batchpace::Completion<std::string>;

/// Where calls go: the world outside.
class Outside {
public:
    virtual ~Outside() = default;
    virtual Answer call(std::string const& item, batchpace::Attempt const& attempt) = 0;
    virtual asio::awaitable<Answer> call_async(std::string const& item, batchpace::Attempt const& attempt) = 0;
    virtual asio::awaitable<Answers> call_batch(Items) { throw std::logic_error{"no batches here"}; }
    virtual void call_back(std::string const&, batchpace::Attempt const&, Done) {
        throw std::logic_error{"no completions here"};
    }
};

template <bool Async>
struct Annotate {
    Outside* outside;
    using item_type = std::string;

    std::conditional_t<Async, asio::awaitable<Answer>, Answer> operator()(std::string const& item,
                                                                         batchpace::Attempt const& attempt) {
        if constexpr (Async)
            return outside->call_async(item, attempt);
        else
            return outside->call(item, attempt);
    }
};

struct AnnotateBatch {
    Outside* outside;
    asio::awaitable<Answers> operator()(Items items) { return outside->call_batch(items); }
};

struct AnnotateByCompletion {
    Outside* outside;
    void operator()(std::string const& item, batchpace::Attempt const& attempt, Done done) {
        outside->call_back(item, attempt, std::move(done));
    }
};

// A host's policy that cares for nothing: what must hold, the engine holds.
struct Hasty {
    std::optional<duration> next(batchpace::Failure const&, int, batchpace::Random&) { return duration::zero(); }
};

/// Keeps books of every job inside the annotator, which is where the outside world is, and compares them with what the
/// processor says: the counts, what items and attempts may do, whom it tells what. What is specific to a world (who is
/// limited by what, what people do, how calls end) is added by those who derive from it.
template <bool Async, class Limiter, class Book = JobBook, class Annotator = Annotate<Async>>
class Witness : public Outside {
public:
    using Processor = batchpace::BatchProcessor<batchpace::testing::Simulation::executor_type, Limiter, Annotator>;

    explicit Witness(std::uint64_t seed) : sim{seed}, random{seed ^ 0x5eedU} {}
    Witness(Witness const&) = delete;
    Witness& operator=(Witness const&) = delete;

    batchpace::testing::Simulation sim;
    batchpace::Random random;
    std::map<JobId, Book> jobs;
    std::optional<Processor> processor;
    bool shut_down = false;

protected:
    // A broken promise: named, so that the failing guarantee is seen at a glance. Kept until the event is over, since
    // the processor rightly swallows what annotators and hooks throw.
    void promise(bool kept, std::string_view what) {
        if (!kept && broken_.empty()) broken_ = what;
    }
    void throw_if_broken() const {
        if (!broken_.empty()) throw std::runtime_error{broken_};
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

    /// Something has happened to it: it is looked at after this event.
    void touch(Book& book) {
        if (std::exchange(book.touched, true)) return;
        touched_.push_back(&book);
    }

    // ---- what people do ---------------------------------------------------------------------------------------

    // From a vector, or from a source of known or unknown total.
    JobId start(std::size_t count, batchpace::JobOptions const& o, bool from_source) {
        auto const name = "j" + std::to_string(jobs.size()) + "-";
        if (!from_source) {
            std::vector<std::string> items;
            for (std::size_t i = 0; i < count; ++i) items.push_back(name + std::to_string(i));
            return processor->start_batch(std::move(items), o);
        }
        auto given = std::make_shared<std::size_t>(0);
        auto const most_at_once = static_cast<std::size_t>(between(1, 200));
        auto pull = [given, count, name, most_at_once](std::size_t max) {
            std::vector<std::string> items;
            for (; items.size() < std::min(max, most_at_once) && *given < count; ++*given)
                items.push_back(name + std::to_string(*given));
            return items;
        };
        auto const total = chance(50) ? std::optional<std::uint64_t>{count} : std::nullopt;
        return processor->start_batch(batchpace::from_source(pull, total), o);
    }

    Book& open_book(JobId id, batchpace::JobOptions o, std::size_t count) {
        std::string const tenant{o.tenant};
        o.tenant = o.label = o.idempotency_key = {};
        auto& book = jobs[id];
        book.id = id;
        book.tenant_name = tenant;
        book.options = o;
        book.cap = o.concurrency;
        book.items.resize(count);
        book.rate.set_window(60s + options_.guard_band);
        book.rate.set_limit(o.rate_limit_per_minute.value_or(0));
        for (auto i = between(0, 2); i > 0; --i) wait(book);
        if (chance(50)) watch(book);
        touch(book);
        return book;
    }

    Book* any_job() {
        if (jobs.empty()) return nullptr;
        auto it = jobs.begin();
        std::advance(it, static_cast<std::ptrdiff_t>(random.below(std::uint64_t{jobs.size()})));
        return &it->second;
    }

    void pause_for_a_while(Book& book) {
        if (!processor->pause(book.id)) return;
        book.paused = true;
        at(random.below(duration{30s}), [this, &book] {
            if (!processor) return;
            processor->resume(book.id);
            book.paused = false;
            touch(book);
        });
    }

    void change_concurrency(Book& book) {
        batchpace::JobUpdate change;
        change.concurrency = between(1, 9);
        if (processor->update(book.id, change)) book.cap = *change.concurrency;
    }

    void change_rate(Book& book) {
        batchpace::JobUpdate change;
        change.rate_limit_per_minute = chance(40) ? 0 : between(1, 60);
        if (processor->update(book.id, change)) book.rate.set_limit(*change.rate_limit_per_minute);
    }

    void cancel(Book& book) {
        auto const cancelled = processor->cancel(book.id);
        promise(!cancelled || !book.cancelled, "G4: a second cancel returned true");
        if (!cancelled) return;
        book.cancelled = true;
        touch(book);
        promise(processor->progress(book.id)->status == batchpace::JobStatus::cancelled, "G4: not cancelled at once");
        for (auto const& [began, token] : book.tokens)
            promise(token.stop_requested(), "G4: an attempt was not asked to stop when its job was cancelled");
    }

    // Returns the book of the new job, if there is one.
    Book* retry(Book& book) {
        std::error_code error;
        batchpace::RetryFailed which;
        which.include_cancelled = chance(50);
        auto const progress = processor->progress(book.id);
        auto const id = processor->retry_failed(book.id, which, error);
        if (error) return nullptr;
        auto const items = progress->failed + (which.include_cancelled ? progress->cancelled : 0);
        promise(items >= processor->progress(id)->total, "an item is tried again twice");
        auto options = book.options;
        options.tenant = book.tenant_name;
        auto& again = open_book(id, options, static_cast<std::size_t>(items));
        again.rate.set_limit(0);  // the engine's own copy may say otherwise, which only means fewer starts
        return &again;
    }

    void wait(Book& book) {
        auto const inside = std::make_shared<bool>(true);
        ++book.waits;
        processor->async_wait(book.id, [this, &book, inside](std::error_code error, JobProgress p) {
            promise(!*inside, "G9: a handler ran inside the function that initiated it");
            ++book.finishes_told;
            touch(book);
            if (processor && !error) promise(p.finished(), "async_wait completed before the finish");
            if (!error) results_complete(book, p);
            if (error && error != batchpace::error::shut_down) promise(false, "async_wait: " + error.message());
        });
        *inside = false;
    }

    // Each who watches is told of everything once.
    struct Watcher {
        std::vector<int> milestones;
        int finishes = 0;
    };
    void watch(Book& book) { watch(book, 0, std::make_shared<Watcher>()); }
    void watch(Book& book, std::uint64_t seen, std::shared_ptr<Watcher> watcher) {
        processor->async_watch(book.id, seen, [this, &book, seen, watcher](std::error_code error, JobProgress p) {
            if (error) return;
            touch(book);
            promise(p.version > seen, "async_watch told of no change");
            for (auto const& milestone : p.milestones) watcher->milestones.push_back(milestone.percentage);
            if (p.finished()) {
                promise(++watcher->finishes == 1, "G10: the finish was announced twice");
                if (processor) {
                    auto const all = *processor->progress(book.id);
                    std::vector<int> expected;
                    for (auto const& milestone : all.milestones) expected.push_back(milestone.percentage);
                    promise(watcher->milestones == expected, "G10: milestones missed, doubled or out of order");
                }
                if (p.status == batchpace::JobStatus::completed)
                    promise(watcher->milestones == std::vector{25, 50, 75, 100}, "G10: not all milestones were told");
            } else if (processor) {
                watch(book, p.version, watcher);
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
        touch_all();
    }

    void destroy() {
        for (auto& [id, book] : jobs) book.cancelled = true;
        processor.reset();
    }

    void touch_all() {
        for (auto& [id, book] : jobs) touch(book);
    }

    // Nobody keeps anything paused for ever.
    void resume_all() {
        if (!processor) return;
        for (auto& [id, book] : jobs) {
            processor->resume(id);
            book.paused = false;
        }
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

    // Books what a call means, at the moment it reaches the outside world. nullptr: of a job that does not exist.
    Book* begin_call(batchpace::Attempt const& attempt) {
        auto* const book = begin_item(attempt);
        if (book != nullptr) {
            count_call(*book);
            promise(book->rate.start(sim.now()), "G3: above the job's limit");
        }
        return book;
    }

    // One call more, of however many items.
    void count_call(Book& book) {
        ++book.calls;
        if (book.options.max_calls)
            promise(book.calls <= static_cast<std::uint64_t>(*book.options.max_calls), "max_calls was exceeded");
        book.calls_inside.insert(sim.now());
        // G2: those that may have been abandoned by now do not count.
        promise(young(book) <= static_cast<std::size_t>(book.cap), "G2: above the job's concurrency");
    }
    void call_over(Book& book, time_point began) { book.calls_inside.erase(book.calls_inside.find(began)); }

    Book* begin_item(batchpace::Attempt const& attempt) {
        auto const now = sim.now();
        auto const found = jobs.find(attempt.job());
        promise(found != jobs.end(), "a call for an unknown job");
        if (found == jobs.end()) return nullptr;
        auto& book = found->second;
        touch(book);
        promise(attempt.index() < book.items.size(), "a call for an item that does not exist");
        promise(!book.cancelled, "G4: an item was started after cancel had returned true");
        promise(!book.paused, "an item was started while its job was paused");
        promise(!shutdown_done_, "G9: a call after async_shutdown had completed");
        auto& item = book.items[attempt.index()];
        promise(!item.given_up && item.results == 0, "G6: a call for an item that had ended");
        ++item.calls;
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
        promise(now >= std::max({closed_until_, tenants_closed_until_[book.tenant_name], book.closed_until}),
                "G6: a call while the service had asked to be left alone");
        book.inside.insert(now);
        book.tokens.emplace(now, attempt.stop_token());
        promise(!attempt.stop_token().stop_requested(), "an attempt begins with its stop already asked for");
        if (hanging_ && processor)
            promise(processor->stats().abandoned < static_cast<std::uint64_t>(*options_.max_abandoned),
                    "G5: a call though max_abandoned attempts are out");
        return &book;
    }

    std::size_t young(Book const& book) const { return book.young(sim.now(), options_.abandon_grace); }

    // Books how a call ended. True where that can still count: it was not abandoned, its job not stopped.
    bool end_call(batchpace::Attempt const& attempt, time_point began) {
        call_over(jobs.at(attempt.job()), began);
        return end_item(attempt, began);
    }

    bool end_item(batchpace::Attempt const& attempt, time_point began) {
        auto& book = jobs.at(attempt.job());
        touch(book);
        book.inside.erase(book.inside.find(began));
        auto const [from, to] = book.tokens.equal_range(began);
        book.tokens.erase(std::find_if(from, to, [&](auto const& entry) { return entry.second == attempt.stop_token(); }));
        call_ended(book);
        auto const age = sim.now() - began;
        auto const stopped = !processor || book.cancelled || book.was_final ||
                             processor->progress(book.id)->stop_reason != batchpace::StopReason::none;
        auto& item = book.items[attempt.index()];
        // A later attempt of the same item means that this one was given up.
        auto const superseded = attempt.number() <= item.charged;
        return !stopped && !superseded && age < book.options.attempt_timeout + options_.abandon_grace;
    }

    virtual void call_ended(Book&) {}

    void book_failure(batchpace::Attempt const& attempt, batchpace::Failure const& failure, bool counts) {
        if (!counts) return;
        auto& book = jobs.at(attempt.job());
        auto& item = book.items[attempt.index()];
        auto const throttled = failure.asks_to_wait();
        if (failure.retry_after()) note_wait(book, item, failure);
        item.blamed = true;
        if (throttled && item.throttled < options_.max_throttles)
            ++item.throttled;
        else
            ++item.charged;
        if (failure.kind() == batchpace::FailureKind::permanent) item.given_up = true;
    }

    void note_wait(Book& book, ItemBook& item, batchpace::Failure const& failure) {
        item.not_before = sim.now() + *failure.retry_after();
        auto& closed = failure.scope() == batchpace::WaitingFor::Scope::job      ? book.closed_until
                       : failure.scope() == batchpace::WaitingFor::Scope::tenant ? tenants_closed_until_[book.tenant_name]
                                                                                 : closed_until_;
        closed = std::max(closed, sim.now() + *failure.retry_after());
    }

    batchpace::Failure failure_of(Fate f) {
        switch (f) {
            case Fate::permanent: return batchpace::Failure::permanent("permanent");
            case Fate::throttled:
                return batchpace::Failure::throttled("throttled", chance(60) ? std::optional{random.below(duration{8s})}
                                                                             : std::nullopt)
                    .closing(static_cast<batchpace::WaitingFor::Scope>(between(0, 2)));
            default:
                return batchpace::Failure::transient("transient", chance(20) ? std::optional{random.below(duration{8s})}
                                                                             : std::nullopt);
        }
    }

    Answer answer(std::string const& item, batchpace::Attempt const& attempt, time_point began, Fate f) {
        auto const counts = end_call(attempt, began);
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

    Answer asked_to_stop(batchpace::Attempt const& attempt, time_point began) {
        promise(attempt.stop_token().stop_requested(), "cancelled without the stop token");
        auto const counts = end_call(attempt, began);
        auto failure = batchpace::Failure::timed_out("asked to stop");
        book_failure(attempt, failure, counts);
        return failure;
    }

    // An annotator may do to the processor whatever anybody may, and so may a hook.
    virtual void from_inside() {}

    // ---- what the processor says ------------------------------------------------------------------------------

    void announce_results() {
        announced_ = true;
        processor->on_result([this](JobId const& id, auto const& result) { this->on_result(id, result); });
    }

    template <class Result>
    void on_result(JobId const& id, Result const& result) {
        auto& book = jobs.at(id);
        touch(book);
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
            promise(!batching_ || hanging_ || item.blamed, "G6: an item was given up for being in bad company");
        }
    }

    void results_complete(Book const& book, JobProgress const& p) {
        if (!announced_) return;
        std::uint64_t ended = 0;
        for (auto const& item : book.items) ended += item.results == 1 ? 1U : 0U;
        promise(ended == p.processed(), "the finish was told before every result");
    }

    void check_all_jobs() {
        for (auto& [id, book] : jobs) look_at(book);
    }
    void check_touched_jobs() {
        for (auto* book : touched_) {
            book->touched = false;
            look_at(*book);
        }
        touched_.clear();
    }
    void look_at(Book& book) {
        auto const found = processor->progress(book.id);
        promise(found.has_value(), "a job is unknown");
        if (found) check(book, *found);
    }

    virtual void check(Book& book, JobProgress const& p) {
        auto const sum = p.waiting + p.running + p.retrying + p.successful + p.failed + p.cancelled;
        if (p.total != sum)
            promise(false, "G1: " + std::to_string(p.total) + " items, but the counts add up to " + std::to_string(sum));
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
        auto const out = p.running + p.abandoned;
        if (out == book.inside.size())
            book.coming_home = 0;
        else if (out < book.inside.size() || out > book.inside.size() + book.coming_home)
            promise(false, std::to_string(p.running) + " running and " + std::to_string(p.abandoned) +
                               " abandoned, but " + std::to_string(book.inside.size()) + " inside");
        if (p.waiting_for && p.waiting_for->reason == batchpace::WaitingFor::Reason::breaker && p.waiting_for->until)
            breaker_until_ = std::max(breaker_until_, sim.now() + (*p.waiting_for->until - sim.wall_now()));
        promise(!p.estimated_time_remaining || *p.estimated_time_remaining > duration::zero(), "an estimate of 0");
        if constexpr (Async) {
            // Watched at ticks of 1 % of the time-out or 10 ms; deeds of the loop may come between.
            auto const patience = book.options.attempt_timeout + book.options.attempt_timeout / 50 + 30ms;
            auto const overdue = book.tokens.upper_bound(sim.now() - patience);
            for (auto it = book.tokens.begin(); it != overdue; ++it)
                promise(it->second.stop_requested(), "G5: an attempt beyond its time-out was not asked to stop");
        }
        if (p.abandoned > 0) {
            auto const asked = std::count_if(book.tokens.begin(), book.tokens.end(),
                                             [](auto const& entry) { return entry.second.stop_requested(); });
            promise(p.abandoned <= static_cast<std::uint64_t>(asked) + book.coming_home, "G5: abandoned, but not asked to stop before");
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
    void check_results(Book const& book, JobProgress const& p) {
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

    bool any_active() const { return processor && processor->stats().active_jobs > 0; }

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

    // Retry policies, a retry budget and a circuit breaker, now and then.
    batchpace::Hooks draw_hooks() {
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
        return hooks;
    }

    // What a job may be limited and stopped by.
    batchpace::JobOptions draw_job_options() {
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
        return o;
    }

    batchpace::ProcessorOptions options_;
    std::optional<Budget> budget_;
    time_point breaker_until_{};
    time_point first_ = sim.now();
    std::uint64_t retries_ = 0;
    std::uint64_t successes_ = 0;
    bool hanging_ = false;
    bool batching_ = false;  // calls take several items
    bool announced_ = false;
    bool shutdown_done_ = false;
    unsigned failing_ = 0;
    time_point closed_until_{};
    std::map<std::string, time_point> tenants_closed_until_;
    std::vector<Book*> touched_;

private:
    std::string broken_;
    std::vector<std::unique_ptr<batchpace::Timer>> deeds_;
};

}  // namespace batchpace_tests
