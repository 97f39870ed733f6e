// SPDX-License-Identifier: BSL-1.0
#include "all_headers_forwards.hpp"

int const* version_in_two();

int main() {
    // The same object in both units, or something in a header is not inline.
    return &batchpace::version_minor == version_in_two() ? 0 : 1;
}
