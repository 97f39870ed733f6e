// SPDX-License-Identifier: BSL-1.0
#include <batchpace/engine/lane_word.hpp>

#include "../catch.hpp"

#include <cstdint>

using batchpace::engine::LaneWord;

TEST_CASE("a lane's word is closed until a block is opened", "[engine][lane_word]") {
    LaneWord word;
    CHECK(word.load().closed());
    CHECK_FALSE(word.try_start());
    CHECK(word.load().started() == 0);
    word.open();
    CHECK_FALSE(word.load().closed());
    CHECK(word.try_start());
    CHECK(word.load().started() == 1);
}

TEST_CASE("starting an item ends the one in flight", "[engine][lane_word]") {
    LaneWord word;
    word.open();
    REQUIRE(word.try_start());
    CHECK(word.load().in_flight());
    CHECK(word.load().ended() == 0);
    REQUIRE(word.try_start());
    CHECK(word.load().in_flight());
    CHECK(word.load().started() == 2);
    CHECK(word.load().ended() == 1);

    auto const before = word.end();
    CHECK(before.in_flight());
    CHECK_FALSE(word.load().in_flight());
    CHECK(word.load().ended() == 2);
    CHECK_FALSE(word.end().in_flight());  // again: nothing happens
    CHECK(word.load().ended() == 2);
}

TEST_CASE("a closed word starts nothing and tells what had been started", "[engine][lane_word]") {
    LaneWord word;
    word.open();
    REQUIRE(word.try_start());
    auto const before = word.close();
    CHECK_FALSE(before.closed());
    CHECK(before.started() == 1);
    CHECK(before.in_flight());
    CHECK_FALSE(word.try_start());
    CHECK(word.load().started() == 1);
    CHECK(word.load().in_flight());  // the attempt goes on
    CHECK(word.close().closed());
    CHECK_FALSE(word.load().abandoned());
}

TEST_CASE("only the attempt that is still in flight can be abandoned", "[engine][lane_word]") {
    LaneWord word;
    word.open();
    CHECK_FALSE(word.abandon(0));
    REQUIRE(word.try_start());
    REQUIRE(word.try_start());
    CHECK_FALSE(word.abandon(1));  // it has ended
    CHECK_FALSE(word.load().closed());
    CHECK(word.abandon(2));
    CHECK(word.load().abandoned());
    CHECK_FALSE(word.try_start());
    CHECK(word.load().ended() == 1);
    CHECK(word.end().abandoned());  // so the late answer knows
}

TEST_CASE("an attempt that has ended cannot be abandoned", "[engine][lane_word]") {
    LaneWord word;
    word.open();
    REQUIRE(word.try_start());
    word.end();
    CHECK_FALSE(word.abandon(1));
    CHECK_FALSE(word.load().abandoned());
}
