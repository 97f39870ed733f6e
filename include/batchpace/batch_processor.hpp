// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/asio.hpp>
#include <batchpace/concepts/annotator.hpp>
#include <batchpace/concepts/executor.hpp>
#include <batchpace/concepts/rate_limiter.hpp>
#include <batchpace/driver/any_completion.hpp>
#include <batchpace/driver/batch_start.hpp>
#include <batchpace/driver/core.hpp>
#include <batchpace/engine/check_options.hpp>
#include <batchpace/engine/forecast.hpp>
#include <batchpace/engine/snapshot.hpp>
#include <batchpace/error.hpp>
#include <batchpace/estimate.hpp>
#include <batchpace/explain.hpp>
#include <batchpace/from_source.hpp>
#include <batchpace/hooks.hpp>
#include <batchpace/job_filter.hpp>
#include <batchpace/job_id.hpp>
#include <batchpace/job_options.hpp>
#include <batchpace/job_progress.hpp>
#include <batchpace/job_update.hpp>
#include <batchpace/policy/unlimited.hpp>
#include <batchpace/processor_metrics.hpp>
#include <batchpace/processor_options.hpp>
#include <batchpace/processor_stats.hpp>
#include <batchpace/recovery_report.hpp>
#include <batchpace/result_page.hpp>
#include <batchpace/retry_failed.hpp>
#include <batchpace/shutdown.hpp>

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

namespace batchpace::inline BATCHPACE_FLAVOUR {

/// Runs batch jobs on a host's event loop: each item is annotated once, at the pace that limits allow, and anybody may
/// ask at any time how far a job is.
///
/// Plug three things together; no template argument is named:
/// @code
/// asio::io_context loop;
/// batchpace::BatchProcessor processor{loop, batchpace::SlidingWindow{500, 1min},
///                                     [&](std::string_view image) { return vision.labels(image); }};
/// auto job = processor.start_batch({"a.png", "b.png"}, {.concurrency = 5});
/// processor.async_wait(job, [](auto error, batchpace::JobProgress p) { … });
/// loop.run();
/// @endcode
///
/// **Threads**: every member function may be called from any thread and from inside the annotator, hooks and handlers.
/// The annotator is called from the executor, by as many threads at once as that has.
/// **Lifetime**: processor and loop may be destroyed in either order. The destructor asks running attempts to stop,
/// completes everybody who waits with `error::shut_down`, and returns; what the annotator captures by reference must
/// outlive the loop or a completed `async_shutdown`. Handlers never run inside the function that was given them.
/// **Moved from**: functions throw (or complete with) `error::no_processor`; queries find nothing.
template <class Executor, class RateLimiter, class Annotator>
class BatchProcessor {
    static_assert(executor<Executor>,
                  "batchpace: Executor must be an Asio executor with an execution context; see docs/concepts/executor.md");
    static_assert(rate_limiter<RateLimiter>,
                  "batchpace: RateLimiter must have earliest, take and give_back; see docs/concepts/rate_limiter.md");
    static_assert(annotator_with_item<Annotator>,
                  "batchpace: the item type cannot be told from this annotator; wrap it: batchpace::annotates<Item>(f)");
    static_assert(!annotator_with_item<Annotator> || annotator<Annotator>,
                  "batchpace: Annotator must be callable with an item; see docs/concepts/annotator.md");

    using Core = driver::Core<Executor, RateLimiter, Annotator>;
    using Job = typename Core::Job;

public:
    using executor_type = Executor;
    /// What a batch consists of.
    using item_type = typename Core::item_type;
    /// What the annotator makes of one item; std::monostate where that is nothing.
    using annotation_type = typename Core::annotation_type;
    using result_type = ItemResult<annotation_type>;

    /// @param ex       where everything runs
    /// @param limiter  the processor's own rate limit: a `SlidingWindow`, a `TokenBucket`, `Unlimited`, or the host's own
    /// @param annotate annotates one item; see docs/concepts/annotator.md for its forms
    /// @throws std::system_error `error::invalid_option`, the text names the field
    BatchProcessor(Executor ex, RateLimiter limiter, Annotator annotate, ProcessorOptions options = {}, Hooks hooks = {})
        : core_{make(std::move(ex), std::move(limiter), std::move(annotate), options, std::move(hooks))} {}

    /// The same on an execution context: its executor is taken.
    template <class Context>
        requires std::convertible_to<Context&, net::execution_context&>
    BatchProcessor(Context& context, RateLimiter limiter, Annotator annotate, ProcessorOptions options = {},
                   Hooks hooks = {})
        : BatchProcessor{context.get_executor(), std::move(limiter), std::move(annotate), options, std::move(hooks)} {}

    BatchProcessor(BatchProcessor&&) noexcept = default;
    BatchProcessor& operator=(BatchProcessor&& other) noexcept {
        if (this != &other) {
            if (core_) core_->close();
            core_ = std::move(other.core_);
        }
        return *this;
    }
    ~BatchProcessor() {
        if (core_) core_->close();
    }

    /// Where the processor runs.
    Executor get_executor() const { return live().executor(); }

    // ---- starting ---------------------------------------------------------------------------------------------

    /// Starts a job of these items, which are moved in. Blocks its caller while it looks for duplicates: about 60 ns an
    /// item; `async_start_batch` does that in slices.
    /// @throws std::system_error `no_items`, `too_many_items`, `duplicate_item` (the text names it), `invalid_option`
    ///         (the text names the field), `too_many_jobs`, `shut_down`, `no_processor`
    /// @return the job's id; with an idempotency key that is known, the id of the job that has it
    JobId start_batch(std::vector<item_type> items, JobOptions const& options = {}) {
        return checked(driver::BatchStart<Core>::vector(core_, std::move(items), options));
    }
    /// The same, with the refusal in `error` instead of an exception.
    JobId start_batch(std::vector<item_type> items, JobOptions const& options, std::error_code& error) {
        return checked(driver::BatchStart<Core>::vector(core_, std::move(items), options), error);
    }

    /// Starts a job of any range of items, or of what an item is made from (views of strings, say); they are copied.
    template <class Range>
        requires driver::range_of<Range, item_type>
    JobId start_batch(Range&& range, JobOptions const& options = {}) {
        return start_batch(to_items(range), options);
    }
    template <class Range>
        requires driver::range_of<Range, item_type>
    JobId start_batch(Range&& range, JobOptions const& options, std::error_code& error) {
        return start_batch(to_items(range), options, error);
    }

    /// Starts a job whose items come as it goes on: see `from_source`.
    template <class F>
    JobId start_batch(ItemSource<F> source, JobOptions const& options = {}) {
        return checked(driver::BatchStart<Core>::source(core_, std::move(source), options));
    }
    template <class F>
    JobId start_batch(ItemSource<F> source, JobOptions const& options, std::error_code& error) {
        return checked(driver::BatchStart<Core>::source(core_, std::move(source), options), error);
    }

    /// As `start_batch`, without blocking: duplicates are looked for on the executor, in slices of 1 ms at the most.
    /// Completes with `void(error_code, JobId)`, with a durable store when the job is recorded.
    template <net::completion_token_for<void(net_error_code, JobId)> Token>
    auto async_start_batch(std::vector<item_type> items, JobOptions const& options, Token&& token) {
        // The options' views may be gone when the operation is initiated: `use_awaitable` does that after the return.
        return net::async_initiate<Token, void(net_error_code, JobId)>(
            [core = core_](auto handler, std::vector<item_type> moved, engine::KeptOptions owned) {
                auto const fallback = fallback_executor(core, handler);
                AnyCompletion<net_error_code, JobId> done{std::move(handler), fallback};
                driver::BatchStart<Core>::in_slices(
                    core, std::move(moved), std::move(owned), [done = std::move(done)](driver::Started started) mutable {
                        done.complete(net_error_code{started.code}, started.id);
                    });
            },
            token, std::move(items), engine::KeptOptions{options});
    }
    /// The same, completing with `void(error_code, JobId, std::string)`: the string says in words why a batch was
    /// refused, as the exceptions of `start_batch` do.
    template <net::completion_token_for<void(net_error_code, JobId, std::string)> Token>
    auto async_start_batch(std::vector<item_type> items, JobOptions const& options, explain_t, Token&& token) {
        return net::async_initiate<Token, void(net_error_code, JobId, std::string)>(
            [core = core_](auto handler, std::vector<item_type> moved, engine::KeptOptions owned) {
                auto const fallback = fallback_executor(core, handler);
                AnyCompletion<net_error_code, JobId, std::string> done{std::move(handler), fallback};
                driver::BatchStart<Core>::in_slices(
                    core, std::move(moved), std::move(owned), [done = std::move(done)](driver::Started started) mutable {
                        auto text = !started.code || !started.what.empty() ? started.what : started.code.message();
                        done.complete(net_error_code{started.code}, started.id, std::move(text));
                    });
            },
            token, std::move(items), engine::KeptOptions{options});
    }

    /// A new job of the items of a finished job that failed, with the same options.
    /// @throws std::system_error `unknown_job`, `job_active`, `nothing_to_retry`, and what `start_batch` throws
    JobId retry_failed(JobId id, RetryFailed which = {}) {
        return checked(driver::BatchStart<Core>::retry(core_, id, which));
    }
    JobId retry_failed(JobId id, RetryFailed which, std::error_code& error) {
        return checked(driver::BatchStart<Core>::retry(core_, id, which), error);
    }

    // ---- asking -----------------------------------------------------------------------------------------------

    /// How far a job is; nullopt for an unknown id. Stops nobody: it reads each lane's word once.
    /// @param max_errors how many of the kept errors are copied into it
    std::optional<JobProgress> progress(JobId id, std::size_t max_errors = SIZE_MAX) const {
        if (!core_) return std::nullopt;
        return core_->read([&](engine::Engine& engine, time_point now) -> std::optional<JobProgress> {
            std::optional<JobProgress> found;
            if (auto const* job = engine.registry.peek(id))
                engine::Snapshot::fill(found.emplace(), engine, *job, now, max_errors);
            return found;
        });
    }

    /// Jobs that have not finished, newest first, without their errors.
    std::vector<JobProgress> active_jobs() const {
        JobFilter filter;
        filter.active_only = true;
        return jobs(filter);
    }

    /// Jobs, finished ones too, newest first, without their errors.
    std::vector<JobProgress> jobs(JobFilter const& filter = {}) const {
        std::vector<JobProgress> found;
        if (!core_) return found;
        return core_->read([&](engine::Engine& engine, time_point now) {
            bool past_after = !filter.after;
            engine.registry.newest_first([&](engine::Job& job) {
                if (found.size() >= filter.limit) return false;
                auto const matches = past_after && (!filter.status || job.status == *filter.status) &&
                                     (!filter.tenant || job.options.tenant() == *filter.tenant) &&
                                     !(filter.active_only && job.finished_at);
                if (job.id == filter.after) past_after = true;
                if (matches) found.push_back(engine::Snapshot::of(engine, job, now, 0));
                return true;
            });
            return std::move(found);
        });
    }

    /// Totals since the processor was made, and what it does now.
    ProcessorStats stats() const {
        if (!core_) return {};
        return core_->read([](engine::Engine& engine, time_point) {
            auto stats = engine.stats;
            stats.active_jobs = engine.registry.active();
            stats.finished_jobs = engine.registry.kept();
            stats.in_flight = engine.in_flight();
            return stats;
        });
    }

    /// True from the first `async_shutdown` on, and where the processor was moved from: no job is accepted any more.
    bool shutting_down() const {
        return !core_ || core_->read([](engine::Engine& engine, time_point) { return engine.shutting_down(); });
    }

    /// What a monitoring system wants to know; docs/metrics.md says what each part means. Reads the jobs in slices, less
    /// than 1 µs a job, and gives the mutex up after each slice: with 10⁵ jobs it is held for about 0.1 ms at a time.
    ProcessorMetrics metrics() const { return core_ ? core_->metrics() : ProcessorMetrics{}; }

    /// Reads `metrics` for as long as the processor lives, wherever it is moved to; nullopt once it or its loop is gone.
    /// May be called from any thread, and kept for longer than the processor, which it does not keep alive. The loop must
    /// not be destroyed during a call.
    std::function<std::optional<ProcessorMetrics>()> metrics_reader() const {
        return [weak = std::weak_ptr{core_}]() -> std::optional<ProcessorMetrics> {
            auto const core = weak.lock();
            if (!core || core->closed()) return std::nullopt;
            return core->metrics();
        };
    }

    /// Up to `max` ended items from number `from` on, in the order of their ending. Ask on with `next` of the page.
    /// @throws std::system_error `unknown_job`, `no_processor`
    ResultPage<annotation_type> results(JobId id, std::uint64_t from, std::size_t max) const {
        auto page = live().read([&](engine::Engine&, time_point) -> std::optional<ResultPage<annotation_type>> {
            auto const job = core_->find(id);
            if (job == nullptr) return std::nullopt;
            ResultPage<annotation_type> p;
            p.first_available = job->log.first_available();
            p.next = job->log.read(from, max, [&](auto const& entry, std::uint64_t index) {
                p.items.push_back(job->result(entry, index));
            });
            p.ended = job->finished_at && p.next >= job->log.next();
            return p;
        });
        if (!page) throw std::system_error{error::unknown_job};
        return *std::move(page);
    }

    /// What `count` items would take if they were started now: at the limits of processor, tenant and options, as full
    /// as they are, and beside the jobs that run. A tenant without a scope yet has the tier that is given, or that the
    /// hook `tier_of` says; a tier given for one that has jobs counts beside its own.
    /// @throws std::system_error `no_processor`; and what `tier_of` throws
    Estimate estimate(std::uint64_t count, std::optional<Tier> tier = {}, JobOptions const& options = {}) const {
        std::optional<Tier> usual;
        if (auto const& tier_of = live().hooks().tier_of(); tier_of && !tier) usual = tier_of(options.tenant);
        return live().read([&](engine::Engine& engine, time_point now) {
            if (usual && engine.find_tenant(options.tenant) == nullptr) tier = usual;
            return engine::Forecast::of(engine, count, tier, options, now);
        });
    }

    // ---- steering ---------------------------------------------------------------------------------------------

    /// Ends a job: when it returns true no item is started any more. Running attempts are asked to stop; answers that
    /// come anyway count. False for an unknown job and one that has ended.
    bool cancel(JobId id) {
        return steer(id, [](engine::Engine& engine, Job& job, time_point now) { return engine.cancel(job, now); });
    }
    /// When it returns true no attempt starts before `resume`; running ones finish. Time-outs, backoffs, the deadline
    /// and retention go on. True also where it was paused before; false for an unknown job and one that has ended.
    bool pause(JobId id) {
        return steer(id, [](engine::Engine& engine, Job& job, time_point now) { return engine.pause(job, true, now); });
    }
    /// Lets a paused job go on. True also where it was not paused; false for an unknown job and one that has ended.
    bool resume(JobId id) {
        return steer(id, [](engine::Engine& engine, Job& job, time_point now) { return engine.pause(job, false, now); });
    }
    /// Pauses every job of a tenant, those too that are started later. When it returns no attempt of the tenant starts
    /// before `resume_tenant`; otherwise as `pause`. Their snapshots say `waiting_for` {paused, tenant}; `paused` and the
    /// version tell of the job alone. A tenant that is paused is remembered, also without jobs, until it is resumed.
    /// @throws std::system_error `no_processor`; and what `Hooks::tier_of` throws, which is asked where the tenant is new
    void pause_tenant(std::string_view tenant) {
        std::optional<Tier> tier;
        if (auto const& tier_of = live().hooks().tier_of()) tier = tier_of(tenant);
        live().enter([&](engine::Engine& engine, time_point now) {
            engine.pause(engine.tenant(tenant, tier, now), true, now);
        });
    }
    /// Lets a tenant go on; jobs of it that were paused themselves stay so. Nothing happens where it was not paused.
    /// @throws std::system_error `no_processor`
    void resume_tenant(std::string_view tenant) {
        live().enter([&](engine::Engine& engine, time_point now) {
            if (auto* const scope = engine.find_tenant(tenant)) engine.pause(*scope, false, now);
        });
    }
    /// Pauses the whole processor, jobs that are started later too: when it returns no attempt starts before
    /// `resume_all`. Otherwise as `pause`; snapshots say `waiting_for` {paused, processor}.
    /// @throws std::system_error `no_processor`
    void pause_all() {
        live().enter([](engine::Engine& engine, time_point now) { engine.pause(engine.root(), true, now); });
    }
    /// Lets the processor go on; tenants and jobs that were paused themselves stay so.
    /// @throws std::system_error `no_processor`
    void resume_all() {
        live().enter([](engine::Engine& engine, time_point now) { engine.pause(engine.root(), false, now); });
    }
    /// Changes a running job's concurrency, rate or priority; running attempts finish. When it returns true every
    /// further start obeys. False for an unknown job and one that has ended.
    /// @throws std::system_error `invalid_option`, the text names the field
    bool update(JobId id, JobUpdate const& change) {
        if (auto const fault = engine::CheckOptions::of(change); !fault.empty())
            throw std::system_error{error::invalid_option, fault};
        return steer(id, [&](engine::Engine& engine, Job& job, time_point now) { return engine.update(job, change, now); });
    }
    /// Gives a tenant another tier, for the jobs that run too. It is kept for as long as the processor lives, also while
    /// the tenant has no job; what `tier_of` says counts no more.
    /// @throws std::system_error `invalid_option`, the text names the field; `no_processor`
    void set_tier(std::string_view tenant, Tier const& tier) {
        if (auto const fault = engine::CheckOptions::of(tier); !fault.empty())
            throw std::system_error{error::invalid_option, fault};
        live().enter([&](engine::Engine& engine, time_point now) { engine.set_tier(tenant, tier, now); });
    }
    /// Drops a finished job. False for an unknown job, an active one, and one with an attempt still out.
    bool forget(JobId id) {
        if (!core_) return false;
        return core_->enter([&](engine::Engine& engine, time_point) {
            auto const job = core_->find(id);
            if (job == nullptr || !job->finished_at || job->abandoned_now > 0) return false;
            core_->forgotten(std::static_pointer_cast<Job>(engine.registry.remove(id)));
            return true;
        });
    }

    /// Is called with every item that was processed, on the executor, one call at a time, in the order of counting.
    /// Set it before the first start: jobs that run already do not call it.
    void on_result(std::function<void(JobId const&, result_type const&)> f) { live().on_result(std::move(f)); }

    // ---- waiting ----------------------------------------------------------------------------------------------

    /// Completes when the job has finished and its last attempt has ended: `void(error_code, JobProgress)`.
    /// Codes: `unknown_job`, `shut_down`; `operation_aborted` when the wait (not the job) is cancelled.
    template <net::completion_token_for<void(net_error_code, JobProgress)> Token>
    auto async_wait(JobId id, Token&& token) {
        return initiate_wait(id, std::nullopt, std::forward<Token>(token));
    }

    /// Completes at the next change after `seen_version` (0: at once), with the milestones passed since then.
    /// Changes are coalesced: ask again with the version of the snapshot you got. `void(error_code, JobProgress)`;
    /// codes as of `async_wait`.
    template <net::completion_token_for<void(net_error_code, JobProgress)> Token>
    auto async_watch(JobId id, std::uint64_t seen_version, Token&& token) {
        return initiate_wait(id, seen_version, std::forward<Token>(token));
    }

    /// `cancel`, completing when it is recorded: `void(error_code)`; codes `unknown_job`, `job_finished`.
    template <net::completion_token_for<void(net_error_code)> Token>
    auto async_cancel(JobId id, Token&& token) {
        return initiate_steer(
            id, [](engine::Engine& engine, Job& job, time_point now) { return engine.cancel(job, now); },
            std::forward<Token>(token));
    }
    /// `pause`, completing when it is recorded: `void(error_code)`; codes `unknown_job`, `job_finished`.
    template <net::completion_token_for<void(net_error_code)> Token>
    auto async_pause(JobId id, Token&& token) {
        return initiate_steer(
            id, [](engine::Engine& engine, Job& job, time_point now) { return engine.pause(job, true, now); },
            std::forward<Token>(token));
    }
    /// `resume`, completing when it is recorded: `void(error_code)`; codes `unknown_job`, `job_finished`.
    template <net::completion_token_for<void(net_error_code)> Token>
    auto async_resume(JobId id, Token&& token) {
        return initiate_steer(
            id, [](engine::Engine& engine, Job& job, time_point now) { return engine.pause(job, false, now); },
            std::forward<Token>(token));
    }

    // ---- beginning and end ------------------------------------------------------------------------------------

    /// Reads back what a durable store holds: `void(error_code, RecoveryReport)`. Jobs live in memory unless a store is
    /// plugged in, so there is nothing to recover and the report is empty.
    template <net::completion_token_for<void(net_error_code, RecoveryReport)> Token>
    auto async_recover(Token&& token) {
        return net::async_initiate<Token, void(net_error_code, RecoveryReport)>(
            [core = core_](auto handler) {
                auto const fallback = fallback_executor(core, handler);
                AnyCompletion<net_error_code, RecoveryReport> done{std::move(handler), fallback};
                done.complete(core ? net_error_code{} : code(error::no_processor), RecoveryReport{});
            },
            token);
    }

    /// Accepts no job any more and completes when nothing of the processor runs but abandoned calls:
    /// `void(error_code, ShutdownReport)`. With `drain`, active jobs are finished first, until `deadline`; one that is
    /// paused, or whose tenant or processor is, waits to be resumed, so give a deadline. Codes: `shut_down` where the
    /// processor or its loop is destroyed first; `operation_aborted` when the wait is cancelled: the shutdown goes on.
    template <net::completion_token_for<void(net_error_code, ShutdownReport)> Token>
    auto async_shutdown(ShutdownMode mode, std::optional<duration> deadline, Token&& token) {
        return net::async_initiate<Token, void(net_error_code, ShutdownReport)>(
            [core = core_, mode, deadline](auto handler) {
                auto slot = net::get_associated_cancellation_slot(handler);
                auto const fallback = fallback_executor(core, handler);
                AnyCompletion<net_error_code, ShutdownReport> done{std::move(handler), fallback};
                if (!core) return done.complete(code(error::no_processor), ShutdownReport{});
                auto const number = number_for(slot, core, [](Core& held, std::uint64_t its) {
                    held.stop_waiting_for_shutdown(its);
                });
                core->shut_down(mode, deadline, std::move(done), *number);
            },
            token);
    }

    /// For the simulation, which flips modes at random: forbids direct mode for a job, or allows it again.
    void set_admitted_only(JobId id, bool on) {
        steer(id, [&](engine::Engine& engine, Job& job, time_point now) {
            engine.set_admitted_only(job, on, now);
            return true;
        });
    }

private:
    static std::shared_ptr<Core> make(Executor ex, RateLimiter limiter, Annotator annotate, ProcessorOptions const& options,
                                      Hooks hooks) {
        if (auto const fault = engine::CheckOptions::of(options); !fault.empty())
            throw std::system_error{error::invalid_option, fault};
        using LaneExecutor = typename annotator_traits<Annotator>::awaitable_executor_type;
        if constexpr (!std::is_void_v<LaneExecutor>) {
            static_assert(std::constructible_from<LaneExecutor, Executor>,
                          "batchpace: the annotator's awaitable has an executor that this processor's cannot become");
            if constexpr (!std::constructible_from<LaneExecutor, net::strand<Executor>>)
                if (!options.executor_is_serial.value_or(is_serial_executor<Executor>))
                    throw std::system_error{error::invalid_option,
                                            "executor_is_serial must be true: the annotator's awaitable has a concrete "
                                            "executor, so its lanes cannot have strands"};
        }
        auto core = std::make_shared<Core>(std::move(ex), std::move(limiter), std::move(annotate), options,
                                           std::move(hooks));
        core->open();
        return core;
    }

    Core& live() const {
        if (!core_) throw std::system_error{error::no_processor};
        return *core_;
    }

    static net_error_code code(error value) { return make_error_code(value); }

    static JobId checked(driver::Started const& started) {
        if (started.code && started.what.empty()) throw std::system_error{started.code};
        if (started.code) throw std::system_error{started.code, started.what};
        return started.id;
    }
    static JobId checked(driver::Started const& started, std::error_code& error) {
        error = started.code;
        return started.id;
    }

    template <class Range>
    static std::vector<item_type> to_items(Range&& range) {
        std::vector<item_type> items;
        if constexpr (requires { std::size(range); }) items.reserve(static_cast<std::size_t>(std::size(range)));
        for (auto&& item : range) items.emplace_back(std::forward<decltype(item)>(item));
        return items;
    }

    template <class F>
    bool steer(JobId id, F&& f) {
        if (!core_) return false;
        return core_->enter([&](engine::Engine& engine, time_point now) {
            auto const job = core_->find(id);
            return job != nullptr && f(engine, *job, now);
        });
    }

    template <class F, class Token>
    auto initiate_steer(JobId id, F f, Token&& token) {
        return net::async_initiate<Token, void(net_error_code)>(
            [core = core_, id, f](auto handler) {
                auto const fallback = fallback_executor(core, handler);
                AnyCompletion<net_error_code> done{std::move(handler), fallback};
                if (!core) return done.complete(code(error::no_processor));
                auto const result = core->enter([&](engine::Engine& engine, time_point now) -> net_error_code {
                    auto const job = core->find(id);
                    if (job == nullptr) return code(error::unknown_job);
                    return f(engine, *job, now) ? net_error_code{} : code(error::job_finished);
                });
                done.complete(result);
            },
            token);
    }

    template <class Token>
    auto initiate_wait(JobId id, std::optional<std::uint64_t> seen_version, Token&& token) {
        return net::async_initiate<Token, void(net_error_code, JobProgress)>(
            [core = core_, id, seen_version](auto handler) {
                auto slot = net::get_associated_cancellation_slot(handler);
                auto const fallback = fallback_executor(core, handler);
                AnyCompletion<net_error_code, JobProgress> done{std::move(handler), fallback};
                if (!core) return done.complete(code(error::no_processor), JobProgress{});
                auto const number = number_for(slot, core, [id](Core& held, std::uint64_t its) { held.stop_waiting(id, its); });
                core->wait(id, seen_version, std::move(done), *number);
            },
            token);
    }

    // The number of a wait, which a cancellation by `slot` stops. It is not known before the wait is registered, nor may
    // the slot be set after: it is shared.
    template <class Slot, class Stop>
    static auto number_for(Slot slot, std::shared_ptr<Core> const& core, Stop stop) {
        auto const number = std::make_shared<std::atomic<std::uint64_t>>(0);
        if (slot.is_connected())
            slot.assign([weak = std::weak_ptr{core}, number, stop](net::cancellation_type) {
                if (auto const held = weak.lock()) stop(*held, *number);
            });
        return number;
    }

    // Where a handler without an executor of its own runs.
    template <class Handler>
    static auto fallback_executor(std::shared_ptr<Core> const& core, Handler const&) {
        return core ? net::any_io_executor{core->executor()} : net::any_io_executor{net::system_executor{}};
    }

    std::shared_ptr<Core> core_;
};

template <class Context, class RateLimiter, class Annotator>
    requires std::convertible_to<Context&, net::execution_context&>
BatchProcessor(Context&, RateLimiter, Annotator, ProcessorOptions = {}, Hooks = {})
    -> BatchProcessor<typename Context::executor_type, RateLimiter, Annotator>;

}  // namespace batchpace::inline BATCHPACE_FLAVOUR
