// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace batchpace {

/// A document as compact text. Never throws for what the strings in it hold: bytes that are no UTF-8 become U+FFFD
/// (item ids and error messages are the host's and the service's; a snapshot must not fail for them). `json::dump`
/// with its default arguments throws there.
inline std::string dump(nlohmann::json const& document) {
    return document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace batchpace
