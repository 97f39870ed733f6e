// SPDX-License-Identifier: BSL-1.0
#include "all_headers_backwards.hpp"

int const* version_in_two();

int const* version_in_two() {
    return &batchpace::version_minor;
}
