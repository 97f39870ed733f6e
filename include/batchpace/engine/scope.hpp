// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/engine/any_limiter.hpp>
#include <batchpace/engine/boxed.hpp>
#include <batchpace/engine/start_log.hpp>
#include <batchpace/permit.hpp>
#include <batchpace/policy/circuit_breaker.hpp>
#include <batchpace/policy/sliding_window.hpp>
#include <batchpace/time.hpp>
#include <batchpace/waiting_for.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace batchpace::engine {

class Job;

/// One of the three nested places where starts are limited: processor, tenant, job. All three are this class.
///
/// A scope may have rate limits, a cap on lanes, be paused, or be closed until some time; it admits a start when none
/// of these is against it. Its children that want to start wait in fair order (see `Scheduler`, which keeps the tree).
class Scope {
public:
    using Level = WaitingFor::Scope;

    Scope(Level level, Scope* parent, Job* job = nullptr) : parent_{parent}, job_{job}, level_{level} {
        if (level != Level::job) below_ = std::make_unique<Below>();
    }
    Scope(Scope const&) = delete;
    Scope& operator=(Scope const&) = delete;

    /// What may be changed at any time, under the engine's mutex.
    Boxed<SlidingWindow> rate;               ///< the limit that `update` and tiers set
    std::unique_ptr<AnyLimiter> limiter;     ///< the limit that the host plugged in
    int cap = 0;                             ///< lanes engaged at once; 0: no cap
    int weight = 1;                          ///< share among its siblings
    bool paused = false;
    bool barred = false;                     ///< too many attempts are out (`max_abandoned`)
    bool told = false;                       ///< somebody has set its tier: it is not forgotten
    int most_cost = 1;                       ///< of one start, where limits charge by items
    time_point closed_until = time_point::min();  ///< the service asked to be left alone
    time_point awake_since = time_point::min();  ///< it was resumed, or a wait was over: a stall is reckoned from here
    Boxed<StartLog> starts;                  ///< lately, in admitted mode

    /// The processor's circuit breaker, where it has one.
    CircuitBreaker const* breaker() const noexcept { return below_ ? below_->breaker : nullptr; }
    void use(CircuitBreaker& breaker) noexcept { below_->breaker = &breaker; }

    /// When it would let one more start through.
    struct Gate {
        time_point opens;                    ///< `now`: open; time_point::max(): an event opens it, not the clock
        WaitingFor::Reason reason = WaitingFor::Reason::rate;
        bool open_at(time_point now) const noexcept { return opens <= now; }
    };

    Gate gate(time_point now) const {
        using Reason = WaitingFor::Reason;
        if (paused) return {time_point::max(), Reason::paused};
        if (barred) return {time_point::max(), Reason::abandoned};
        if (auto const* b = breaker()) {
            if (auto const most = b->cap(now); most != 0 && engaged_ >= most)
                return {most < 0 ? b->until() : time_point::max(), Reason::breaker};
        }
        if (cap > 0 && engaged_ >= cap) return {time_point::max(), Reason::concurrency};
        auto const limits = limits_open(now);
        return closed_until > limits ? Gate{closed_until, Reason::throttled} : Gate{limits, Reason::rate};
    }

    /// True where nothing at all limits starts here (a job's own cap apart): the direct mode's condition. A breaker must
    /// hear of each success when it hears of each failure, and not after a burst.
    bool free(time_point now) const noexcept {
        return !rate && !limiter && (cap == 0 || level_ == Level::job) && !paused && !barred && closed_until <= now &&
               breaker() == nullptr;
    }

    /// Whether a start whose lane was granted before may still be made; false where a limit has closed meanwhile.
    bool may_stamp(time_point now, std::size_t cost = 1) const {
        if (auto const* b = breaker())
            if (auto const most = b->cap(now); most != 0 && engaged_ > most) return false;
        return !paused && !barred && closed_until <= now && limits_admit(now, cost);
    }
    /// The most, up to `most`, that its rate limits admit now; at least 1.
    std::size_t admissible(time_point now, std::size_t most) const {
        if (limits_admit(now, most)) return most;
        std::size_t least = 1;  // admitted, or as good as: the answer is in [least, most)
        while (most - least > 1) {
            auto const middle = least + (most - least) / 2;
            (limits_admit(now, middle) ? least : most) = middle;
        }
        return least;
    }
    void take(time_point now, std::size_t cost = 1) {
        starts.made().note(now, cost);
        if (rate) rate->take(now, cost);
        if (limiter) limiter->take(now, cost);
    }
    void give_back(Permit permit) {
        if (rate) rate->give_back(permit);
        if (limiter) limiter->give_back(permit);
    }

    /// When its rate limits would let the last of `calls` starts through; nullopt where it has none that can tell.
    std::optional<time_point> last_of(time_point now, std::uint64_t calls) const {
        std::optional<time_point> last;
        if (rate) last = rate->last_of(now, calls);
        if (limiter)
            if (auto const other = limiter->last_of(now, calls)) last = std::max(last.value_or(now), *other);
        return last;
    }

    int engaged() const noexcept { return engaged_; }
    /// Lanes that were granted a start and have not taken it yet.
    int pending() const noexcept { return pending_; }
    Level level() const noexcept { return level_; }
    Scope* parent() const noexcept { return parent_; }
    /// Whose scope it is, at the level of a job.
    Job* job() const noexcept { return job_; }
    /// True for this scope and every one below it.
    bool contains(Scope const& other) const noexcept {
        for (auto const* s = &other; s != nullptr; s = s->parent_)
            if (s == this) return true;
        return false;
    }
    bool has_children() const noexcept { return children() > 0; }
    int children() const noexcept { return below_ ? below_->count : 0; }
    /// The children, the youngest first, for who wants to look at them all.
    Scope const* first_child() const noexcept { return below_ ? below_->first : nullptr; }
    Scope const* next_sibling() const noexcept { return older_; }

private:
    friend class Scheduler;
    enum class Place : unsigned char { idle, ready, timed, blocked };

    // Its children; a job has none, and there are many jobs.
    struct Below {
        Scope* ready = nullptr;      // the child whose turn it is
        std::vector<Scope*> timed;   // children that a time will make ready: a heap, earliest first
        Scope* first = nullptr;      // the youngest
        CircuitBreaker* breaker = nullptr;
        int count = 0;
    };

    bool limits_admit(time_point now, std::size_t cost) const {
        return (!rate || rate->earliest(now, cost) <= now) && (!limiter || limiter->earliest(now, cost) <= now);
    }

    void adopt(Scope& child) noexcept {
        auto& first = below_->first;
        ++below_->count;
        child.older_ = first;
        if (first != nullptr) first->younger_ = &child;
        first = &child;
    }
    void disown(Scope& child) noexcept {
        --below_->count;
        (child.younger_ != nullptr ? child.younger_->older_ : below_->first) = child.older_;
        if (child.older_ != nullptr) child.older_->younger_ = child.younger_;
        child.older_ = child.younger_ = nullptr;
    }

    // Granted lanes will take their permits in a moment: one more start needs room beside theirs.
    time_point limits_open(time_point now) const {
        auto opens = now;
        auto const cost = static_cast<std::size_t>(pending_) * static_cast<std::size_t>(most_cost) + 1;
        if (rate) opens = std::max(opens, rate->earliest(now, cost));
        if (limiter) opens = std::max(opens, limiter->earliest(now, cost));
        return opens;
    }

    Scope* parent_;
    Job* job_;
    std::unique_ptr<Below> below_;
    Scope* older_ = nullptr;     // neighbours among the parent's children
    Scope* younger_ = nullptr;
    Scope* previous_ = nullptr;  // neighbours in the parent's ring of ready children
    Scope* next_ = nullptr;
    std::size_t timed_index_ = 0;     // this scope's place in its parent's heap
    time_point timed_until_{};
    time_point wish_ = time_point::max();  // leaves: from when on it has something to start
    int engaged_ = 0;
    int pending_ = 0;
    int deficit_ = 0;
    Level level_;
    Place place_ = Place::idle;
};

}  // namespace batchpace::engine
