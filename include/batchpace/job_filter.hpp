// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/job_id.hpp>
#include <batchpace/job_status.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace batchpace {

/// Which jobs to list; what is absent is not asked for.
struct JobFilter {
    std::optional<JobStatus> status = {};
    std::optional<std::string_view> tenant = {};
    bool active_only = false;           ///< only those that have not finished
    std::optional<JobId> after = {};    ///< only those older than this one: the next page
    std::size_t limit = SIZE_MAX;       ///< at most so many
};

}  // namespace batchpace
