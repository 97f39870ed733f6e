// SPDX-License-Identifier: BSL-1.0
#include <batchpace/engine/slim.hpp>

#include <batchpace/time.hpp>

#include "../catch.hpp"

#include <cstdint>
#include <optional>

using batchpace::engine::Slim;

namespace {
template <class T>
void does_what_an_optional_does(T value) {
    STATIC_REQUIRE(sizeof(Slim<T>) == sizeof(T));
    Slim<T> slim;
    CHECK_FALSE(slim);
    CHECK_FALSE(std::optional<T>{slim}.has_value());
    slim = value;
    CHECK(slim.has_value());
    CHECK(*slim == value);
    CHECK(std::optional<T>{slim} == value);
    slim = std::optional<T>{};
    CHECK_FALSE(slim);
    slim = std::optional<T>{T{}};
    CHECK(slim);
    CHECK(*slim == T{});
}
}  // namespace

TEST_CASE("a slim optional is one, but for one value", "[engine][slim]") {
    does_what_an_optional_does<int>(-7);
    does_what_an_optional_does<std::int64_t>(7);
    does_what_an_optional_does<std::uint64_t>(UINT64_MAX - 1);
    does_what_an_optional_does<double>(-0.5);
    does_what_an_optional_does<batchpace::duration>(batchpace::duration{-1});
    does_what_an_optional_does<batchpace::wall_time>(batchpace::wall_time::max());
}
