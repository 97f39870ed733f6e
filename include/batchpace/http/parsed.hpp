// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/http/request_error.hpp>

#include <variant>

namespace batchpace::http {

/// What a body says, or why it is refused: `if (auto* error = std::get_if<RequestError>(&parsed)) …`.
template <class T>
using Parsed = std::variant<T, RequestError>;

}  // namespace batchpace::http
