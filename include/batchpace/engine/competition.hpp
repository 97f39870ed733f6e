// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace batchpace::engine {

class Scope;

/// Who wants the permits and lanes of one scope, and how much of them each gets while the first one, whose time is to
/// be told, still wants some. Arithmetic only; durations are nanoseconds.
class Competition {
public:
    static constexpr double unlimited = 1e18;
    static constexpr std::size_t most = 64;  ///< looked at; where there are more, each stands for several

    /// A job, or a tenant with its jobs.
    struct Party {
        double calls;        ///< that it still wants to start
        double lanes;        ///< that it can have at once
        double mean;         ///< of a call, above 0
        double weight;       ///< its share of the turns
        double rate;         ///< starts a nanosecond that its own limit allows; `unlimited`: it has none
        double scale;        ///< how many like this one it stands for
        Scope const* scope;  ///< whose rate limit bounds it as well; nullptr: none
        double given_lanes;  ///< what `divide` says: lanes at once
        double share;        ///< and starts, relative to one another
    };

    /// The first one added is the one whose time is to be told.
    void add(Party const& party) noexcept { parties_[size_++] = party; }
    bool full() const noexcept { return size_ == most; }
    bool alone() const noexcept { return size_ == 1; }
    Party const* begin() const noexcept { return parties_; }
    Party const* end() const noexcept { return parties_ + size_; }
    Party const& me() const noexcept { return parties_[0]; }
    /// Every competitor stands for so many.
    void scale(double times) noexcept {
        for (auto* p = parties_ + 1; p != parties_ + size_; ++p) p->scale *= times;
    }
    /// A new number of calls of the first one, as an inner scope reckons it.
    void set_my_calls(double calls) noexcept { parties_[0].calls = calls; }

    /// What is to be divided.
    struct Supply {
        double lanes = 0.0;   ///< that there are; 0: no cap
        bool rated = false;   ///< whether starts are limited, too
        double round = 0.0;   ///< starts that the limit lets through at once when it is fresh; 0: it lets them through evenly
        double every = 0.0;   ///< the time from one round to the next
        double spread = 0.0;  ///< the time in which a round's permits come free
    };

    /// Turns are given by weight, to whoever has a free lane. So lanes under a cap are shared by weight, and so are
    /// starts that come free one by one. Starts that come free all at once are another matter: as long as there are
    /// more of them than lanes nobody waits for a turn, and each starts as many as its lanes can carry, whatever its
    /// weight. `round` and `spread` tell the one from the other.
    void divide(Supply const& supply) noexcept {
        double lanes = 0.0;
        for (auto& p : all()) lanes += p.scale * (p.given_lanes = p.lanes);
        if (supply.lanes > 0.0 && lanes > supply.lanes)
            fill(supply.lanes, &Party::given_lanes, [](Party const& p) { return p.weight * p.mean; },
                 [](Party const& p) { return std::min(p.lanes, p.rate * p.mean); });
        speed_ = 0.0;
        lanes_ = 0.0;
        for (auto& p : all()) {
            lanes_ += p.scale * p.given_lanes;
            speed_ += p.scale * p.given_lanes / p.mean;
        }
        if (!supply.rated) {
            for (auto& p : all()) p.share = std::min(p.given_lanes / p.mean, p.rate);
        } else if (supply.round <= 0.0) {
            for (auto& p : all()) p.share = p.weight;
        } else {
            auto const time = std::max(supply.spread, time_for(supply));
            fill(supply.round, &Party::share, [](Party const& p) { return p.weight; },
                 [&](Party const& p) { return std::min(p.given_lanes * (1.0 + time / p.mean), p.rate * supply.every); });
        }
    }

    /// Other shares for all but the first one.
    template <class ShareOf>
    void replace_shares(ShareOf share_of) noexcept {
        for (auto* p = parties_ + 1; p != parties_ + size_; ++p) p->share = share_of(*p);
    }

    /// Starts a nanosecond that all of them together can make.
    double speed() const noexcept { return speed_; }
    /// And at once.
    double lanes() const noexcept { return lanes_; }
    /// Of what is divided, the part of the first one.
    double my_part() const noexcept {
        double sum = 0.0;
        for (auto const& p : *this) sum += p.scale * p.share;
        return sum > 0.0 ? me().share / sum : 1.0;
    }

    struct Ahead {
        double calls;  ///< started until the last one of the first party is, its own included
        double work;   ///< the same in time on lanes
    };
    /// @param able_to(party) how many starts it can make in the time that the first one takes
    template <class AbleTo>
    Ahead ahead(AbleTo able_to) const noexcept {
        Ahead sum{me().calls, me().calls * me().mean};
        for (auto const* p = begin() + 1; p != end(); ++p) {
            auto const fair = me().share > 0.0 ? me().calls * p->share / me().share : p->calls;
            auto const calls = p->scale * std::min({p->calls, fair, able_to(*p)});
            sum.calls += calls;
            sum.work += calls * p->mean;
        }
        return sum;
    }

private:
    struct Range {
        Party* first;
        Party* last;
        Party* begin() const noexcept { return first; }
        Party* end() const noexcept { return last; }
    };
    Range all() noexcept { return {parties_, parties_ + size_}; }

    // How long the lanes of all take for a round whose permits are all there.
    double time_for(Supply const& supply) noexcept {
        double time = 0.0;
        for (int again = 0; again < 4; ++again) {
            // Who has used up what its own limit allows leaves the rest to the others.
            double rest = supply.round;
            double speed = 0.0;
            for (auto const& p : all()) {
                auto const allowed = p.rate * supply.every;
                if (p.given_lanes * (1.0 + time / p.mean) >= allowed) {
                    rest -= p.scale * allowed;
                } else {
                    rest -= p.scale * p.given_lanes;
                    speed += p.scale * p.given_lanes / p.mean;
                }
            }
            auto const before = std::exchange(time, speed > 0.0 ? std::max(0.0, rest / speed) : time);
            if (time <= before) break;
        }
        return time;
    }

    // Gives out `amount` by weight, to nobody more than it can take; what one cannot take the others get.
    template <class Weight, class Limit>
    void fill(double amount, double Party::*out, Weight weight, Limit limit) noexcept {
        double weights = 0.0;
        for (auto& p : all()) {
            p.*out = -1.0;
            weights += p.scale * weight(p);
        }
        for (bool again = true; again && weights > 0.0;) {
            again = false;
            auto const each = std::max(0.0, amount) / weights;
            for (auto& p : all()) {
                if (p.*out >= 0.0 || limit(p) > weight(p) * each) continue;
                p.*out = limit(p);
                amount -= p.scale * limit(p);
                weights -= p.scale * weight(p);
                again = true;
            }
        }
        for (auto& p : all())
            if (p.*out < 0.0) p.*out = weights > 0.0 ? weight(p) * std::max(0.0, amount) / weights : 0.0;
    }

    Party parties_[most];  // only the first `size_` mean anything: nothing is set to 0 for the others
    std::size_t size_ = 0;
    double speed_ = 0.0;
    double lanes_ = 0.0;
};

}  // namespace batchpace::engine
