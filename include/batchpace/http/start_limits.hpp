// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>

namespace batchpace::http {

/// How much one `POST /start` may ask for. Lengths are bytes of UTF-8.
struct StartLimits {
    std::size_t max_items = 100'000;
    std::size_t max_id_length = 1'024;
    std::size_t max_label_length = 200;
    std::size_t max_key_length = 200;
};

}  // namespace batchpace::http
