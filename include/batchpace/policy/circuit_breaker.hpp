// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/error.hpp>
#include <batchpace/policy/detail/saturated.hpp>
#include <batchpace/time.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <system_error>
#include <vector>

namespace batchpace {

/// Leaves a service alone that fails most calls, and tries it again with one.
///
/// **Closed** it lets everything through and looks at the latest outcomes. When too many of them are failures it
/// **opens**: nothing starts. After a while it is **half open**: as many calls as there are `probes` are let through.
/// If they succeed it closes; one failure opens it again, for twice as long each time.
/// The pattern is M. Nygard's ("Release It!", 2007); the count-based window is resilience4j's.
///
/// An outcome is a call that was answered or was not: a permanent failure is the item's fault, not the service's, and
/// `throttled` has its own way of waiting; neither counts as a failure here.
/// A pure policy: time is an argument, and must not go back. Thread safety: none of its own.
///
/// @par Example
/// @code
/// auto hooks = batchpace::Hooks{}.circuit_breaker(batchpace::CircuitBreaker{{.failure_rate = 0.5, .open_for = 30s}});
/// @endcode
class CircuitBreaker {
public:
    struct Options {
        double failure_rate = 0.5;                            ///< of the latest calls, above 0 up to 1
        int window = 100;                                     ///< how many the latest are, 1 to 100,000
        int minimum = 20;                                     ///< outcomes before it judges, 1 to `window`
        duration open_for = std::chrono::seconds{30};         ///< at first, above 0
        duration open_at_most = std::chrono::minutes{5};      ///< after many times, at least `open_for`
        int probes = 1;                                       ///< calls that must succeed to close it, at least 1
    };
    enum class State : unsigned char { closed, open, half_open };

    /// @throws std::system_error `error::invalid_option`, its text naming the field: correct it.
    explicit CircuitBreaker(Options const& options) : options_{checked(options)}, open_for_{options.open_for} {}
    CircuitBreaker() : CircuitBreaker{Options{}} {}

    State state(time_point now) const noexcept {
        return !tripped_ ? State::closed : now < until_ ? State::open : State::half_open;
    }
    /// While it is open: when it will be half open.
    time_point until() const noexcept { return until_; }
    /// How many calls may be in flight: any number (0) while closed, none (-1) while open, else the probes.
    int cap(time_point now) const noexcept {
        switch (state(now)) {
            case State::closed: return 0;
            case State::open: return -1;
            case State::half_open: break;
        }
        return options_.probes;
    }

    /// `count` calls were answered. True: it has closed.
    bool succeeded(time_point now, std::uint64_t count) {
        switch (state(now)) {
            case State::open: return false;  // sent before it opened
            case State::closed:
                for (auto left = std::min<std::uint64_t>(count, static_cast<std::uint64_t>(options_.window)); left > 0; --left)
                    note(false);
                return false;
            case State::half_open: break;
        }
        probed_ += static_cast<int>(std::min<std::uint64_t>(count, static_cast<std::uint64_t>(options_.probes)));
        if (probed_ < options_.probes) return false;
        tripped_ = false;
        open_for_ = options_.open_for;
        outcomes_.clear();
        next_ = failures_ = 0;
        return true;
    }

    /// A call was not answered. True: it has opened.
    bool failed(time_point now) {
        switch (state(now)) {
            case State::open: return false;
            case State::half_open:
                open_for_ = std::min(options_.open_at_most, detail::saturated_add(open_for_, open_for_));
                break;
            case State::closed:
                note(true);
                if (outcomes_.size() < static_cast<std::size_t>(options_.minimum) ||
                    static_cast<double>(failures_) < options_.failure_rate * static_cast<double>(outcomes_.size()))
                    return false;
        }
        tripped_ = true;
        probed_ = 0;
        until_ = detail::saturated_add(now, open_for_);
        return true;
    }

private:
    static Options const& checked(Options const& o) {
        auto const refuse = [](char const* what) {
            throw std::system_error{error::invalid_option, std::string{"CircuitBreaker: "} + what};
        };
        if (!(o.failure_rate > 0 && o.failure_rate <= 1)) refuse("failure_rate must be above 0, up to 1");
        if (o.window < 1 || o.window > 100'000) refuse("window must be from 1 to 100,000");
        if (o.minimum < 1 || o.minimum > o.window) refuse("minimum must be from 1 to window");
        if (o.open_for <= duration::zero()) refuse("open_for must be above 0");
        if (o.open_at_most < o.open_for) refuse("open_at_most must be at least open_for");
        if (o.probes < 1) refuse("probes must be at least 1");
        return o;
    }

    void note(bool failure) {
        auto const window = static_cast<std::size_t>(options_.window);
        if (outcomes_.size() < window) {
            outcomes_.push_back(failure);
        } else {
            failures_ -= outcomes_[next_] ? 1U : 0U;
            outcomes_[next_] = failure;
            next_ = (next_ + 1) % window;
        }
        failures_ += failure ? 1U : 0U;
    }

    Options options_;
    std::vector<bool> outcomes_;  // the latest, a ring once it is full
    std::size_t next_ = 0;
    std::size_t failures_ = 0;
    duration open_for_;
    time_point until_ = time_point::min();
    int probed_ = 0;
    bool tripped_ = false;
};

}  // namespace batchpace
