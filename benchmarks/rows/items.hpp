// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "support/contenders.hpp"
#include "support/harness.hpp"

#include <asio/awaitable.hpp>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>

#include <functional>

/// The items of the rows, the same calls on both sides.
namespace bench {

inline Item const empty = [](int index) { keep(index); };
inline Item const one_us = [](int index) {
    keep(index);
    Spin::run(Spin::steps_per_us());
};
/// For many items at once: one byte each.
using Tiny = unsigned char;
inline std::function<void(Tiny)> const tiny = [](Tiny item) { keep(item); };
inline AwaitableItem const ready = [](int index) -> asio::awaitable<void> {
    keep(index);
    co_return;
};
inline AwaitableItem const suspending_once = [](int index) -> asio::awaitable<void> {
    keep(index);
    co_await asio::post(asio::use_awaitable);
};

}  // namespace bench
