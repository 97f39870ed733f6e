// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/asio.hpp>
#include <batchpace/driver/exception_failure.hpp>
#include <batchpace/driver/completion_target.hpp>
#include <batchpace/driver/lane.hpp>
#include <batchpace/failure.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

namespace batchpace::inline BATCHPACE_FLAVOUR::driver {

/// How deep this thread is inside lanes' runs.
class LaneNesting {
public:
    LaneNesting() noexcept { ++depth; }
    ~LaneNesting() { --depth; }
    LaneNesting(LaneNesting const&) = delete;
    LaneNesting& operator=(LaneNesting const&) = delete;
    static bool inside() noexcept { return depth > 0; }

private:
    static inline thread_local int depth = 0;
};

/// Runs a lane whose annotator answers by a completion. Between a call that has returned and its answer nothing of the
/// lane is on any stack: the completion alone holds it.
template <class Core>
class CallbackLane {
public:
    using LaneType = Lane<Core>;
    using Completion = typename LaneType::Traits::completion_type;

    explicit CallbackLane(std::shared_ptr<LaneType> lane) noexcept : lane_{std::move(lane)} {}

    static void launch(std::shared_ptr<LaneType> lane) {
        auto const& executor = lane->core->executor();
        net::post(executor, CallbackLane{std::move(lane)});
    }

    /// A block from its first item.
    void operator()() {
        auto& hold = lane_->callback;
        auto const items = lane_->core->claim(*lane_);
        if (items.empty()) return;
        hold.begin = hold.next = items.begin;
        hold.end = items.end;
        LaneNesting const nesting;
        go_on(std::move(lane_));
    }

    /// The answer of a call that had returned is there. Any thread.
    static void resume(std::shared_ptr<LaneType> lane) {
        auto& core = *lane->core;
        // Inside a lane's run it waits for its turn: completions that call each other must not pile up on the stack.
        if (!LaneNesting::inside() && lane->callback.is_home() && core.runs_here()) {
            LaneNesting const nesting;
            answer(std::move(lane));
        } else {
            core.post_home([lane = std::move(lane)]() mutable {
                LaneNesting const nesting;
                answer(std::move(lane));
            });
        }
    }

private:
    using Target = std::shared_ptr<CompletionTarget<typename Core::annotation_type>>;

    static void answer(std::shared_ptr<LaneType> held) {
        if (take_answer(*held))
            go_on(std::move(held));
        else
            over(std::move(held));
    }

    // The block's next items, until one's answer is not there when its call returns.
    static void go_on(std::shared_ptr<LaneType> held) {
        auto& lane = *held;
        auto& core = *lane.core;
        auto& hold = lane.callback;
        hold.come_home();
        while (hold.next != hold.end) {
            if (core.over_long(lane, hold.next - hold.begin) || !lane.word.try_start()) break;
            auto const index = hold.next++;
            lane.attempt.next(index, lane.attempt_number);
            auto const call = hold.open_call(lane.word.load().started());
            try {
                core.annotator()(lane.chunk->item(index), lane.attempt, Completion{Target{held, &hold}, call});
            } catch (...) {
                hold.thrown(Target{held, &hold}, call, exception_failure());
            }
            if (!hold.call_returned()) return;
            if (!take_answer(lane)) break;
        }
        over(std::move(held));
    }

    // False: the lane does not go on with its block.
    static bool take_answer(LaneType& lane) {
        std::optional<Failure> failure;
        try {
            auto outcome = lane.callback.take_answer();
            if (outcome)
                lane.core->keep(lane, lane.callback.next - 1 - lane.callback.begin, std::move(outcome).value());
            else
                failure.emplace(std::move(outcome).failure());
        } catch (...) {
            failure.emplace(exception_failure());
        }
        return !failure || lane.core->failed(lane, *failure);
    }

    static void over(std::shared_ptr<LaneType> held) {
        auto& core = *held->core;
        if (!core.block_over(*held)) return;
        // The host's timers and sockets get their turn.
        auto const& executor = core.executor();
        net::post(executor, CallbackLane{std::move(held)});
    }

    std::shared_ptr<LaneType> lane_;
};

}  // namespace batchpace::inline BATCHPACE_FLAVOUR::driver
