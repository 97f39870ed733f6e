// SPDX-License-Identifier: BSL-1.0
#pragma once

namespace batchpace {

/// `processor.async_start_batch(ids, options, batchpace::explain, token)` also completes with the reason of a refusal in
/// words: the duplicate item's name, the option and its range.
struct explain_t {};
inline constexpr explain_t explain{};

}  // namespace batchpace
