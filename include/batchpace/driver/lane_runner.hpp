// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/asio.hpp>
#include <batchpace/driver/batch_call.hpp>
#include <batchpace/driver/callback_lane.hpp>
#include <batchpace/driver/exception_failure.hpp>
#include <batchpace/driver/invoke.hpp>
#include <batchpace/driver/lane.hpp>
#include <batchpace/failure.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>

namespace batchpace::inline BATCHPACE_FLAVOUR::driver {

/// Runs a lane whose annotator answers before it returns: a handler that runs one block and posts itself.
template <class Core>
class SyncLane {
public:
    using LaneType = Lane<Core>;

    explicit SyncLane(std::shared_ptr<LaneType> lane) noexcept : lane_{std::move(lane)} {}

    static void launch(std::shared_ptr<LaneType> lane) {
        auto const& executor = lane->core->executor();
        net::post(executor, SyncLane{std::move(lane)});
    }

    void operator()() {
        auto& lane = *lane_;
        auto& core = *lane.core;
        auto const items = core.claim(lane);
        if (items.empty()) return;
        if constexpr (Traits::is_batched)
            call(core, lane, items);
        else
            run(core, lane, items);
        if (!core.block_over(lane)) return;
        // The host's timers and sockets get their turn.
        auto const& executor = core.executor();
        net::post(executor, std::move(*this));
    }

private:
    using Calls = Invoke<typename Core::annotator_type>;
    using Traits = typename Calls::Traits;

    static void call(Core& core, LaneType& lane, engine::ItemRange const items) {
        if (!lane.word.try_start(items.size())) return;
        BatchCall<Core> answer;
        try {
            answer.take(core, lane, core.annotator()(lane.call.view(lane.attempt)));
        } catch (...) {
            answer.fail(exception_failure());
        }
        answer.end(core, lane);
    }

    static void run(Core& core, LaneType& lane, engine::ItemRange const items) {
        auto& annotator = core.annotator();
        auto const& chunk = *lane.chunk;
        for (auto index = items.begin; index != items.end; ++index) {
            if (core.over_long(lane, index - items.begin) || !lane.word.try_start()) return;
            lane.attempt.next(index, lane.attempt_number);
            std::optional<Failure> failure;
            try {
                if constexpr (Traits::returns_outcome) {
                    auto outcome = Calls::call(annotator, chunk.item(index), lane.attempt);
                    if (outcome)
                        core.keep(lane, index - items.begin, std::move(outcome).value());
                    else
                        failure.emplace(std::move(outcome).failure());
                } else if constexpr (Traits::returns_nothing) {
                    Calls::call(annotator, chunk.item(index), lane.attempt);
                    core.keep(lane, index - items.begin, {});
                } else {
                    core.keep(lane, index - items.begin, Calls::call(annotator, chunk.item(index), lane.attempt));
                }
            } catch (...) {
                failure.emplace(exception_failure());
            }
            if (failure && !core.failed(lane, *failure)) return;
        }
    }

    std::shared_ptr<LaneType> lane_;
};

#if defined(BATCHPACE_HAS_CO_AWAIT)

/// Runs a lane whose annotator is a coroutine: one coroutine for the whole life of the lane, so that an item costs no
/// spawn, only the annotator's own frame.
template <class Core>
class AwaitableLane {
public:
    using LaneType = Lane<Core>;
    using Executor = typename annotator_traits<typename Core::annotator_type>::awaitable_executor_type;

    static void launch(std::shared_ptr<LaneType> lane) {
        auto const executor = lane->core->template lane_executor<Executor>();
        lane->home.emplace(executor);
        auto body = run(lane);
        net::co_spawn(executor, std::move(body), Over{std::move(lane)});
    }

private:
    // The coroutine's handler. It holds the lane: the signal in it must outlive the coroutine's last frame. What an
    // annotator throws is caught in there; what is left (no memory for a claim) ends the lane, whose destructor gives
    // its items back.
    // A type of its own, not a bound slot: for that, Boost 1.81 passes a cancellation on by a dispatch that may run when
    // the coroutine and its signal have gone. Emitted in the lane's order, it needs no dispatch.
    struct Over {
        using cancellation_slot_type = net::cancellation_slot;
        cancellation_slot_type get_cancellation_slot() const noexcept { return lane->cancel.slot(); }
        void operator()(std::exception_ptr const&) const noexcept {}

        std::shared_ptr<LaneType> lane;
    };

    using Calls = Invoke<typename Core::annotator_type>;
    using Traits = typename Calls::Traits;
    using Annotation = typename Core::annotation_type;

    // Not inline, and opaque: compilers take what belongs to a thread for a constant of the coroutine, also across its
    // suspensions (clang 16 does, from -O1 on).
    [[gnu::noinline]] static std::thread::id this_thread() noexcept {
#if defined(__GNUC__)
        __asm__ volatile("");
#endif
        return std::this_thread::get_id();
    }

    static net::awaitable<void, Executor> run(std::shared_ptr<LaneType> held) {
        // Named objects only in expressions with co_await: GCC 12 destroys temporaries there twice.
        auto& lane = *held;
        auto& core = *lane.core;
        auto const accept_all = net::enable_total_cancellation();
        net::use_awaitable_t<Executor> const use_awaitable;
        auto const executor = co_await net::this_coro::executor;
        co_await net::this_coro::reset_cancellation_state(accept_all);
        for (;;) {
            auto const items = core.claim(lane);
            if (items.empty()) co_return;
            if constexpr (Traits::is_batched) {
                if (lane.word.try_start(items.size())) {
                    BatchCall<Core> answer;
                    try {
                        auto const view = lane.call.view(lane.attempt);
                        auto answers = co_await core.annotator()(view);
                        answer.take(core, lane, std::move(answers));
                    } catch (...) {
                        answer.fail(exception_failure());
                    }
                    answer.end(core, lane);
                }
            } else {
                auto& annotator = core.annotator();
                auto const& chunk = *lane.chunk;
                auto const thread = this_thread();
                for (auto index = items.begin; index != items.end; ++index) {
                    if (core.over_long(lane, index - items.begin) || !lane.word.try_start()) break;
                    lane.attempt.next(index, lane.attempt_number);
                    std::optional<Failure> failure;
                    try {
                        auto const place = index - items.begin;
                        if constexpr (Traits::returns_outcome) {
                            auto outcome = co_await Calls::call(annotator, chunk.item(index), lane.attempt);
                            if (outcome)
                                core.keep(lane, place, std::move(outcome).value());
                            else
                                failure.emplace(std::move(outcome).failure());
                        } else if constexpr (Traits::returns_nothing) {
                            co_await Calls::call(annotator, chunk.item(index), lane.attempt);
                            core.keep(lane, place, {});
                        } else {
                            auto annotation = co_await Calls::call(annotator, chunk.item(index), lane.attempt);
                            core.keep(lane, place, std::move(annotation));
                        }
                    } catch (...) {
                        failure.emplace(exception_failure());
                    }
                    if (failure && !core.failed(lane, *failure)) break;
                    // It may have ended on a thread that is not the executor's: then the post below brings the lane home.
                    if (this_thread() != thread && core.is_foreign_thread()) break;
                }
            }
            auto const go_on = core.block_over(lane);
            // The annotator may have changed the state, or have been cancelled; neither is the next one's business.
            co_await net::this_coro::reset_cancellation_state(accept_all);
            if (!go_on) co_return;
            co_await net::post(executor, use_awaitable);
        }
    }
};

#else

template <class Core>
class AwaitableLane;  // never chosen: without coroutines nothing is awaitable

#endif

/// How the lanes of a core run.
template <class Core>
using LaneRunner =
    std::conditional_t<annotator_traits<typename Core::annotator_type>::is_callback, CallbackLane<Core>,
                       std::conditional_t<annotator_traits<typename Core::annotator_type>::is_awaitable,
                                          AwaitableLane<Core>, SyncLane<Core>>>;

}  // namespace batchpace::inline BATCHPACE_FLAVOUR::driver
