// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/outcome.hpp>

#include <string>

namespace annotate_images {

/// The whole of a regular file. What will be so again next time (missing, not permitted, a folder) is a permanent
/// failure, what may pass (too many files open, a disk's hiccup) a transient one.
batchpace::Outcome<std::string> read_file(std::string const& path);

}  // namespace annotate_images
