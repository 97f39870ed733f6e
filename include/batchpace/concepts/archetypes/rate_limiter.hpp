// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/concepts/rate_limiter.hpp>

namespace batchpace::archetypes {

/// The least a type must have to be a `rate_limiter`; whatever compiles with it asks for no more than the concept says.
class RateLimiter {
public:
    RateLimiter() = delete;
    RateLimiter(RateLimiter&&) = default;
    RateLimiter& operator=(RateLimiter&&) = delete;

    time_point earliest(time_point, std::size_t) const;
    Permit take(time_point, std::size_t);
    void give_back(Permit);
};

static_assert(rate_limiter<RateLimiter>);
static_assert(!never_limits_v<RateLimiter>);

}  // namespace batchpace::archetypes
