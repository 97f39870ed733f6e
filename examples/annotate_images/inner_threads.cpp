// SPDX-License-Identifier: BSL-1.0
#include "inner_threads.hpp"

#include <cstdlib>
#include <unistd.h>

namespace annotate_images {

void start_over_without_inner_threads(char** arguments) {
    if (std::getenv("OMP_THREAD_LIMIT") != nullptr || ::setenv("OMP_THREAD_LIMIT", "1", 0) != 0) return;
    ::execv("/proc/self/exe", arguments);
}

}  // namespace annotate_images
