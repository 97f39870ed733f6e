// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/http/field_error.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace batchpace::http {

/// Why a request's body is refused.
struct RequestError {
    enum class Kind : unsigned char {
        malformed,       ///< no JSON object: answered with 400
        invalid,         ///< well-formed, but `errors` are wrong: 422
        too_many_items,  ///< more items than the limit: 413
    };

    RequestError() = default;
    RequestError(Kind what, std::string text) : kind{what}, detail{std::move(text)} {}

    Kind kind = Kind::malformed;
    std::string detail;              ///< a sentence for people, of bounded length and valid UTF-8
    std::vector<FieldError> errors;  ///< where it is invalid: the first 100, in the order of the body
    std::size_t error_count = 0;     ///< all of them
};

}  // namespace batchpace::http
