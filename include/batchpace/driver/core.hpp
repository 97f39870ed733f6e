// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/asio.hpp>
#include <batchpace/batch_options.hpp>
#include <batchpace/concepts/annotator.hpp>
#include <batchpace/concepts/executor.hpp>
#include <batchpace/concepts/rate_limiter.hpp>
#include <batchpace/driver/any_completion.hpp>
#include <batchpace/driver/id_source.hpp>
#include <batchpace/driver/lane.hpp>
#include <batchpace/driver/lane_runner.hpp>
#include <batchpace/driver/rubbish.hpp>
#include <batchpace/driver/timer_service.hpp>
#include <batchpace/driver/typed_job.hpp>
#include <batchpace/engine/engine.hpp>
#include <batchpace/engine/engine_mutex.hpp>
#include <batchpace/engine/metrics_reading.hpp>
#include <batchpace/engine/snapshot.hpp>
#include <batchpace/error.hpp>
#include <batchpace/hooks.hpp>
#include <batchpace/policy/detail/saturated.hpp>
#include <batchpace/processor_metrics.hpp>
#include <batchpace/shutdown.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace batchpace::inline BATCHPACE_FLAVOUR::driver {

/// The state of a processor, shared by the façade and everything in flight: the engine under its mutex, and what obeys
/// it. `enter` is the one way in: it takes the mutex, tells the engine the time, and afterwards does what it answered.
template <class Executor, class RateLimiter, class Annotator>
class Core final : public timer_service::Client,
                   public std::enable_shared_from_this<Core<Executor, RateLimiter, Annotator>> {
public:
    using annotator_type = Annotator;
    using item_type = typename annotator_traits<Annotator>::item_type;
    using annotation_type = typename annotator_traits<Annotator>::annotation_type;
    using Job = TypedJob<item_type, annotation_type>;
    using Traits = annotator_traits<Annotator>;
    using LaneType = Lane<Core>;
    using ResultCallback = typename Job::ResultCallback;

    Core(Executor executor, RateLimiter limiter, Annotator annotate, ProcessorOptions const& options, Hooks hooks)
        : executor_{std::move(executor)},
          annotator_{std::move(annotate)},
          service_{timer_service::of(executor_)},
          backend_{service_.backend()},
          hooks_{std::move(hooks)},
          ids_{hooks_.random_seed()},
          serial_{options.executor_is_serial.value_or(is_serial_executor<Executor>)},
          engine_{options, wrap(std::move(limiter)), hooks_.take_retry(), ids_.word()} {
        engine_.wants_events = static_cast<bool>(hooks_.on_event());
        engine_.wants_stalls = static_cast<bool>(hooks_.on_stalled());
        engine_.retry_budget = hooks_.retry_budget();
        if (hooks_.circuit_breaker()) engine_.use(*hooks_.circuit_breaker());
        if constexpr (Traits::is_batched) {
            auto const& o = annotator_.options();
            engine_.use(engine::Batching{o.most, o.linger, o.cost == BatchOptions::Cost::per_item});
        }
    }

    /// After construction: what needs a shared pointer.
    void open() {
        std::weak_ptr<Core> const weak = this->weak_from_this();
        auto tick = [weak] {
            if (auto const core = weak.lock()) core->tick();
        };
        timer_ = backend_ != nullptr ? backend_->make_timer(std::move(tick))
                                     : std::make_unique<SteadyTimer<Executor>>(executor_, std::move(tick));
        service_.add(weak);
        engine_.set_wall(now(), wall_now());
    }

    Executor const& executor() const noexcept { return executor_; }
    Annotator& annotator() noexcept { return annotator_; }
    Hooks const& hooks() const noexcept { return hooks_; }
    bool serial() const noexcept { return serial_; }
    std::uint64_t max_items_per_job() const noexcept {
        return static_cast<std::uint64_t>(engine_.options().max_items_per_job);  // never changes
    }
    time_point now() const { return backend_ == nullptr ? std::chrono::steady_clock::now() : backend_->now(); }
    wall_time wall_now() const { return backend_ == nullptr ? std::chrono::system_clock::now() : backend_->wall_now(); }

    // ---- the way in -------------------------------------------------------------------------------------------

    /// Runs `f(engine, now)` under the mutex, then does what the engine answered.
    template <class F>
    auto enter(F&& f) {
        Effects effects;
        auto unlock_and_run = [&](std::unique_lock<engine::EngineMutex>& lock, time_point at) {
            collect(effects, at);
            lock.unlock();
            run(effects);
        };
        std::unique_lock lock{mutex_};
        auto const at = engine_.advance(now());
        if constexpr (std::is_void_v<decltype(f(engine_, at))>) {
            f(engine_, at);
            unlock_and_run(lock, at);
        } else {
            auto answer = f(engine_, at);
            unlock_and_run(lock, at);
            return answer;
        }
    }

    /// Reads under the mutex; nothing follows from it.
    template <class F>
    auto read(F&& f) {
        std::lock_guard const lock{mutex_};
        return f(engine_, engine_.advance(now()));
    }

    /// Takes the mutex for a slice of the jobs at a time.
    ProcessorMetrics metrics() {
        engine::MetricsReading reading;
        while (read([&](engine::Engine& engine, time_point at) { return reading.step(engine, at); })) mutex_.let_others();
        return reading.result();
    }

    std::shared_ptr<Job> find(JobId id) const { return std::static_pointer_cast<Job>(engine_.registry.find(id)); }

    // ---- what lanes ask ---------------------------------------------------------------------------------------

    /// The lane's next block; empty: it has left, and must not come back.
    engine::ItemRange claim(LaneType& lane) {
        return enter([&](engine::Engine& engine, time_point at) -> engine::ItemRange {
            if (!engine.claim(lane, at)) return {};
            if constexpr (Traits::is_batched) {
                lane.call.fill(lane, lane.owner->items);
                lane.results.make_room(lane.call.size());
            } else {
                if (auto const& chunk = lane.owner->items.chunk(lane.block.begin); lane.chunk != chunk) lane.chunk = chunk;
                lane.results.make_room(static_cast<std::size_t>(lane.block.size()));
            }
            auto const deadline = batchpace::detail::saturated_add(at, lane.owner->options.attempt_timeout);
            if (lane.stop_asked || !lane.attempt.job()) {
                // The one before was asked to stop (or there was none): this one gets a stop token of its own.
                if (lane.stop_asked) lane.stop_source = std::stop_source{};
                lane.stop_asked = false;
                lane.attempt = Attempt{lane.owner->id, lane.block.begin, lane.attempt_number, deadline,
                                       lane.stop_source.get_token()};
            } else {
                lane.attempt.next_block(deadline);
            }
            return lane.block;
        });
    }

    /// Whether a burst has become a long one after that many of its items: what is left of it goes back then, so that
    /// the loop has its turn. Few items look at the clock for that.
    bool over_long(LaneType const& lane, std::uint64_t done) const {
        return done != 0 && done % engine::Burst::looks_after == 0 && now() - lane.claimed_at > engine::Burst::long_burst;
    }

    /// An attempt has succeeded: its annotation waits in the lane until the block is settled.
    void keep(LaneType& lane, std::uint64_t place, annotation_type annotation) {
        if constexpr (!Job::keeps_results)
            if (!on_result_) return;
        lane.results.put(static_cast<std::size_t>(place), std::move(annotation));
    }

    /// An attempt has failed. False: the lane does not go on with its block.
    bool failed(LaneType& lane, Failure const& failure) {
        return enter([&](engine::Engine& engine, time_point at) { return engine.attempt_failed(lane, failure, at); });
    }

    /// A batched call has come back, some of its items with a failure, or it has failed as a whole.
    void batch_ended(LaneType& lane, std::vector<std::pair<std::uint64_t, Failure>> const& failures) {
        enter([&](engine::Engine& engine, time_point at) { engine.batch_ended(lane, failures, at); });
    }
    void batch_failed(LaneType& lane, Failure const& failure) {
        for (std::size_t place = 0; place < lane.call.size(); ++place) static_cast<void>(lane.results.take(place));
        enter([&](engine::Engine& engine, time_point at) { engine.batch_failed(lane, failure, at); });
    }

    /// The lane has done what it could of its block. False: it was given up meanwhile, and must not come back.
    bool block_over(LaneType& lane) {
        if (lane.word.end().abandoned()) {
            enter([&](engine::Engine& engine, time_point at) { engine.late_answer(lane, at); });
            return false;
        }
        lane.ended_at = now();
        return true;
    }

    /// A second answer, or one to a call that is over.
    void superfluous_answer() {
        enter([](engine::Engine& engine, time_point) { ++engine.stats.late_answers; });
    }

    void lane_gone(engine::LaneSlot& slot) noexcept {
        if (slot.state == engine::LaneSlot::State::left) return;
        enter([&](engine::Engine& engine, time_point at) { engine.lost(slot, at); });
    }

    /// True on a thread that does not run the executor, as far as that can be told.
    /// Not inline: see `AwaitableLane::this_thread`.
    [[gnu::noinline]] bool is_foreign_thread() const {
#if defined(__GNUC__)
        __asm__ volatile("");
#endif
        if constexpr (requires { executor_.running_in_this_thread(); })
            return !executor_.running_in_this_thread();
        else
            return true;
    }

    /// Whether the calling thread, which did run the executor, still does.
    bool runs_here() const { return !closed_ && !is_foreign_thread(); }

    /// Brings a lane home from whatever thread; nowhere, where the loop has gone.
    template <class F>
    void post_home(F f) {
        std::lock_guard const lock{mutex_};  // so that the loop does not go meanwhile
        if (!loop_gone_) net::post(executor_, std::move(f));
    }

    /// Where a lane of coroutines runs: in an order of its own, so that a cancellation meets no running attempt.
    template <class LaneExecutor>
    LaneExecutor lane_executor() const {
        if constexpr (std::constructible_from<LaneExecutor, net::strand<Executor>>) {
            if (!serial_) return LaneExecutor{net::make_strand(executor_)};
        }
        return LaneExecutor{executor_};
    }

    // ---- jobs -------------------------------------------------------------------------------------------------

    std::shared_ptr<Job> make_job(engine::Engine& engine, JobOptions const& options, std::optional<Tier> const& tier,
                                  time_point at) {
        engine.set_wall(at, wall_now());
        auto id = hooks_.id_generator() ? hooks_.id_generator()() : ids_.next(engine.wall(at));
        // A host's generator that names no job, or one that is known, does not get to replace it.
        while (!id || engine.registry.peek(id) != nullptr) id = ids_.next(engine.wall(at));
        auto& tenant = engine.tenant(options.tenant, tier, at);
        auto job = std::make_shared<Job>(id, options, tenant, engine.options().max_retrying);
        job->around = &around_;
        job->announces = static_cast<bool>(on_result_);
        engine.add(job, at);
        expire(engine, at);
        return job;
    }

    void on_result(ResultCallback f) {
        std::lock_guard const lock{mutex_};
        on_result_ = std::move(f);
    }

    // ---- those who wait ---------------------------------------------------------------------------------------

    using WaitDone = AnyCompletion<net_error_code, JobProgress>;

    /// Waits for the finish, or with `seen_version` for the next change. `number` is set for `stop_waiting`, before
    /// anybody can be told of anything.
    void wait(JobId id, std::optional<std::uint64_t> seen_version, WaitDone done, std::atomic<std::uint64_t>& number) {
        enter([&](engine::Engine& engine, time_point at) {
            auto const job = find(id);
            if (job == nullptr || closed_) {
                auto const why = closed_ ? error::shut_down : error::unknown_job;
                done.complete(net_error_code{make_error_code(why)}, JobProgress{});
                return;
            }
            number = ++last_waiter_;
            job->waiters.push_back({number, seen_version, std::move(done)});
            if (seen_version) ++job->watching;
            notify(engine, *job, at);
        });
    }

    void stop_waiting(JobId id, std::uint64_t number) {
        std::lock_guard const lock{mutex_};
        auto const job = find(id);
        if (job == nullptr) return;
        auto const found = std::find_if(job->waiters.begin(), job->waiters.end(),
                                        [&](auto const& waiter) { return waiter.id == number; });
        if (found == job->waiters.end()) return;
        if (found->seen_version) --job->watching;
        found->done.complete(net::error::operation_aborted, JobProgress{});
        job->waiters.erase(found);
    }

    // ---- the end ----------------------------------------------------------------------------------------------

    using ShutdownDone = AnyCompletion<net_error_code, ShutdownReport>;
    struct ShutdownWaiter {
        std::uint64_t id;
        ShutdownDone done;
    };

    /// `number` is set for `stop_waiting_for_shutdown`, before any attempt is asked to stop.
    void shut_down(ShutdownMode mode, std::optional<duration> deadline, ShutdownDone done,
                   std::atomic<std::uint64_t>& number) {
        enter([&](engine::Engine& engine, time_point at) {
            auto const first = !engine.shutting_down();
            engine.begin_shutdown();
            if (first) finished_before_ = engine.stats.jobs_started - engine.registry.active();
            number = ++last_waiter_;
            shutdowns_.push_back({number, std::move(done)});
            if (mode != ShutdownMode::drain)
                cut_off(engine, at);
            else if (deadline)
                drain_until_ = std::min(drain_until_, batchpace::detail::saturated_add(at, *deadline));
        });
    }

    /// The shutdown itself goes on.
    void stop_waiting_for_shutdown(std::uint64_t number) {
        std::lock_guard const lock{mutex_};
        auto const found = std::find_if(shutdowns_.begin(), shutdowns_.end(), [&](auto const& s) { return s.id == number; });
        if (found == shutdowns_.end()) return;
        found->done.complete(net::error::operation_aborted, ShutdownReport{});
        shutdowns_.erase(found);
    }

    /// The façade is destroyed: everything is asked to stop, everybody who waits is told, nothing is waited for.
    void close() noexcept {
        std::vector<WaitDone> waiters;
        std::vector<ShutdownWaiter> shutdowns;
        ShutdownReport left;
        enter([&](engine::Engine& engine, time_point at) {
            closed_ = true;
            engine.begin_shutdown();
            engine.stop_all(StopReason::shut_down, at);
            engine.actions.ended.clear();
            take_waiters(waiters);
            shutdowns.swap(shutdowns_);
            if (!shutdowns.empty()) left = report();
            if (timer_) timer_->cancel();
            armed_ = time_point::max();
        });
        for (auto& done : waiters) done.complete(net_error_code{make_error_code(error::shut_down)}, JobProgress{});
        for (auto& waiter : shutdowns) waiter.done.complete(net_error_code{make_error_code(error::shut_down)}, left);
    }

    bool closed() const noexcept { return closed_; }

private:
    struct Effects {
        struct Stop {
            std::shared_ptr<LaneType> lane;
            std::uint64_t sequence;
            std::stop_source source;
        };
        std::vector<std::shared_ptr<Job>> wakes;
        std::vector<Stop> stops;
        std::vector<std::pair<std::shared_ptr<Job>, std::size_t>> refills;
        std::vector<std::shared_ptr<typename Job::Chunk>> trash;  // destroyed outside the mutex, as this is:
        std::vector<Rubbish<item_type, annotation_type>> waste;
        bool drain_hooks = false;
        bool sweep = false;
        bool any = false;
    };

    static std::unique_ptr<engine::AnyLimiter> wrap(RateLimiter limiter) {
        if constexpr (never_limits_v<RateLimiter>)
            return nullptr;
        else
            return engine::AnyLimiter::wrap(std::move(limiter));
    }

    // Under the mutex: turns the engine's answer into what can be done without it.
    void collect(Effects& effects, time_point at) {
        auto& actions = engine_.actions;
        if (!actions.empty()) {
            for (auto* job : actions.wakes) effects.wakes.push_back(shared(*job));
            for (auto const& stop : actions.stops)
                if (auto lane = static_cast<LaneType*>(stop.slot)->weak_from_this().lock())
                    effects.stops.push_back({lane, stop.sequence, lane->stop_source});
            for (auto* job : actions.refills) effects.refills.push_back({shared(*job), static_cast<std::size_t>(engine_.chunk_size())});
            if (!actions.ended.empty()) {
                for (auto* job : actions.ended) {
                    auto held = shared(*job);
                    if (held->known() > slice) {
                        compacting_.push_back(held);
                    } else {
                        compact(*held, effects.trash);
                        engine_.registry.weigh(*held, held->bytes());
                    }
                    // Whoever waits for the finish has been told of every result before.
                    if (hooks_pending()) {
                        held->announcing = true;
                        finishing_.push_back(std::move(held));
                    } else {
                        notify(engine_, *held, at);
                    }
                }
            }
            for (auto* job : actions.changed)
                if (static_cast<Job*>(job)->watching > 0) notify(engine_, static_cast<Job&>(*job), at);
            for (auto const* job : actions.stalled) stalled_.push_back(engine::Snapshot::of(engine_, *job, at, 0));
            effects.any = !effects.wakes.empty() || !effects.stops.empty() || !effects.refills.empty();
            actions.clear();
        }
        for (; !around_.garbage.empty() && around_.garbage.back().small() && effects.waste.size() < 4; around_.garbage.pop_back())
            effects.waste.push_back(std::move(around_.garbage.back()));
        if (hooks_pending() && !draining_ && !closed_) effects.drain_hooks = effects.any = draining_ = true;
        if (!sweeping_ && (in_hand_ || !around_.garbage.empty() || !compacting_.empty() || expiring_) && !loop_gone_)
            effects.sweep = effects.any = sweeping_ = true;
        if (!shutdowns_.empty()) finish_shutdown();
        rearm();
    }

    bool hooks_pending() const noexcept {
        return draining_ || !around_.announced.empty() || !engine_.events.empty() || !finishing_.empty() || !stalled_.empty();
    }

    void run(Effects& effects) {
        if (!effects.any) return;
        for (auto& job : effects.wakes)
            LaneRunner<Core>::launch(std::make_shared<LaneType>(this->shared_from_this(), std::move(job)));
        for (auto& stop : effects.stops) {
            stop.source.request_stop();
            if constexpr (annotator_traits<Annotator>::is_awaitable) emit_cancel(std::move(stop.lane), stop.sequence);
        }
        for (auto& [job, most] : effects.refills) {
            auto refill = [core = this->shared_from_this(), job = std::move(job), most = most] { (*job->pull)(most); };
            net::post(executor_, std::move(refill));
        }
        if (effects.drain_hooks) post_self(&Core::drain_hooks);
        if (effects.sweep) post_self(&Core::sweep);
    }

    void post_self(void (Core::*what)()) {
        net::post(executor_, [core = this->shared_from_this(), what] { (core.get()->*what)(); });
    }

    // In the lane's own order; by then it may be at another attempt, or at none.
    static void emit_cancel(std::shared_ptr<LaneType> lane, std::uint64_t sequence) {
        if (!lane->home) return;
        auto const executor = *lane->home;
        net::post(executor, [lane = std::move(lane), sequence] {
            auto const word = lane->word.load();
            if (word.in_flight() && word.started() == sequence) lane->cancel.emit(net::cancellation_type::all);
        });
    }

    std::shared_ptr<Job> shared(engine::Job& job) const { return find(job.id); }

    // ---- time -------------------------------------------------------------------------------------------------

    void rearm() {
        if (!timer_ || closed_) return;
        auto const next = std::min(engine_.next_time(), engine_.registry.active() > 0 ? drain_until_ : time_point::max());
        if (next == time_point::max()) {
            // Nothing to wait for: the loop must be able to run out of work.
            if (armed_ != time_point::max()) timer_->cancel();
            armed_ = next;
        } else if (next < armed_) {
            armed_ = next;
            timer_->arm(next);
        }
    }

    void tick() {
        enter([&](engine::Engine& engine, time_point at) {
            armed_ = time_point::max();
            if (closed_) return;
            engine.set_wall(at, wall_now());
            engine.tick(at);
            if (drain_until_ <= at) {
                deadline_passed_ = true;
                cut_off(engine, at);
            }
        });
    }

    void loop_gone() noexcept override {
        // Handlers on this loop can only be destroyed, while it still exists; those on another one are told.
        std::unique_ptr<Timer> timer;
        std::vector<WaitDone> waiters;
        std::vector<ShutdownWaiter> shutdowns;
        ShutdownReport left;
        net::execution_context const& loop = net::query(executor_, net::execution::context);
        {
            std::lock_guard const lock{mutex_};
            loop_gone_ = closed_ = true;
            timer = std::move(timer_);
            auto const at = engine_.advance(now());
            engine_.begin_shutdown();
            engine_.stop_all(StopReason::shut_down, at);
            engine_.actions.clear();
            take_waiters(waiters);
            shutdowns.swap(shutdowns_);
            if (!shutdowns.empty()) left = report();
            backend_ = nullptr;
        }
        for (auto& done : waiters)
            if (!done.runs_on(loop)) done.complete(net_error_code{make_error_code(error::shut_down)}, JobProgress{});
        for (auto& waiter : shutdowns)
            if (!waiter.done.runs_on(loop)) waiter.done.complete(net_error_code{make_error_code(error::shut_down)}, left);
    }

    void take_waiters(std::vector<WaitDone>& to) {
        engine_.registry.newest_first([&](engine::Job& job) {
            auto& typed = static_cast<Job&>(job);
            for (auto& waiter : typed.waiters) to.push_back(std::move(waiter.done));
            typed.waiters.clear();
            typed.watching = 0;
            return true;
        });
    }

    // ---- those who wait ---------------------------------------------------------------------------------------

    void notify(engine::Engine const& engine, Job& job, time_point at) {
        if (job.waiters.empty()) return;
        if (job.announcing) return;  // its last results are on their way to the hooks
        auto const finished = job.finished_at.has_value();
        if (!finished && job.watching == 0) return;
        auto const version = job.count().version;
        std::erase_if(job.waiters, [&](auto& waiter) {
            if (!finished && (!waiter.seen_version || *waiter.seen_version >= version)) return false;
            auto progress = engine::Snapshot::of(engine, job, at, SIZE_MAX);
            if (waiter.seen_version) {
                --job.watching;
                std::erase_if(progress.milestones,
                              [&](Milestone const& m) { return m.version <= *waiter.seen_version; });
            }
            waiter.done.complete(net_error_code{}, std::move(progress));
            return true;
        });
    }

    // ---- hooks ------------------------------------------------------------------------------------------------

    // Results and events in the order in which they were counted, one after another, on the executor.
    void drain_hooks() {
        std::vector<std::pair<JobId, ItemResult<annotation_type>>> results;
        std::vector<Event> events;
        std::vector<JobProgress> stalled;
        std::vector<std::shared_ptr<Job>> finishing;
        {
            std::lock_guard const lock{mutex_};
            results.swap(around_.announced);
            events.swap(engine_.events);
            stalled.swap(stalled_);
            finishing.swap(finishing_);
        }
        std::uint64_t thrown = 0;
        for (auto const& event : events) thrown += guarded([&] { hooks_.on_event()(event); });
        for (auto const& progress : stalled) thrown += guarded([&] { hooks_.on_stalled()(progress); });
        for (auto const& [id, result] : results) thrown += guarded([&] { on_result_(id, result); });
        enter([&](engine::Engine& engine, time_point at) {
            engine.stats.hook_exceptions += thrown;
            for (auto const& job : finishing) {
                job->announcing = false;
                notify(engine, *job, at);
                if (engine.registry.peek(job->id) != job.get()) job->give_up_the_rest();  // a hook has forgotten it
            }
            draining_ = false;  // and again, if there is more by now
        });
    }

    template <class F>
    std::uint64_t guarded(F&& f) {
        if (closed_) return 0;
        try {
            f();
            return 0;
        } catch (...) {
            return 1;
        }
    }

    // ---- memory -----------------------------------------------------------------------------------------------

    // Gives items of finished jobs and ended chunks back in slices, so that the loop is never held up by a destructor.
    void sweep() {
        // What is in hand is the sweeper's alone, and there is one at a time: no mutex is held meanwhile.
        if (in_hand_ && !in_hand_->shrink()) in_hand_.reset();
        enter([&](engine::Engine& engine, time_point at) {
            if (in_hand_) {
                // Its next slice comes first.
            } else if (!around_.garbage.empty()) {
                in_hand_.emplace(std::move(around_.garbage.back()));
                around_.garbage.pop_back();
            } else if (expiring_) {
                expire(engine, at);
            } else if (!compacting_.empty()) {
                bool again = false;
                if (auto done = compacting_.back()->items.compact(slice, again)) around_.garbage.emplace_back(std::move(done));
                if (!again) {
                    auto& job = *compacting_.back();
                    engine.registry.weigh(job, find(job.id) ? job.bytes() : 0);  // or it was forgotten meanwhile
                    compacting_.pop_back();
                }
            }
            sweeping_ = false;  // and again, if there is more
        });
    }

    // A small job: its chunks go at once.
    static void compact(Job& job, std::vector<std::shared_ptr<typename Job::Chunk>>& trash) {
        for (bool again = true; again;)
            if (auto chunk = job.items.compact(slice, again)) trash.push_back(std::move(chunk));
    }

    void expire(engine::Engine& engine, time_point at) {
        auto const& o = engine.options();
        auto gone = engine.registry.expire(at, static_cast<std::size_t>(o.retain_finished), o.retain_for,
                                           std::chrono::minutes{10}, static_cast<std::uint64_t>(o.retain_bytes),
                                           most_expired);
        expiring_ = gone.size() == most_expired;  // the sweeper goes on
        for (auto& job : gone) forgotten(std::static_pointer_cast<Job>(std::move(job)));
    }

public:
    /// Takes a finished job's memory to where it is given back in slices.
    void forgotten(std::shared_ptr<Job> job) {
        job->give_up_items();
        if (job->announcing) return;  // its finish is told as soon as the hooks have had its results
        job->give_up_the_rest();
        for (auto& waiter : job->waiters)
            waiter.done.complete(net_error_code{make_error_code(error::unknown_job)}, JobProgress{});
        job->waiters.clear();
    }

private:
    // ---- shutdown ---------------------------------------------------------------------------------------------

    void cut_off(engine::Engine& engine, time_point at) {
        drain_until_ = time_point::max();
        engine.registry.newest_first([&](engine::Job& job) {
            if (job.stopping()) return true;
            ++cut_off_jobs_;
            return true;
        });
        engine.stop_all(StopReason::shut_down, at);
    }

    void finish_shutdown() {
        // Nothing of it may run afterwards but abandoned calls: lanes have left, hooks and sweeper are done.
        if (!engine_.shutting_down() || engine_.registry.active() > 0 || engine_.root().engaged() > 0 ||
            hooks_pending() || sweeping_)
            return;
        drain_until_ = time_point::max();
        auto const what = report();
        for (auto& waiter : shutdowns_) waiter.done.complete(net_error_code{}, what);
        shutdowns_.clear();
    }

    ShutdownReport report() const {
        ShutdownReport r;
        r.jobs_cancelled = cut_off_jobs_;
        r.jobs_finished = engine_.stats.jobs_started - finished_before_ - cut_off_jobs_ - engine_.registry.active();
        engine_.registry.newest_first([&](engine::Job& job) {
            if (job.stop_reason == StopReason::shut_down) r.items_left += job.total() - job.count().successful - job.ledger.failed();
            return true;
        });
        r.abandoned = engine_.stats.abandoned;
        r.deadline_passed = deadline_passed_;
        return r;
    }

    static constexpr std::size_t slice = Job::slice;
    static constexpr std::size_t most_expired = 100;  // jobs dropped at once

    Executor executor_;
    Annotator annotator_;
    timer_service& service_;
    timer_service::Backend* backend_;
    Hooks hooks_;
    ResultCallback on_result_;
    IdSource ids_;
    bool const serial_;

    engine::EngineMutex mutex_;  // everything below
    engine::Engine engine_;
    std::unique_ptr<Timer> timer_;
    time_point armed_ = time_point::max();
    std::uint64_t last_waiter_ = 0;
    typename Job::Surroundings around_{engine_};
    std::vector<JobProgress> stalled_;  // to be told to the hook
    std::optional<Rubbish<item_type, annotation_type>> in_hand_;  // the sweeper's, while `sweeping_`
    std::vector<std::shared_ptr<Job>> compacting_;
    std::vector<std::shared_ptr<Job>> finishing_;  // finished, to be announced after their results
    std::vector<ShutdownWaiter> shutdowns_;
    time_point drain_until_ = time_point::max();
    std::uint64_t finished_before_ = 0;
    std::uint64_t cut_off_jobs_ = 0;
    bool deadline_passed_ = false;
    bool draining_ = false;
    bool sweeping_ = false;
    bool expiring_ = false;  // more jobs are to be dropped than were
    bool loop_gone_ = false;
    std::atomic<bool> closed_{false};
};

}  // namespace batchpace::inline BATCHPACE_FLAVOUR::driver
