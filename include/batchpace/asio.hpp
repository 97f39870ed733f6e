// SPDX-License-Identifier: BSL-1.0
#pragma once

/// The one place that includes Asio: standalone by default, Boost.Asio (1.81 or later) where
/// `BATCHPACE_USE_BOOST_ASIO` is defined. What depends on the flavour lives in an inline namespace of its name, so
/// that one program can use both; `batchpace::net` is the Asio in use.

#include <system_error>

#if defined(BATCHPACE_USE_BOOST_ASIO)

#include <boost/version.hpp>
#if BOOST_VERSION < 108100
#error "batchpace: BATCHPACE_USE_BOOST_ASIO needs Boost 1.81 or later; see docs/both_asios.md"
#endif

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/execution.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/is_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#define BATCHPACE_FLAVOUR boost_asio
#if defined(BOOST_ASIO_HAS_CO_AWAIT)
#define BATCHPACE_HAS_CO_AWAIT 1
#endif

namespace batchpace::inline BATCHPACE_FLAVOUR {
namespace net = boost::asio;
/// The error code of completion signatures.
using net_error_code = boost::system::error_code;
using net_system_error = boost::system::system_error;
}  // namespace batchpace::inline BATCHPACE_FLAVOUR

#else

#include <asio/any_io_executor.hpp>
#include <asio/associated_allocator.hpp>
#include <asio/associated_cancellation_slot.hpp>
#include <asio/associated_executor.hpp>
#include <asio/async_result.hpp>
#include <asio/awaitable.hpp>
#include <asio/basic_waitable_timer.hpp>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/bind_executor.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/dispatch.hpp>
#include <asio/error.hpp>
#include <asio/execution.hpp>
#include <asio/execution_context.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/is_executor.hpp>
#include <asio/post.hpp>
#include <asio/strand.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#define BATCHPACE_FLAVOUR standalone_asio
#if defined(ASIO_HAS_CO_AWAIT)
#define BATCHPACE_HAS_CO_AWAIT 1
#endif

namespace batchpace::inline BATCHPACE_FLAVOUR {
namespace net = ::asio;
/// The error code of completion signatures.
using net_error_code = std::error_code;
using net_system_error = std::system_error;
}  // namespace batchpace::inline BATCHPACE_FLAVOUR

#endif
