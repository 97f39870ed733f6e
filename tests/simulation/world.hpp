// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "witness.hpp"

namespace batchpace_tests {

enum class Calls { one_by_one, batched, by_completion };

template <bool Async, Calls calls>
using WorldAnnotator =
    std::conditional_t<calls == Calls::batched, batchpace::Batched<5, AnnotateBatch>,
                       std::conditional_t<calls == Calls::by_completion,
                                          batchpace::Callback<std::string, AnnotateByCompletion>, Annotate<Async>>>;

/// A small system drawn from one seed: jobs, latencies, failures, hanging calls, and people who cancel, pause, change
/// and watch. Every job is looked at after every event. Large ones, with tenants and tiers: system.hpp.
template <bool Async, bool Limited, Calls calls = Calls::one_by_one>
class World : public Witness<Async, std::conditional_t<Limited, batchpace::SlidingWindow, batchpace::Unlimited>, JobBook,
                             WorldAnnotator<Async, calls>> {
    using Annotator = WorldAnnotator<Async, calls>;
    using Base = Witness<Async, std::conditional_t<Limited, batchpace::SlidingWindow, batchpace::Unlimited>, JobBook, Annotator>;
    using typename Base::Fate;
    using Base::at;
    using Base::between;
    using Base::chance;
    using Base::options_;
    using Base::promise;

public:
    using Base::jobs;
    using Base::processor;
    using Base::random;
    using Base::shut_down;
    using Base::sim;

    explicit World(std::uint64_t seed) : Base{seed} {
        draw();
        sim.after_event([this] { check_all(); });
        sim.after_event([this] {
            if (++events_ > 3'000'000) throw std::runtime_error{"G5: the run never rests"};
        });
    }

    void run() {
        auto const jobs_to_start = 1 + random.below(std::uint64_t{5});
        for (std::uint64_t i = 0; i < jobs_to_start; ++i)
            at(random.below(duration{20s}), [this] { start_job(); });
        auto const deeds = random.below(std::uint64_t{25});
        for (std::uint64_t i = 0; i < deeds; ++i) at(random.below(duration{90s}), [this] { do_something(); });
        sim.run_for(200s);
        this->resume_all();
        // Calls hang for up to 25 days, and where few may be abandoned their jobs wait for each other.
        for (int i = 0; i < 40 && (i == 0 || this->any_active()); ++i) sim.run_for(std::chrono::hours{24 * 40});
        this->the_end();
        check_all();
    }

private:
    void draw() {
        batchpace::ProcessorOptions o;
        if (chance(30)) o.max_in_flight = between(1, 12);
        if (chance(25)) o.tier = chance(50) ? batchpace::Tier::free() : batchpace::Tier{"drawn", between(0, 6), between(0, 90)};
        if (chance(20)) o.max_retrying = between(1, 20);
        o.abandon_grace = duration{between(0, 3) * 1s};
        o.max_abandoned = chance(15) ? between(1, 3) : 10'000;
        o.max_throttles = between(0, 5);
        o.retain_for = std::chrono::hours{24 * 365 * 50};  // the books know every job to the end; slow limits take years
        options_ = o;
        this->hanging_ = chance(25);
        this->failing_ = chance(70) ? static_cast<unsigned>(between(0, 30)) : 0;
        slow_ = chance(50) ? duration{1s} : duration{5ms};
        auto const limit = between(3, 80);
        auto const window = chance(50) ? duration{60s} : duration{between(1, 20) * 1s};
        auto hooks = this->draw_hooks();
        if constexpr (Limited) {
            own_rate_ = RateBook{window};
            own_rate_.set_limit(limit);
            processor.emplace(sim, batchpace::SlidingWindow{limit, window}, annotator(), o, std::move(hooks));
        } else {
            processor.emplace(sim, batchpace::Unlimited{}, annotator(), o, std::move(hooks));
        }
        if (o.tier) tier_rate_.set_limit(o.tier->per_minute);
        if (chance(70)) this->announce_results();
    }

    Annotator annotator() {
        if constexpr (calls == Calls::batched) {
            this->budget_.reset();  // which knows nothing of halved calls
            this->batching_ = true;
            per_item_ = chance(40);
            poisoned_ = chance(30);
            batchpace::BatchOptions batching;
            if (chance(40)) batching.linger = random.below(duration{2s});
            if (per_item_) batching.cost = batchpace::BatchOptions::Cost::per_item;
            return {AnnotateBatch{this}, batching};
        } else if constexpr (calls == Calls::by_completion) {
            return batchpace::callback<std::string>(AnnotateByCompletion{this});
        } else {
            return {this};
        }
    }

    // ---- what people do ---------------------------------------------------------------------------------------

    void start_job() {
        if (!processor || shut_down) return;
        auto o = this->draw_job_options();
        auto const tenant = std::string(static_cast<std::size_t>(between(0, 2)), 't');
        o.tenant = tenant;
        auto const count = static_cast<std::size_t>(chance(20) ? between(100, 400) : between(1, 40));
        auto const from_source = chance(30);
        auto const id = this->start(count, o, from_source);
        auto& book = this->open_book(id, o, count);
        book.from_source = from_source;
        // Before its first item has run.
        while (chance(15)) do_to(book);
    }

    void do_something() {
        if (auto* book = this->any_job()) do_to(*book);
    }

    void do_to(JobBook& book) {
        if (!processor) return;
        switch (between(0, 15)) {
            case 0: this->cancel(book); break;
            case 1:
            case 2: this->pause_for_a_while(book); break;
            case 3: this->change_concurrency(book); break;
            case 4: this->change_rate(book); break;
            case 5:
            case 6:
            case 7:
            case 8: processor->set_admitted_only(book.id, chance(50)); break;
            case 9: this->wait(book); break;
            case 10: start_job(); break;
            case 11: this->retry(book); break;
            case 12: {
                batchpace::JobUpdate change;
                change.priority = between(1, 5);
                processor->update(book.id, change);
                break;
            }
            case 13:
                if (chance(15)) this->begin_shutdown();
                break;
            case 14:
                if (chance(15)) this->destroy();
                break;
            default: (void)processor->jobs(); break;
        }
    }

    // Finished jobs are looked at now and then only, which is most of the cost of a run.
    bool chance_to_look() noexcept { return ++looks_ % 16 == 0; }

    // ---- the annotator ----------------------------------------------------------------------------------------

    void enter(batchpace::Attempt const& attempt) {
        if (this->begin_call(attempt) != nullptr) enter_above(1);
    }

    // The processor's scope, for a call of that cost.
    void enter_above(std::size_t cost) {
        std::size_t everywhere = 0;
        for (auto const& [id, other] : jobs) everywhere += this->young(other);
        if (options_.max_in_flight)
            promise(everywhere <= static_cast<std::size_t>(*options_.max_in_flight), "G2: above max_in_flight");
        if (options_.tier && options_.tier->max_concurrency > 0)
            promise(everywhere <= static_cast<std::size_t>(options_.tier->max_concurrency), "G2: above the tier's cap");
        promise(own_rate_.start(sim.now(), cost), "G3: above the processor's limit");
        promise(tier_rate_.start(sim.now(), cost), "G3: above the tier's limit");
    }

    Answer call(std::string const& item, batchpace::Attempt const& attempt) override {
        enter(attempt);
        auto const began = sim.now();
        sim.spend(random.below(slow_));
        from_inside();
        return this->answer(item, attempt, began, this->fate());
    }

    void from_inside() override {
        if (chance(1)) do_something();
        if (processor && ++reentrant_ % 37 == 0) (void)processor->active_jobs();
    }

    asio::awaitable<Answer> call_async(std::string const& item, batchpace::Attempt const& attempt) override {
        enter(attempt);
        auto const began = sim.now();
        from_inside();
        auto const f = this->fate();
        auto const wait = f == Fate::hangs || f == Fate::hangs_hard ? duration{std::chrono::hours{between(1, 600)}}
                                                                    : random.below(slow_);
        if (f == Fate::hangs_hard) co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        if (f == Fate::hangs_hard || !chance(20)) {
            bool cancelled = false;
            try {
                co_await batchpace::sleep_for(wait, asio::use_awaitable);
            } catch (batchpace::net_system_error const&) {
                cancelled = true;
            }
            if (cancelled) co_return this->asked_to_stop(attempt, began);
        }
        co_return this->answer(item, attempt, began, f);
    }

    // A call that its completion ends: when its time has come, when it is asked to stop, or never.
    struct Call {
        Call(World& w, std::string const& i, batchpace::Attempt const& a, Done d, Fate f)
            : world{w}, item{i}, attempt{a}, began{w.sim.now()}, fate{f}, done{std::move(d)} {}

        // What the answer throws is thrown on.
        void end(bool stopped) {
            if (!done) return;
            auto const held = *std::exchange(done, std::nullopt);
            auto const dropped = !stopped && fate == Fate::throws_int;
            try {
                ++world.jobs.at(attempt.job()).coming_home;
                auto answer = stopped ? world.asked_to_stop(attempt, began) : world.answer(item, attempt, began, fate);
                held(std::move(answer));
            } catch (...) {
                if (dropped) return;  // nobody calls the completion, ever
                held(batchpace::Failure::transient("thrown"));
            }
            if (world.chance(3)) held(Answer{"a second answer"});
            if (world.chance(3)) world.at(duration{1s}, [held] { held(Answer{"a late second answer"}); });
        }

        struct Stop {
            Call* call;
            void operator()() const { call->asked(); }
        };
        void asked() {
            if (fate == Fate::hangs_hard) return;
            if (auto const self = weak.lock(); self && world.chance(50))
                world.at({}, [self] { self->end(true); });
            else if (self)
                end(true);  // inside of whoever asks
        }

        World& world;
        std::string const& item;
        batchpace::Attempt const& attempt;
        time_point began;
        Fate fate;
        std::optional<Done> done;
        std::weak_ptr<Call> weak;
        std::optional<std::stop_callback<Stop>> stop;
    };

    void call_back(std::string const& item, batchpace::Attempt const& attempt, Done done) override {
        enter(attempt);
        from_inside();
        auto const f = this->fate();
        auto const wait = f == Fate::hangs || f == Fate::hangs_hard ? duration{std::chrono::hours{between(1, 600)}}
                                                                    : random.below(slow_);
        auto const call = std::make_shared<Call>(*this, item, attempt, std::move(done), f);
        call->weak = call;
        if (f != Fate::hangs && f != Fate::hangs_hard && chance(20)) return call->end(false);
        this->at(wait, [call] { call->end(false); });
        call->stop.emplace(attempt.stop_token(), typename Call::Stop{call.get()});
    }

    asio::awaitable<Answers> call_batch(Items items) override {
        std::vector<batchpace::Attempt> attempts;
        std::vector<std::string> names;
        for (std::size_t i = 0; i < items.size(); ++i) {
            attempts.push_back(items.attempt(i));
            names.push_back(items[i]);
        }
        promise(!attempts.empty() && attempts.size() <= 5, "a call of no items, or of too many");
        for (auto const& attempt : attempts) {
            auto* const book = this->begin_item(attempt);
            if (book == nullptr) continue;
            promise(attempt.job() == attempts.front().job(), "a call with items of several jobs");
            if (&attempt != &attempts.front()) continue;
            auto const cost = per_item_ ? attempts.size() : 1;
            this->count_call(*book);
            promise(book->rate.start(sim.now(), cost), "G3: above the job's limit");
            enter_above(cost);
        }
        auto const began = sim.now();
        from_inside();
        auto const hangs = this->hanging_ && chance(8);
        auto const deaf = hangs && chance(50);
        auto const wait = hangs ? duration{std::chrono::hours{between(1, 600)}} : random.below(slow_);
        if (deaf) co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        bool cancelled = false;
        if (deaf || !chance(20)) {
            try {
                co_await batchpace::sleep_for(wait, asio::use_awaitable);
            } catch (batchpace::net_system_error const&) {
                cancelled = true;
            }
        }
        this->call_over(jobs.at(attempts.front().job()), began);
        if (cancelled) {
            auto failure = batchpace::Failure::timed_out("asked to stop");
            failed_whole(attempts, failure, began);
            Answers whole{std::move(failure)};
            co_return whole;
        }
        auto const bad = [](batchpace::Attempt const& attempt) { return attempt.index() % 7 == 3; };
        auto const poisoned = poisoned_ && std::any_of(attempts.begin(), attempts.end(), bad);
        if (poisoned_ && !this->hanging_ && this->failing_ == 0)
            for (auto const& attempt : attempts) {
                // ⌈log₂ 5⌉ halvings, the calls of its own, and one that another's failure has cost it.
                auto const& book = jobs.at(attempt.job());
                promise(book.items[attempt.index()].calls <= book.options.max_attempts + 4, "G6: a call is halved without end");
            }
        if (poisoned || random.below(std::uint64_t{200}) < this->failing_) {
            auto const how = poisoned ? 3 * between(0, 1) : between(0, 4);
            auto failure = how == 0   ? batchpace::Failure::permanent("one of them is bad")
                           : how == 1 ? this->failure_of(Fate::throttled)
                           : how == 2 ? this->failure_of(Fate::transient)
                                      : batchpace::Failure::transient("thrown, or too few answers");
            failed_whole(attempts, failure, began);
            if (how == 3) throw std::runtime_error{"thrown"};
            Answers whole{std::move(failure)};
            if (how == 4) whole = Answers{std::vector<Answer>(attempts.size() - 1, Answer{"x"})};
            co_return whole;
        }
        std::vector<Answer> answers;
        for (std::size_t i = 0; i < attempts.size(); ++i) {
            auto const counts = this->end_item(attempts[i], began);
            auto& item = jobs.at(attempts[i].job()).items[attempts[i].index()];
            if (random.below(std::uint64_t{100}) >= this->failing_) {
                item.succeeded = true;
                answers.push_back("of " + names[i]);
                continue;
            }
            auto failure = this->failure_of(chance(30) ? Fate::permanent : chance(30) ? Fate::throttled : Fate::transient);
            this->book_failure(attempts[i], failure, counts);
            answers.push_back(std::move(failure));
        }
        Answers whole{std::move(answers)};
        co_return whole;
    }

    // A call of several that fails costs each of them an attempt, but gives nobody up.
    void failed_whole(std::vector<batchpace::Attempt> const& attempts, batchpace::Failure const& failure, time_point began) {
        auto& book = jobs.at(attempts.front().job());
        auto const turned_away =
            failure.asks_to_wait() && std::all_of(attempts.begin(), attempts.end(), [&](batchpace::Attempt const& attempt) {
                return book.items[attempt.index()].throttled < options_.max_throttles;
            });
        for (auto const& attempt : attempts) {
            auto const counts = this->end_item(attempt, began);
            if (attempts.size() == 1 || turned_away) {
                this->book_failure(attempt, failure, counts);
            } else if (counts) {
                auto& item = book.items[attempt.index()];
                item.charged = std::min(item.charged + 1, book.options.max_attempts - 1);
                if (failure.retry_after()) this->note_wait(book, item, failure);
            }
        }
    }

    // ---- what the processor says ------------------------------------------------------------------------------

    void check_all() {
        if (processor)
            for (auto& [id, book] : jobs)
                if (!book.finished || !book.inside.empty() || chance_to_look()) this->look_at(book);
        this->throw_if_broken();
    }

    bool per_item_ = false;
    bool poisoned_ = false;  // a call with one of some items in it fails as a whole
    RateBook own_rate_;
    RateBook tier_rate_;
    unsigned reentrant_ = 0;
    std::uint64_t events_ = 0;
    unsigned looks_ = 0;
    duration slow_{};
};

}  // namespace batchpace_tests
