// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/asio.hpp>
#include <batchpace/concepts/executor.hpp>
#include <batchpace/driver/timer_service.hpp>
#include <batchpace/policy/random.hpp>
#include <batchpace/time.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace batchpace::inline BATCHPACE_FLAVOUR::testing {

/// A promise was broken under simulation. Its text names the seed that replays it.
class simulation_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// An event loop with virtual time. Ready work runs in an order drawn from the seed; when nothing is ready, time jumps
/// to the next timer; and it also moves a little while work is ready, as on a loop that lags. An hour of rate-limited
/// work takes milliseconds, and the same seed gives the same run to the byte.
///
/// @code
/// batchpace::testing::Simulation sim{seed};
/// batchpace::BatchProcessor processor{sim, batchpace::SlidingWindow{10, 1min}, my_annotator};
/// auto job = processor.start_batch(ids);
/// sim.run();
/// @endcode
///
/// Annotators wait by `batchpace::sleep_for`, hosts' code by `batchpace::timer_for`. A timer or socket of Asio's own, or
/// work posted from another thread, belongs to real time: `run` throws `simulation_error` with a sentence that says so.
class Simulation : public net::execution_context {
public:
    class executor_type;

    explicit Simulation(std::uint64_t seed) : random_{seed}, seed_{seed} {
        net::use_service<timer_service>(*this).install(std::make_unique<Backend>(*this));
    }
    ~Simulation() {
        shutdown();
        // What is still waiting is destroyed while the services it may use exist.
        while (!timers_.empty()) {
            auto const callback = std::move(timers_.begin()->second->callback);
            timers_.erase(timers_.begin());
        }
        while (!ready_.empty()) {
            auto const work = std::move(ready_);
            ready_.clear();
        }
        destroy();
    }

    executor_type get_executor() noexcept;
    std::uint64_t seed() const noexcept { return seed_; }
    /// For a test's own choices, drawn from the same seed.
    Random& random() noexcept { return random_; }

    time_point now() const noexcept { return now_; }
    wall_time wall_now() const noexcept {
        return wall_time{std::chrono::hours{24 * 365 * 56}} +
               std::chrono::duration_cast<wall_time::duration>(now_.time_since_epoch());
    }

    /// Runs until no work and no timer is left. Returns how many handlers ran.
    std::size_t run() {
        return loop(time_point::max(), [] { return false; });
    }
    /// Runs what happens within `time`, and moves the clock to its end.
    std::size_t run_for(duration time) {
        auto const until = now_ + time;
        auto const count = loop(until, [] { return false; });
        now_ = std::max(now_, until);
        return count;
    }
    /// Runs until `predicate()` holds after some event; false if everything ended before.
    template <class Predicate>
    bool run_until(Predicate predicate) {
        bool reached = predicate();
        if (!reached) loop(time_point::max(), [&] { return reached = predicate(); });
        return reached;
    }

    /// Calls `check` after every event; what it throws ends the run as a `simulation_error`.
    void after_event(std::function<void()> check) { checks_.push_back(std::move(check)); }

    /// How many timers are armed.
    std::size_t timers() const noexcept { return timers_.size(); }

    /// The time that a synchronous call takes: the clock moves on at once.
    void spend(duration time) noexcept { now_ += time; }

    /// The most that the clock moves on before a ready handler runs; 0 switches the lag off.
    void set_lag(duration most) noexcept { lag_ = most; }

private:
    struct Work {
        virtual ~Work() = default;
        virtual void run() = 0;
    };
    template <class F>
    struct WorkOf final : Work {
        explicit WorkOf(F g) : f{std::move(g)} {}
        void run() override { std::move(f)(); }
        F f;
    };

    struct Alarm {
        std::function<void()> callback;
        bool armed = false;
        time_point when{};
        std::uint64_t order = 0;
    };
    using Alarms = std::map<std::pair<time_point, std::uint64_t>, std::shared_ptr<Alarm>>;

    class SimulatedTimer final : public Timer {
    public:
        SimulatedTimer(Simulation& sim, std::function<void()> callback)
            : sim_{sim}, alarm_{std::make_shared<Alarm>()} {
            alarm_->callback = std::move(callback);
        }
        ~SimulatedTimer() override {
            cancel();
            alarm_->callback = nullptr;
        }
        void arm(time_point when) override {
            cancel();
            alarm_->when = when;
            alarm_->order = ++sim_.order_;
            alarm_->armed = true;
            sim_.timers_.emplace(std::pair{when, alarm_->order}, alarm_);
        }
        void cancel() override {
            if (alarm_->armed) sim_.timers_.erase({alarm_->when, alarm_->order});
            alarm_->armed = false;
            ++alarm_->order;  // one that has been made ready already does not fire either
        }

    private:
        Simulation& sim_;
        std::shared_ptr<Alarm> alarm_;
    };

    class Backend final : public timer_service::Backend {
    public:
        explicit Backend(Simulation& sim) : sim_{sim} {}
        time_point now() const override { return sim_.now(); }
        wall_time wall_now() const override { return sim_.wall_now(); }
        std::unique_ptr<Timer> make_timer(std::function<void()> callback) override {
            return std::make_unique<SimulatedTimer>(sim_, std::move(callback));
        }

    private:
        Simulation& sim_;
    };

    template <class F>
    void add(F f) {
        if (std::this_thread::get_id() != owner_.load(std::memory_order_relaxed)) {
            foreign_ = true;  // and the work is dropped: this thread must not touch the queue
            return;
        }
        ready_.push_back(std::make_unique<WorkOf<F>>(std::move(f)));
    }

    template <class Stop>
    std::size_t loop(time_point until, Stop&& stop) {
        owner_ = std::this_thread::get_id();
        std::size_t count = 0;
        for (; step(until); ++count) {
            check();
            if (stop()) return count + 1;
        }
        check();
        return count;
    }

    bool step(time_point until) {
        if (!ready_.empty() && lag_ > duration::zero()) now_ += random_.below(lag_);
        if (ready_.empty()) {
            if (timers_.empty() || timers_.begin()->first.first > until) return false;
            now_ = std::max(now_, timers_.begin()->first.first);
        }
        while (!timers_.empty() && timers_.begin()->first.first <= now_) {
            auto const alarm = timers_.begin()->second;
            timers_.erase(timers_.begin());
            alarm->armed = false;
            add([alarm, order = alarm->order] {
                // A copy: the callback may destroy its timer.
                if (auto const callback = alarm->callback; callback && alarm->order == order) callback();
            });
        }
        auto const chosen = static_cast<std::size_t>(random_.below(std::uint64_t{ready_.size()}));
        std::swap(ready_[chosen], ready_.back());
        auto const work = std::move(ready_.back());
        ready_.pop_back();
        work->run();
        return true;
    }

    void check() {
        if (foreign_) fail("work was posted into the simulation from another thread, which belongs to real time");
        if (net::has_service<net::detail::timer_scheduler>(*this))
            fail("a timer or socket of Asio's own was used in the simulation, where it would wait in real time; use "
                 "batchpace::sleep_for or batchpace::timer_for");
        for (auto const& c : checks_) {
            try {
                c();
            } catch (std::exception const& e) {
                fail(e.what());
            }
        }
    }

    [[noreturn]] void fail(std::string const& text) const {
        throw simulation_error{text + " (BATCHPACE_SEED=" + std::to_string(seed_) + ")"};
    }

    Random random_;
    std::uint64_t seed_;
    time_point now_{std::chrono::hours{1}};
    duration lag_ = std::chrono::microseconds{20};
    std::vector<std::unique_ptr<Work>> ready_;
    Alarms timers_;
    std::uint64_t order_ = 0;
    std::vector<std::function<void()>> checks_;
    std::atomic<std::thread::id> owner_{std::this_thread::get_id()};
    std::atomic<bool> foreign_{false};
};

/// The simulation's executor: handlers never run at once, and never inside `execute`.
class Simulation::executor_type {
public:
    explicit executor_type(Simulation& sim) noexcept : sim_{&sim} {}

    template <class F>
    void execute(F&& f) const {
        sim_->add(std::decay_t<F>(std::forward<F>(f)));
    }
    net::execution_context& query(net::execution::context_t) const noexcept { return *sim_; }
    static constexpr net::execution::blocking_t query(net::execution::blocking_t) noexcept {
        return net::execution::blocking.never;
    }
    bool running_in_this_thread() const noexcept { return true; }

    friend bool operator==(executor_type const& a, executor_type const& b) noexcept { return a.sim_ == b.sim_; }
    friend bool operator!=(executor_type const& a, executor_type const& b) noexcept { return !(a == b); }

private:
    Simulation* sim_;
};

inline Simulation::executor_type Simulation::get_executor() noexcept { return executor_type{*this}; }

}  // namespace batchpace::inline BATCHPACE_FLAVOUR::testing

namespace batchpace::inline BATCHPACE_FLAVOUR {
template <>
inline constexpr bool is_serial_executor<testing::Simulation::executor_type> = true;
}  // namespace batchpace::inline BATCHPACE_FLAVOUR
