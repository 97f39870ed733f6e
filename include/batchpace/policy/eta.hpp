// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/time.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>

namespace batchpace {

/// The estimated time left of a job. Pure arithmetic on what the engine knows; safe from any thread.
///
/// Two things bound a job, and the slower one decides: its lanes (the work that is left, shared among them) and its
/// limits (when the last call may start, then its duration). Elapsed × left ÷ processed, what most progress bars show,
/// is wrong by a factor of 30 behind a rate limit that lets a first burst through; it is used only where neither a
/// duration nor a limit is known. docs/estimate.md has the whole story.
///
/// @par Example
/// @code
/// batchpace::Eta::Input input{.waiting = 90, .concurrency = 5, .mean_duration = 1s};
/// input.last_start_in = limiter.last_of(now, batchpace::Eta::whole(batchpace::Eta::calls_left(input))) - now;
/// std::optional<batchpace::duration> left = batchpace::Eta::time_left(input);
/// @endcode
class Eta {
public:
    /// What is known of the job. A trivially destructible aggregate; give what there is.
    struct Input {
        std::uint64_t waiting = 0;                    ///< items without an attempt
        std::uint64_t retrying = 0;                   ///< items that wait for another attempt: each needs one at least
        std::uint64_t running = 0;                    ///< items in attempts that run: they have their permits already
        double items_per_call = 1.0;                  ///< above 1 where one call carries several
        std::uint64_t most_calls = UINT64_MAX;        ///< it may still start
        double retry_rate = 0.0;                      ///< share of the attempts after which an item is tried again
        int max_attempts = 1;                         ///< of an item
        std::int64_t concurrency = 0;                 ///< lanes it may use
        std::optional<duration> mean_duration = {};   ///< how long a call takes up a lane
        double variation = 0.0;                       ///< of that, squared and relative: 0 constant, 1 exponential
        std::optional<duration> running_left = {};    ///< what the running calls still need in all; else half of each
        duration blocked_for = duration::zero();      ///< nothing starts before that: closed, or all items back off
        std::optional<duration> last_start_in = {};   ///< from now until the limits admit the last of `calls_left`
        std::optional<duration> at_least = {};        ///< other bounds, such as lanes shared with other jobs
        bool blind = false;                           ///< there is a limit that cannot tell: no faster than so far
        duration elapsed = duration::zero();          ///< since the job's first attempt
        std::uint64_t processed = 0;                  ///< items in that time
    };

    /// Attempts that an item is expected to need, of which at most `most` are made: 1 + p + p² + …
    static double attempts(double retry_rate, int most) noexcept {
        auto const p = rate(retry_rate);
        if (p == 0.0) return 1.0;
        double sum = 0.0;
        double reached = 1.0;
        for (int i = 0; i < most && reached > 1e-6; ++i, reached *= p) sum += reached;
        return p == 1.0 ? std::max(most, 1) : std::max(sum, 1.0);
    }

    /// Calls that are still to be started, on average: each needs a permit.
    static double calls_left(Input const& in) noexcept {
        if (!(in.retry_rate > 0.0) && in.items_per_call <= 1.0)
            return static_cast<double>(std::min(in.waiting + in.retrying, in.most_calls));
        auto const again = attempts(in.retry_rate, in.max_attempts - 1);
        auto const items = static_cast<double>(in.waiting) * attempts(in.retry_rate, in.max_attempts) +
                           static_cast<double>(in.retrying) * again +
                           (in.max_attempts > 1 ? static_cast<double>(in.running) * rate(in.retry_rate) * again : 0.0);
        return std::min(items / std::max(in.items_per_call, 1.0), static_cast<double>(in.most_calls));
    }
    /// The nearest whole number, to ask `SlidingWindow::last_of` for.
    static std::uint64_t whole(double calls) noexcept {
        return static_cast<std::uint64_t>(std::clamp(std::floor(calls + 0.5), 0.0, 1e18));
    }

    /// How long `lanes` lanes need for so many calls to be started after those that run now, until the last has ended.
    /// In nanoseconds. Once the last call has started lanes run empty, one after another: that costs half a call where
    /// all take the same time, and more where the longest of several decides.
    static double lanes_time(double calls, double running, double running_left, double lanes, double mean,
                             double variation) noexcept {
        auto const busy = std::max(1.0, std::min(lanes, calls + running));
        auto const work = (calls * mean + running_left) / busy;
        if (calls > 100.0 * busy) return work;  // no matter then
        auto const spread = std::clamp(variation, 0.0, 1.0);
        auto const together = running == 0.0;  // all lanes start at once: in waves, of which the last is a whole one
        auto const constant = calls < 1.0 ? 0.0 : together ? std::ceil(calls / busy) - calls / busy : 0.5 * (1.0 - 1.0 / busy);
        auto const exponential = std::log(busy) - 0.4228 * (1.0 - 1.0 / busy);  // the harmonic number, less 1
        return work + mean * ((1.0 - spread) * constant + spread * exponential);
    }

    /// The time left; 0 where no item is left, else at least 1 ms, or nullopt where nothing can be said.
    static std::optional<duration> time_left(Input const& in) noexcept {
        auto const items = static_cast<double>(in.waiting) + static_cast<double>(in.retrying) + static_cast<double>(in.running);
        if (items == 0.0) return duration::zero();
        auto const mean = in.mean_duration ? nanoseconds(*in.mean_duration) : 0.0;

        double left = 0.0;
        if (mean > 0.0 && in.concurrency > 0) {
            auto const running = static_cast<double>(in.running) / std::max(in.items_per_call, 1.0);
            auto const residual = in.running_left ? nanoseconds(*in.running_left) : running_left(running, mean, in.variation);
            left = nanoseconds(in.blocked_for) + lanes_time(calls_left(in), running, residual,
                                                            static_cast<double>(in.concurrency), mean, in.variation);
        }
        if (in.last_start_in && in.last_start_in->count() > 0) left = std::max(left, nanoseconds(*in.last_start_in) + mean);
        if (in.at_least) left = std::max(left, nanoseconds(*in.at_least));
        if (left == 0.0 || in.blind) {
            if (in.processed == 0) return std::nullopt;
            left = std::max(left, nanoseconds(in.elapsed) * items / static_cast<double>(in.processed));
        }
        if (!(left > 0.0) || left >= nanoseconds(duration::max())) return std::nullopt;
        return std::max<duration>(duration{static_cast<duration::rep>(left)}, std::chrono::milliseconds{1});
    }

    /// What so many running calls still need in all, where nothing else is known: the mean time to the next event of a
    /// renewal process, half a call where all take the same time, a whole one for an exponential.
    static double running_left(double running, double mean, double variation) noexcept {
        return running * mean * (1.0 + std::clamp(variation, 0.0, 1.0)) / 2.0;
    }

private:
    static double rate(double given) noexcept { return given > 0.0 ? std::min(given, 1.0) : 0.0; }
    static double nanoseconds(duration d) noexcept { return static_cast<double>(d.count()); }
};

}  // namespace batchpace
