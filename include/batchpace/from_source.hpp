// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

namespace batchpace {

/// Items that come as the job goes on; made by `from_source`.
template <class F>
class ItemSource {
public:
    ItemSource(F f, std::optional<std::uint64_t> promised) : pull{std::move(f)}, total{promised} {}

    F pull;
    std::optional<std::uint64_t> total;
};

/// Items too many for memory, or not known yet: `f(max)` returns a vector of up to `max` of them, or an awaitable of
/// one, and an empty vector at the end. It is called on the processor's executor, never twice at once, when half a
/// chunk is left. Give the `total` if it is known: progress, milestones and the estimate need it. An exception, or a
/// total that proves wrong, fails the job (`StopReason::source`). Duplicates are looked for within each chunk.
///
/// `processor.start_batch(batchpace::from_source([&](std::size_t max) { return cursor.fetch(max); }, 2'000'000))`
template <class F>
ItemSource<F> from_source(F f, std::optional<std::uint64_t> total = {}) {
    return {std::move(f), total};
}

}  // namespace batchpace
