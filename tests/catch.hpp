// SPDX-License-Identifier: BSL-1.0
#pragma once

// Catch2 2 and Catch2 3 name their header differently; the tests use only what both have.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif
