// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "support/harness.hpp"

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <asio/strand.hpp>
#include <asio/use_awaitable.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <system_error>
#include <thread>
#include <vector>

/// What people write by hand today, with no tracking at all. Each answers in nanoseconds an item.
namespace bench {

/// An item is a number, annotating it a call through std::function, here and in the library's rows.
using Item = std::function<void(int)>;
using AwaitableItem = std::function<asio::awaitable<void>(int)>;

/// A chain of 10 handlers that claim the next index, call the item and post themselves: one step of it is one hop.
class HopChain {
public:
    static double ns_per_item(std::size_t count, Item const& item) {
        asio::io_context loop;
        HopChain chain{loop, static_cast<int>(count), item};
        for (int i = 0; i < 10; ++i) asio::post(loop, Step{&chain});
        Stopwatch const stopwatch;
        loop.run();
        auto const took = stopwatch.ns();
        require(chain.next_ == chain.count_, "the hop chain did not do every item");
        return took / static_cast<double>(count);
    }

private:
    struct Step {
        void operator()() const {
            auto& c = *chain;
            if (c.next_ == c.count_) return;
            c.item_(c.next_++);
            asio::post(c.executor_, *this);
        }
        HopChain* chain;
    };

    HopChain(asio::io_context& loop, int count, Item const& item)
        : executor_{loop.get_executor()}, count_{count}, item_{item} {}

    asio::io_context::executor_type executor_;
    int next_ = 0;
    int count_;
    Item const& item_;
};

/// Claims, calls and counts, and never yields.
inline double bare_loop(std::size_t count, Item const& item) {
    auto const end = static_cast<int>(count);
    std::size_t done = 0;
    Stopwatch const stopwatch;
    for (int next = 0; next < end;) {
        item(next++);
        ++done;
        keep(done);
    }
    return stopwatch.ns() / static_cast<double>(count);
}

/// A time-out's timer, pending while a contender runs. With any timer or socket Asio asks the kernel once every round
/// of its queue (0.2 us), on a loop without one never. A job's time-out needs one; most hosts have one anyway.
class PendingTimer {
public:
    explicit PendingTimer(asio::io_context& loop) : timer_{loop} {
        timer_.expires_after(std::chrono::seconds{60});
        timer_.async_wait([](std::error_code) {});
    }
    void cancel() { timer_.cancel(); }

private:
    asio::steady_timer timer_;
};

/// Coroutines that claim the next index and await the item, as many as a job has lanes by default.
class CoroutineLoops {
public:
    static constexpr int loops = 5;

    /// On one thread, which is a serial executor.
    static double serial(std::size_t count, AwaitableItem const& item, bool with_timer = false) {
        asio::io_context loop;
        CoroutineLoops state{count, item};
        if (with_timer) state.timer_.emplace(loop);
        for (int i = 0; i < loops; ++i) asio::co_spawn(loop, state.run(), asio::detached);
        Stopwatch const stopwatch;
        loop.run();
        auto const took = stopwatch.ns();
        require(state.left_ == 0, "the coroutine loops did not end");
        return took / static_cast<double>(count);
    }

    /// On two threads, each coroutine on a strand of its own.
    static double on_strands(std::size_t count, AwaitableItem const& item, bool with_timer = false) {
        asio::io_context loop;
        CoroutineLoops state{count, item};
        if (with_timer) state.timer_.emplace(loop);
        auto guard = asio::make_work_guard(loop);
        std::jthread first{[&] { loop.run(); }};
        std::jthread second{[&] { loop.run(); }};
        auto const begin = clock::now();
        for (int i = 0; i < loops; ++i) asio::co_spawn(asio::make_strand(loop), state.run(), asio::detached);
        for (auto left = state.left_.load(); left > 0; left = state.left_.load()) state.left_.wait(left);
        auto const took = ns_since(begin);
        guard.reset();
        return took / static_cast<double>(count);
    }

private:
    CoroutineLoops(std::size_t count, AwaitableItem const& item) : count_{static_cast<int>(count)}, item_{item} {}

    asio::awaitable<void> run() {
        for (;;) {
            auto const index = next_.fetch_add(1, std::memory_order_relaxed);
            if (index >= count_) break;
            co_await item_(index);
        }
        if (left_.fetch_sub(1) == 1 && timer_) timer_->cancel();
        left_.notify_one();
    }

    std::atomic<int> next_{0};
    int const count_;
    AwaitableItem const& item_;
    std::atomic<int> left_{loops};
    std::optional<PendingTimer> timer_;
};

/// Chains that claim the next index and call an item that calls back, as many as a job has lanes by default. A call back
/// inside of the call goes on by a post, so that the stack does not grow with the items; one that comes later goes on.
class CallbackLoops {
public:
    static constexpr int loops = 5;

    struct Chain;
    struct Done {
        void operator()() const { chain->called_back(); }
        Chain* chain;
    };
    using Item = std::function<void(int, asio::io_context&, Done)>;

    static double ns_per_item(std::size_t count, Item const& item, bool with_timer) {
        asio::io_context loop;
        CallbackLoops state{loop, count, item};
        if (with_timer) state.timer_.emplace(loop);
        std::vector<Chain> chains(loops, Chain{&state});
        for (auto& chain : chains) asio::post(loop, [&chain] { chain.step(); });
        Stopwatch const stopwatch;
        loop.run();
        auto const took = stopwatch.ns();
        require(state.done_ == state.count_, "the callback loops did not do every item");
        return took / static_cast<double>(count);
    }

    struct Chain {
        void step() {
            if (loops->next_ == loops->count_) return;
            inside = true;
            loops->item_(loops->next_++, loops->loop_, Done{this});
            inside = false;
        }
        void called_back() {
            if (++loops->done_ == loops->count_ && loops->timer_) loops->timer_->cancel();
            if (inside)
                asio::post(loops->loop_, [this] { step(); });
            else
                step();
        }
        CallbackLoops* loops;
        bool inside = false;
    };

private:
    CallbackLoops(asio::io_context& loop, std::size_t count, Item const& item)
        : loop_{loop}, count_{static_cast<int>(count)}, item_{item} {}

    asio::io_context& loop_;
    int next_ = 0;
    int done_ = 0;
    int count_;
    Item const& item_;
    std::optional<PendingTimer> timer_;
};

/// Something that takes about a microsecond of a processor and touches no memory.
class Spin {
public:
    /// So many steps take a microsecond here.
    static int steps_per_us() {
        static int const steps = [] {
            constexpr int tried = 2'000'000;
            double best = 1e300;
            for (int i = 0; i < 5; ++i) {
                auto const begin = clock::now();
                run(tried);
                best = std::min(best, ns_since(begin));
            }
            return std::max(1, static_cast<int>(tried * 1'000.0 / best));
        }();
        return steps;
    }

    static void run(int steps) {
        unsigned x = 1;
        for (int i = 0; i < steps; ++i) {
            x = x * 1'664'525U + 1'013'904'223U;
            keep(x);
        }
    }
};

/// Two threads that share the items without a claim: what this machine's second core is worth at most.
inline double bare_loop_two_threads(std::size_t count, Item const& item) {
    auto const begin = clock::now();
    {
        std::jthread other{[&] { bare_loop(count / 2, item); }};
        bare_loop(count - count / 2, item);
    }
    return ns_since(begin) / static_cast<double>(count);
}

}  // namespace bench
