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
/// Two things bound a job, and the slower one decides: its lanes (calls × mean duration ÷ concurrency) and its rate
/// limit (when the last call may start, then its duration). Elapsed × left ÷ processed, what most progress bars show,
/// is wrong by a factor of 30 behind a rate limit that lets a first burst through; it is used only where neither a
/// duration nor a limit is known.
///
/// @par Example
/// @code
/// batchpace::Eta::Input input{.items_left = 90, .in_flight = 0, .concurrency = 5, .mean_duration = 1s};
/// input.last_start_in = limiter.last_of(now, batchpace::Eta::calls_left(input)) - now;
/// std::optional<batchpace::duration> left = batchpace::Eta::time_left(input);
/// @endcode
class Eta {
public:
    /// What is known of the job. A trivially destructible aggregate; give what there is.
    struct Input {
        std::uint64_t items_left = 0;                  ///< waiting, retrying and running
        std::uint64_t in_flight = 0;                   ///< attempts running: they have their permits already
        std::int64_t concurrency = 0;                  ///< lanes it may use
        std::optional<duration> mean_duration = {};    ///< of an attempt, sampled
        double attempts_per_item = 1.0;                ///< mean so far; below 1 counts as 1
        std::optional<duration> last_start_in = {};    ///< from now until the limits admit the last of `calls_left`
        duration elapsed = duration::zero();           ///< since the job's first attempt
        std::uint64_t processed = 0;                   ///< items in that time
    };

    /// Calls that are still to be started: each needs a permit. What to ask `SlidingWindow::last_of` for.
    static std::uint64_t calls_left(Input const& input) noexcept {
        auto const calls = std::ceil(static_cast<double>(input.items_left) * attempts_per_item(input));
        auto const running = static_cast<double>(std::min(input.in_flight, input.items_left));
        return static_cast<std::uint64_t>(std::min(calls - running, 1e18));
    }

    /// The time left; 0 where no item is left, else at least 1 ms, or nullopt where nothing can be said.
    static std::optional<duration> time_left(Input const& input) noexcept {
        if (input.items_left == 0) return duration::zero();
        auto const items = static_cast<double>(input.items_left);
        auto const mean = input.mean_duration ? static_cast<double>(input.mean_duration->count()) : 0.0;
        auto const last_start = input.last_start_in ? static_cast<double>(input.last_start_in->count()) : 0.0;

        double left = 0.0;
        if (mean > 0.0 && input.concurrency > 0) {
            auto const busy_lanes = std::min(static_cast<double>(input.concurrency), items);
            left = items * attempts_per_item(input) * mean / busy_lanes;
        }
        if (last_start > 0.0) left = std::max(left, last_start + mean);
        if (left == 0.0 && input.processed > 0)
            left = static_cast<double>(input.elapsed.count()) * items / static_cast<double>(input.processed);

        if (!(left > 0.0) || left >= static_cast<double>(duration::max().count())) return std::nullopt;
        return std::max<duration>(duration{static_cast<duration::rep>(left)}, std::chrono::milliseconds{1});
    }

private:
    static double attempts_per_item(Input const& input) noexcept {
        return input.attempts_per_item > 1.0 ? input.attempts_per_item : 1.0;
    }
};

}  // namespace batchpace
