// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/job_progress.hpp>
#include <batchpace/time.hpp>

#include <cstdint>
#include <string>

namespace annotate_images {

/// What became of a run, for people: the counts, and which error hit how many pictures, the most frequent first.
std::string summary(batchpace::JobProgress const& job, std::uint64_t already_done, batchpace::duration took);

/// "1 picture", "12 pictures".
std::string pictures(std::uint64_t count);

}  // namespace annotate_images
