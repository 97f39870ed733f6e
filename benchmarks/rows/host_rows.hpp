// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "rows/items.hpp"
#include "support/compile_time.hpp"
#include "support/harness.hpp"
#include "support/jobs.hpp"

#include <batchpace/batch_processor.hpp>

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

/// What the host notices: its own timers, and its build.
namespace bench {

/// A host's timer of 1 ms beside a job. How late it is shows in the thread's CPU time: no other work counts.
class LateTimer {
public:
    /// Microseconds at worst while the items run, and while a job that has finished gives them back.
    struct Worst {
        double running = 0;
        double after = 0;
    };

    template <class T>
    static Worst beside(std::vector<T> items) {
        asio::io_context loop;
        batchpace::ProcessorOptions options;
        options.max_items_per_job = static_cast<std::int64_t>(items.size());
        auto const annotate = [](T const& item) { keep(&item); };
        batchpace::BatchProcessor processor{loop, batchpace::Unlimited{}, std::function<void(T const&)>{annotate},
                                            options};
        LateTimer timer{loop};
        auto const job = processor.start_batch(std::move(items), no_check());
        processor.async_wait(
            job, [&](std::error_code, batchpace::JobProgress const& p) { timer.finished_ = p.successful == p.total; });
        processor.async_shutdown(batchpace::ShutdownMode::drain, std::nullopt,
                                 [&](std::error_code, batchpace::ShutdownReport const&) { timer.over_ = true; });
        timer.arm();
        loop.run();
        require(timer.finished_ && timer.ticks_ > 0, "the job did not finish, or the host's timer did not expire");
        return timer.worst_;
    }

private:
    static constexpr auto period = std::chrono::milliseconds{1};

    explicit LateTimer(asio::io_context& loop) : timer_{loop} {}

    void arm() {
        armed_at_ = Stopwatch::cpu_ns();
        timer_.expires_after(period);
        timer_.async_wait([this](std::error_code) {
            auto const late = Stopwatch::cpu_ns() - armed_at_ - std::chrono::nanoseconds{period}.count();
            auto& worst = finished_ ? worst_.after : worst_.running;
            worst = std::max(worst, late / 1'000);
            ++ticks_;
            if (!over_) arm();
        });
    }

    asio::steady_timer timer_;
    double armed_at_ = 0;
    Worst worst_;
    std::size_t ticks_ = 0;
    bool finished_ = false;
    bool over_ = false;
};

/// Each round's worst; the median of those, since what the library does happens in every round.
inline Figures g12_timer(Effort const& effort) {
    std::size_t const count = effort.longer ? 1'000'000'000 : effort.smoke ? 100'000 : 100'000'000;
    Samples each;
    for (int round = 0; round < effort.rounds(3); ++round)
        each.push_back(LateTimer::beside(std::vector<Tiny>(count)).running);
    return {each, text("at worst, beside %.0e empty items, in CPU time", static_cast<double>(count))};
}

inline Figures g12_timer_after(Effort const& effort) {
    auto const count = effort.items(10'000'000);
    Samples each;
    for (int round = 0; round < effort.rounds(3); ++round)
        each.push_back(LateTimer::beside(std::vector<std::string>(count, "image-1000000")).after);
    return {each, text("at worst, while %zu strings are given back, in CPU time", count)};
}

inline Figures include_cost(Effort const& effort) {
    auto const ours = effort.smoke ? "batchpace/version.hpp" : "batchpace/batch_processor.hpp";
    auto const theirs = effort.smoke ? "asio/version.hpp" : "asio.hpp";
    auto const t = alternate(
        effort.rounds(7), [&] { return CompileTime::of(ours); }, [&] { return CompileTime::of(theirs); });
    return {ratios(t[0], t[1]),
            text("%s %.2f s, %s %.2f s of the compiler's CPU time", ours, median(t[0]), theirs, median(t[1]))};
}

}  // namespace bench
