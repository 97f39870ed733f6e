// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "rows/items.hpp"
#include "support/contenders.hpp"
#include "support/harness.hpp"
#include "support/jobs.hpp"

#include <batchpace/annotators/callback.hpp>

#include <functional>
#include <utility>

/// What an item costs, against hand-written loops.
namespace bench {

inline Figures sync_item(Effort const& effort) {
    auto const count = effort.items(1'000'000);
    auto const t = alternate(
        effort.rounds(15), [&] { return ns_per_item(count, empty); },
        [&] { return HopChain::ns_per_item(count, empty); }, [&] { return bare_loop(count, empty); });
    return {ratios(t[0], t[1]), text("%.2f ns, a hop %.1f ns, bare claim-and-count loop %.2f hop", median(t[0]),
                                     median(t[1]), median(ratios(t[2], t[1])))};
}

inline Figures ready_awaitable_item(Effort const& effort) {
    auto const count = effort.items(500'000);
    auto const t = alternate(
        effort.rounds(15), [&] { return ns_per_item(count, ready, serial()); },
        [&] { return HopChain::ns_per_item(count, empty); }, [&] { return CoroutineLoops::serial(count, ready); });
    return {ratios(t[0], t[1]), text("%.1f ns, a hop %.1f ns, bare awaitable in a loop %.2f hops", median(t[0]),
                                     median(t[1]), median(ratios(t[2], t[1])))};
}

inline Figures suspending(Effort const& effort, bool with_timer) {
    auto const count = effort.items(200'000);
    auto const t = alternate(
        effort.rounds(15), [&] { return ns_per_item(count, suspending_once, serial()); },
        [&] { return CoroutineLoops::serial(count, suspending_once, with_timer); },
        [&] { return HopChain::ns_per_item(count, empty); });
    return {ratios(t[0], t[1]), text("%.0f ns, coroutine loop %.0f ns = %.1f hops", median(t[0]), median(t[1]),
                                     median(ratios(t[1], t[2])))};
}

inline Figures suspending_2_threads(Effort const& effort, bool with_timer) {
    auto const count = effort.items(200'000);
    auto const t = alternate(
        effort.rounds(15), [&] { return ns_per_item_on_threads(2, count, suspending_once); },
        [&] { return CoroutineLoops::on_strands(count, suspending_once, with_timer); });
    return {ratios(t[0], t[1]), text("%.0f ns, coroutine loop on strands %.0f ns", median(t[0]), median(t[1]))};
}

/// The annotator calls back inside of its call, or by one post.
inline Figures callback_item(Effort const& effort, bool by_post, bool with_timer) {
    using Done = batchpace::Completion<void>;
    auto const count = effort.items(by_post ? 200'000 : 500'000);
    auto const ours = [&] {
        asio::io_context loop;
        auto annotate = by_post ? std::function<void(int, Done)>{[&](int, Done done) { asio::post(loop, std::move(done)); }}
                                : std::function<void(int, Done)>{[](int, Done done) { done(); }};
        batchpace::BatchProcessor processor{loop, batchpace::Unlimited{}, batchpace::callback<void>(std::move(annotate))};
        return job_ns(loop, processor, numbers(count), no_check()) / static_cast<double>(count);
    };
    using Theirs = CallbackLoops::Done;
    auto const item = by_post ? CallbackLoops::Item{[](int, asio::io_context& loop, Theirs done) { asio::post(loop, done); }}
                              : CallbackLoops::Item{[](int, asio::io_context&, Theirs done) { done(); }};
    auto const t = alternate(effort.rounds(15), ours, [&] { return CallbackLoops::ns_per_item(count, item, with_timer); });
    return {ratios(t[0], t[1]), text("%.1f ns, callback loop %.1f ns", median(t[0]), median(t[1]))};
}

inline Figures sync_item_2_threads(Effort const& effort) {
    auto const count = effort.items(500'000);
    auto const t = alternate(
        effort.rounds(61), [&] { return ns_per_item_on_threads(2, count, empty); },
        [&] { return ns_per_item_on_threads(1, count, empty); });
    return {ratios(t[0], t[1]), text("%.2f ns, one thread %.2f ns (best rounds)", minimum(t[0]), minimum(t[1]))};
}

/// Of the best of many short rounds: whatever else the machine does takes the second core away.
inline Figures sync_item_2_threads_1us(Effort const& effort) {
    auto const count = effort.items(5'000);
    Spin::steps_per_us();
    auto const t = alternate(
        effort.rounds(61), [&] { return ns_per_item_on_threads(1, count, one_us); },
        [&] { return ns_per_item_on_threads(2, count, one_us); }, [&] { return bare_loop(count, one_us); },
        [&] { return bare_loop_two_threads(count, one_us); });
    Figures figures{ratios(t[0], t[1]),
                    text("%.0f ns, one thread %.0f ns (best rounds); the second core itself was worth %.2f",
                         minimum(t[1]), minimum(t[0]), minimum(t[2]) / minimum(t[3]))};
    figures.measured = minimum(t[0]) / minimum(t[1]);
    return figures;
}

}  // namespace bench
