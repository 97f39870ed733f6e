// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/concepts/retry_policy.hpp>

namespace batchpace::archetypes {

/// The least a type must have to be a `retry_policy`; whatever compiles with it asks for no more than the concept says.
class RetryPolicy {
public:
    RetryPolicy() = delete;
    RetryPolicy(RetryPolicy&&) = default;
    RetryPolicy& operator=(RetryPolicy&&) = delete;

    std::optional<duration> next(Failure const&, int, Random&);
};

static_assert(retry_policy<RetryPolicy>);

}  // namespace batchpace::archetypes
