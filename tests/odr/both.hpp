// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/job_options.hpp>
#include <batchpace/job_progress.hpp>

#include <system_error>

// What the units of one program pass to each other: vocabulary, which is the same in both flavours.
struct Ran {
    batchpace::JobProgress on_loop;
    batchpace::JobProgress simulated;
    std::error_category const* category = nullptr;
};
Ran run_on_standalone_asio(batchpace::JobOptions const& options);
Ran run_on_boost_asio(batchpace::JobOptions const& options);
