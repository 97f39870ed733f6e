// SPDX-License-Identifier: BSL-1.0
#include "all_headers_backwards.hpp"

#include <boost/asio/io_context.hpp>

#include "run_jobs.hpp"

Ran run_on_boost_asio(batchpace::JobOptions const& options) { return run_jobs<boost::asio::io_context>(options); }
