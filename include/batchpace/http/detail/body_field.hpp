// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/http/detail/string_list.hpp>
#include <batchpace/time.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace batchpace::http::detail {

/// A member that a body may have: its name, where its value goes, and what is allowed.
struct BodyField {
    using Into = std::variant<std::optional<int>*, std::optional<duration>*, std::optional<bool>*,
                              std::optional<std::string>*, StringList*>;

    std::string_view name;
    Into into;
    std::int64_t least = 1;                               ///< integers, milliseconds; strings: 1 refuses the empty one
    std::int64_t most = std::numeric_limits<int>::max();   ///< integers, milliseconds; strings: in bytes
    bool required = false;
};

}  // namespace batchpace::http::detail
