// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/asio.hpp>
#include <batchpace/driver/any_completion.hpp>
#include <batchpace/driver/timer_service.hpp>
#include <batchpace/time.hpp>

#include <chrono>
#include <memory>
#include <utility>

namespace batchpace::inline BATCHPACE_FLAVOUR {

/// A timer of the executor's loop, in virtual time under simulation: what a host's own code uses instead of
/// `asio::steady_timer`, so that it can be tested there. One wait at a time; not thread-safe.
template <class Executor>
class timer_for {
public:
    explicit timer_for(Executor executor) : executor_{std::move(executor)}, state_{std::make_shared<State>()} {
        auto fire = [weak = std::weak_ptr{state_}] {
            if (auto const state = weak.lock()) state->done.complete({});
        };
        auto& service = timer_service::of(executor_);
        service.add(state_);
        auto* backend = service.backend();
        state_->timer = backend != nullptr ? backend->make_timer(std::move(fire))
                                           : std::make_unique<SteadyTimer<Executor>>(executor_, std::move(fire));
    }
    timer_for(timer_for&&) noexcept = default;
    timer_for& operator=(timer_for&&) noexcept = default;
    ~timer_for() {
        if (state_) cancel();
    }

    /// The time of the loop's clock.
    time_point now() const {
        auto* backend = timer_service::of(executor_).backend();
        return backend != nullptr ? backend->now() : std::chrono::steady_clock::now();
    }
    void expires_after(duration time) { expiry_ = now() + time; }
    void expires_at(time_point when) { expiry_ = when; }

    /// Completes at the expiry: `void(error_code)`; `operation_aborted` after `cancel`.
    template <net::completion_token_for<void(net_error_code)> Token>
    auto async_wait(Token&& token) {
        return net::async_initiate<Token, void(net_error_code)>(
            [state = state_, executor = executor_, when = expiry_](auto handler) {
                state->done.complete(net::error::operation_aborted);
                state->done = AnyCompletion<net_error_code>{std::move(handler), executor};
                state->timer->arm(when);
            },
            token);
    }

    void cancel() {
        state_->timer->cancel();
        state_->done.complete(net::error::operation_aborted);
    }

private:
    struct State final : timer_service::Client {
        // What waits is destroyed with its loop, as with Asio's own timers: it may own the object that owns the timer.
        void loop_gone() noexcept override { auto const dropped = std::move(done); }

        AnyCompletion<net_error_code> done;
        std::unique_ptr<Timer> timer;
    };

    Executor executor_;
    time_point expiry_{};
    std::shared_ptr<State> state_;
};

}  // namespace batchpace::inline BATCHPACE_FLAVOUR
