// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "both.hpp"

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>

// What both units do, each in its flavour. Unnamed, since it is not the same function in both.
namespace {

// Item 3 fails twice, item 4 for good.
class Annotator {
public:
    batchpace::net::awaitable<int> operator()(int item, batchpace::Attempt const& attempt) const {
        co_await batchpace::sleep_for(std::chrono::milliseconds{1}, batchpace::net::use_awaitable);
        if (item == 3 && attempt.number() < 3) throw std::runtime_error{"not yet"};
        if (item == 4) throw std::invalid_argument{"never"};
        co_return item;
    }
};

template <class Context, class Run>
batchpace::JobProgress run_job(Context& context, batchpace::JobOptions const& options, Run run) {
    batchpace::RetryPolicy const retry{batchpace::FixedBackoff{std::chrono::milliseconds{1}}};
    batchpace::BatchProcessor processor{context, batchpace::SlidingWindow{10'000, std::chrono::minutes{1}}, Annotator{},
                                        batchpace::ProcessorOptions{}, batchpace::Hooks{}.retry(retry)};
    std::optional<batchpace::JobProgress> last;
    auto const job = processor.start_batch({0, 1, 2, 3, 4}, options);
    processor.async_wait(job, [&](batchpace::net_error_code, batchpace::JobProgress p) { last = std::move(p); });
    run();
    return last.value();
}

template <class Loop>
Ran run_jobs(batchpace::JobOptions const& options) {
    Ran ran;
    Loop loop;
    ran.on_loop = run_job(loop, options, [&] { loop.run(); });
    batchpace::testing::Simulation sim{1};
    ran.simulated = run_job(sim, options, [&] { sim.run(); });
    ran.category = &batchpace::error_category();
    return ran;
}

}  // namespace
