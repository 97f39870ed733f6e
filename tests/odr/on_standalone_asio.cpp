// SPDX-License-Identifier: BSL-1.0
#include "all_headers_forwards.hpp"

#include <asio/io_context.hpp>

#include "run_jobs.hpp"

Ran run_on_standalone_asio(batchpace::JobOptions const& options) { return run_jobs<asio::io_context>(options); }
