// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "driver/support.hpp"

#include <atomic>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace test {

template <class Annotator>
using Pooled = BatchProcessor<asio::thread_pool::executor_type, Unlimited, Annotator>;

/// What other threads have found wrong: Catch's assertions are for one thread only.
class Complaints {
public:
    void expect(bool holds, char const* what) {
        if (holds) return;
        std::lock_guard const lock{mutex_};
        if (texts_.size() < 20) texts_.emplace_back(what);
    }
    std::vector<std::string> texts() const {
        std::lock_guard const lock{mutex_};
        return texts_;
    }

private:
    mutable std::mutex mutex_;
    std::vector<std::string> texts_;
};

/// The call that an annotator of either form makes, with a hop through the pool where it can suspend.
template <class Annotator, class F>
Annotator annotator_of(F call) {
    if constexpr (std::same_as<Annotator, Sync>)
        return Sync{[call](std::string const& item, Attempt const& attempt) { return call(item, attempt); }};
    else
        return Awaitable{[call](std::string const& item, Attempt const& attempt) -> asio::awaitable<int> {
            auto const executor = co_await asio::this_coro::executor;
            if (attempt.index() % 3 == 0) co_await asio::post(executor, asio::use_awaitable);
            auto const answer = call(item, attempt);
            if (attempt.index() % 5 == 0) co_await asio::post(executor, asio::use_awaitable);
            co_return answer;
        }};
}

/// Adds one as long as it lives.
class Inside {
public:
    explicit Inside(std::atomic<int>& count) : count_{count}, now_{count.fetch_add(1) + 1} {}
    ~Inside() { --count_; }
    Inside(Inside const&) = delete;
    int now() const { return now_; }

private:
    std::atomic<int>& count_;
    int now_;
};

template <class Processor>
ShutdownReport shut_down(Processor& processor, ShutdownMode mode) {
    return processor.async_shutdown(mode, {}, asio::use_future).get();
}

}  // namespace test
