// SPDX-License-Identifier: BSL-1.0
#pragma once

// CMakeLists.txt reads the project's version from these three lines.
#define BATCHPACE_VERSION_MAJOR 0
#define BATCHPACE_VERSION_MINOR 1
#define BATCHPACE_VERSION_PATCH 0

/// The version as one number for `#if`: 10203 is 1.2.3.
#define BATCHPACE_VERSION (BATCHPACE_VERSION_MAJOR * 10000 + BATCHPACE_VERSION_MINOR * 100 + BATCHPACE_VERSION_PATCH)

namespace batchpace {

inline constexpr int version_major = BATCHPACE_VERSION_MAJOR;  ///< raised when code that uses the library must change
inline constexpr int version_minor = BATCHPACE_VERSION_MINOR;  ///< raised when something is added
inline constexpr int version_patch = BATCHPACE_VERSION_PATCH;  ///< raised when something is repaired

}  // namespace batchpace
