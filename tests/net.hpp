// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/asio.hpp>

// What tests need of Asio beyond what the library includes. They say `asio::`, whichever of the two it is; only the
// error codes differ, for which they say `net_error_code` and `net_system_error`.
#if defined(BATCHPACE_USE_BOOST_ASIO)
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
namespace asio = boost::asio;
#else
#include <asio/bind_executor.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <asio/thread_pool.hpp>
#include <asio/use_future.hpp>
#endif
