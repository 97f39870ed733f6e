// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>
#include <utility>

namespace batchpace::http {

/// One field of a request that is wrong, and what is wrong with it.
struct FieldError {
    FieldError() = default;
    FieldError(std::string name, std::string text) : field{std::move(name)}, message{std::move(text)} {}

    std::string field;    ///< as the client wrote it, "imageIds[17]" for an element; long names are cut off
    std::string message;  ///< "must be from 1 to 1000, not 0"

    friend bool operator==(FieldError const&, FieldError const&) = default;
};

}  // namespace batchpace::http
