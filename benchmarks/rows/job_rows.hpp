// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "rows/items.hpp"
#include "support/contenders.hpp"
#include "support/harness.hpp"
#include "support/jobs.hpp"

#include <batchpace/batch_processor.hpp>

#include <asio/io_context.hpp>
#include <asio/post.hpp>

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <system_error>
#include <unordered_set>
#include <utility>
#include <vector>

/// What a job costs, beside its items.
namespace bench {

inline std::vector<std::string> image_ids(std::size_t count) {
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < count; ++i) ids.push_back("image-" + std::to_string(1'000'000 + i));
    return ids;
}

inline Figures start_item(Effort const& effort) {
    auto const count = effort.items(100'000);
    auto const start = [&] {
        asio::io_context loop;
        batchpace::BatchProcessor processor{loop, batchpace::Unlimited{}, [](std::string_view id) { keep(id.size()); }};
        auto ids = image_ids(count);
        Stopwatch const stopwatch;
        auto const job = processor.start_batch(std::move(ids));
        auto const took = stopwatch.ns();
        require(processor.progress(job)->total == count, "not every item was started");
        return took / static_cast<double>(count);
    };
    auto const hash_set = [&] {
        auto const ids = image_ids(count);
        Stopwatch const stopwatch;
        std::unordered_set<std::string_view> seen;
        seen.reserve(count);
        for (auto const& id : ids) require(seen.insert(id).second, "two ids are the same");
        return stopwatch.ns() / static_cast<double>(count);
    };
    auto const t = alternate(
        effort.rounds(15), start, [&] { return HopChain::ns_per_item(count, empty); }, hash_set);
    return {ratios(t[0], t[1]),
            text("%.1f ns, a hop %.1f ns, std::unordered_set %.1f ns", median(t[0]), median(t[1]), median(t[2]))};
}

/// One job after another, each started by the handler that was told of the one before.
inline Figures empty_job(Effort const& effort) {
    auto const count = static_cast<int>(effort.items(2'000));
    auto const t = alternate(effort.rounds(15), [&] {
        asio::io_context loop;
        batchpace::BatchProcessor processor{loop, batchpace::Unlimited{}, empty};
        int left = count;
        std::function<void()> next = [&] {
            if (left-- == 0) return;
            auto const job = processor.start_batch(Ints{left});
            processor.async_wait(job, [&](std::error_code, batchpace::JobProgress const& p) {
                require(p.successful == 1, "a job did not annotate its item");
                next();
            });
        };
        asio::post(loop, next);
        Stopwatch const stopwatch;
        loop.run();
        return stopwatch.ns() / 1'000 / count;
    });
    return Figures{t[0], "start_batch, async_wait, its handler"}.best();
}

}  // namespace bench
