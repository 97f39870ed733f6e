// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/tier.hpp>

#include <optional>
#include <string>
#include <utility>

namespace batchpace::http {

/// Who asks: whose jobs a request may see, and what it may use.
struct Caller {
    Caller() = default;
    explicit Caller(std::string whose, std::optional<Tier> what = {}) : tenant{std::move(whose)}, tier{what} {}

    std::string tenant;
    /// The tenant's tier, from its next start on; absent where the processor's own `tier_of` knows it, or there is
    /// none.
    /// Its name must outlive the API and the processor: a literal, as a rule.
    std::optional<Tier> tier;
};

}  // namespace batchpace::http
