// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/asio.hpp>
#include <batchpace/driver/any_completion.hpp>
#include <batchpace/driver/timer_service.hpp>
#include <batchpace/time.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace batchpace::inline BATCHPACE_FLAVOUR {

namespace driver {

// On a loop with timers of its own: the sleeper lives in its timer's callback until that has run or was cancelled.
struct LoopSleeper : std::enable_shared_from_this<LoopSleeper> {
    AnyCompletion<net_error_code> done;
    std::unique_ptr<Timer> timer;

    void end(net_error_code code) {
        auto const keep = shared_from_this();
        timer.reset();
        done.complete(code);
    }
};

// On Asio's own: the wait holds the timer.
template <class Executor>
struct SteadySleeper {
    explicit SteadySleeper(Executor const& executor) : timer{executor} {}
    net::basic_waitable_timer<std::chrono::steady_clock, net::wait_traits<std::chrono::steady_clock>, Executor> timer;
};

}  // namespace driver

/// Completes after `time` on the loop of the handler's executor: `void(error_code)`. What an annotator uses instead of
/// `asio::steady_timer`, so that under simulation the wait takes virtual time.
/// Cancellation: `operation_aborted`, at once.
///
/// `co_await batchpace::sleep_for(20ms, asio::use_awaitable);`
template <net::completion_token_for<void(net_error_code)> Token>
auto sleep_for(duration time, Token&& token) {
    return net::async_initiate<Token, void(net_error_code)>(
        [time](auto handler) {
            auto const executor = net::get_associated_executor(handler);
            auto slot = net::get_associated_cancellation_slot(handler);
            AnyCompletion<net_error_code> done{std::move(handler), executor};
            if (auto* backend = timer_service::of(executor).backend()) {
                auto sleeper = std::make_shared<driver::LoopSleeper>();
                sleeper->done = std::move(done);
                if (slot.is_connected())
                    slot.assign([weak = std::weak_ptr{sleeper}](net::cancellation_type) {
                        if (auto const held = weak.lock()) held->end(net::error::operation_aborted);
                    });
                sleeper->timer = backend->make_timer([sleeper] { sleeper->end({}); });
                sleeper->timer->arm(backend->now() + time);
            } else {
                using Sleeper = driver::SteadySleeper<std::remove_cvref_t<decltype(executor)>>;
                auto sleeper = std::make_shared<Sleeper>(executor);
                if (slot.is_connected())
                    slot.assign([weak = std::weak_ptr{sleeper}](net::cancellation_type) {
                        if (auto const held = weak.lock()) held->timer.cancel();
                    });
                sleeper->timer.expires_after(time);
                sleeper->timer.async_wait(
                    [sleeper, done = std::move(done)](net_error_code code) mutable { done.complete(code); });
            }
        },
        token);
}

}  // namespace batchpace::inline BATCHPACE_FLAVOUR
