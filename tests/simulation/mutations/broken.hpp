// SPDX-License-Identifier: BSL-1.0
//
// Included before everything else where the library is broken on purpose (CMakeLists.txt beside this file).
#pragma once

#include <cstdlib>
#include <string_view>

/// True where the environment's BATCHPACE_BROKEN names this mutation.
#define BATCHPACE_BROKEN(name) \
    ([]() noexcept { \
        static bool const on = [] { \
            char const* const chosen = std::getenv("BATCHPACE_BROKEN"); \
            return chosen != nullptr && std::string_view{chosen} == #name; \
        }(); \
        return on; \
    }())
