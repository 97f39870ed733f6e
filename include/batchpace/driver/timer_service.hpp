// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/asio.hpp>
#include <batchpace/time.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace batchpace::inline BATCHPACE_FLAVOUR {

/// One timer of a loop. Not thread-safe: its owner calls it under a lock of its own.
class Timer {
public:
    virtual ~Timer() = default;
    /// Calls the timer's callback on the loop at `when`, instead of when it was to be called before.
    virtual void arm(time_point when) = 0;
    virtual void cancel() = 0;
};

/// Where a processor gets its timer and its clocks from: a service of the execution context, found at run time, so that
/// an `any_io_executor` finds it too. The steady timer and the system's clocks are the default; a loop that has its
/// own (libuv, Qt, the simulation) installs a `Backend` before the first processor is made.
///
/// It also tells those who use the loop that it is going away, so that loop and processor may die in either order.
class timer_service final : public net::execution_context::service {
public:
    using key_type = timer_service;

    /// A loop's own timers and clocks.
    class Backend {
    public:
        virtual ~Backend() = default;
        virtual time_point now() const = 0;
        virtual wall_time wall_now() const = 0;
        virtual std::unique_ptr<Timer> make_timer(std::function<void()> callback) = 0;
    };

    /// Is told when the execution context is shut down.
    class Client {
    public:
        virtual ~Client() = default;
        virtual void loop_gone() noexcept = 0;
    };

    explicit timer_service(net::execution_context& context) : net::execution_context::service(context) {}

    void install(std::unique_ptr<Backend> backend) { backend_ = std::move(backend); }
    /// nullptr: the system's clocks and the steady timer.
    Backend* backend() const noexcept { return backend_.get(); }

    void add(std::weak_ptr<Client> client) {
        std::lock_guard const lock{mutex_};
        if (clients_.size() >= sweep_at_) {
            std::erase_if(clients_, [](auto const& known) { return known.expired(); });
            sweep_at_ = 2 * clients_.size() + 16;
        }
        clients_.push_back(std::move(client));
    }

    /// The service of the executor's execution context.
    template <class Executor>
    static timer_service& of(Executor const& executor) {
        net::execution_context& context = net::query(executor, net::execution::context);
        return net::use_service<timer_service>(context);
    }

private:
    void shutdown() override {
        std::vector<std::weak_ptr<Client>> clients;
        {
            std::lock_guard const lock{mutex_};
            clients.swap(clients_);
        }
        for (auto const& weak : clients)
            if (auto const client = weak.lock()) client->loop_gone();
    }

    std::mutex mutex_;
    std::vector<std::weak_ptr<Client>> clients_;
    std::size_t sweep_at_ = 16;
    std::unique_ptr<Backend> backend_;
};

/// The default: Asio's steady timer on a concrete executor.
template <class Executor>
class SteadyTimer final : public Timer {
public:
    SteadyTimer(Executor const& executor, std::function<void()> callback)
        : timer_{executor}, callback_{std::make_shared<std::function<void()>>(std::move(callback))} {}

    void arm(time_point when) override {
        timer_.expires_at(when);
        timer_.async_wait([callback = callback_](net_error_code const& error) {
            if (!error) (*callback)();
        });
    }
    void cancel() override { timer_.cancel(); }

private:
    net::basic_waitable_timer<std::chrono::steady_clock, net::wait_traits<std::chrono::steady_clock>, Executor> timer_;
    std::shared_ptr<std::function<void()>> callback_;
};

}  // namespace batchpace::inline BATCHPACE_FLAVOUR
