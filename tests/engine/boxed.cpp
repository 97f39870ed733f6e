// SPDX-License-Identifier: BSL-1.0
#include <batchpace/engine/boxed.hpp>

#include "../catch.hpp"

#include <string>
#include <utility>

using batchpace::engine::Boxed;

TEST_CASE("a box costs a pointer, and holds what was put into it", "[engine][boxed]") {
    Boxed<std::string> box;
    STATIC_REQUIRE(sizeof box == sizeof(void*));
    CHECK_FALSE(box);
    CHECK(box.made().empty());
    CHECK(box);
    box->assign(1, 'x');
    CHECK(box.made() == "x");
    CHECK(std::as_const(box)->size() == 1);
    CHECK(box.emplace(3, 'y') == "yyy");
    auto other = std::move(box);
    CHECK(*other == "yyy");
    other.reset();
    CHECK_FALSE(other);
}
