// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "log.hpp"

#include <batchpace/hooks.hpp>

namespace annotation_server {

/// Hooks that log what happens to jobs: their start and end, retries, throttles, abandoned attempts, and that they have
/// stalled. The log must outlive the processor's loop.
batchpace::Hooks log_events(Log const& log);

}  // namespace annotation_server
