// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/asio.hpp>

#include <concepts>
#include <type_traits>

namespace batchpace::inline BATCHPACE_FLAVOUR {

/// Where a processor's work runs: any Asio executor whose execution context can be asked for
/// (`io_context`, `thread_pool`, `strand`, `any_io_executor`, the simulation, or a host's own).
template <class E>
concept executor = std::copy_constructible<E> && std::equality_comparable<E> && requires(E const& ex) {
    { net::query(ex, net::execution::context) } -> std::convertible_to<net::execution_context&>;
    net::post(ex, [] {});
};

/// True where handlers of an executor type never run at the same time, whatever the host does.
/// A strand says so itself; specialise it for an executor of your own that is serial.
template <class E>
inline constexpr bool is_serial_executor = false;
template <class Inner>
inline constexpr bool is_serial_executor<net::strand<Inner>> = true;

}  // namespace batchpace::inline BATCHPACE_FLAVOUR
