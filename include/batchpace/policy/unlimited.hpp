// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/permit.hpp>
#include <batchpace/time.hpp>

#include <cstddef>
#include <cstdint>

namespace batchpace {

/// A rate limiter that does not limit, for a service without a limit: `BatchProcessor{loop, Unlimited{}, annotator}`.
/// The engine sees `unlimited` and never asks. It has no state: safe to use from any thread.
class Unlimited {
public:
    static constexpr bool unlimited = true;

    time_point earliest(time_point now, std::size_t) const noexcept { return now; }
    Permit take(time_point now, std::size_t cost) noexcept { return {now, cost}; }
    void give_back(Permit) noexcept {}
    time_point last_of(time_point now, std::uint64_t) const noexcept { return now; }
};

}  // namespace batchpace
