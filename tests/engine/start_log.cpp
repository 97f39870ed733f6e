// SPDX-License-Identifier: BSL-1.0
#include <batchpace/engine/start_log.hpp>

#include "../catch.hpp"

#include <chrono>

using batchpace::duration;
using batchpace::time_point;
using batchpace::engine::StartLog;
using namespace std::chrono_literals;

namespace {

time_point at(duration d) { return time_point{100h} + d; }

}  // namespace

TEST_CASE("starts are counted by whole minutes", "[engine][start_log]") {
    StartLog log;
    CHECK(log.since() == time_point::max());
    CHECK_FALSE(StartLog::minutes(at(0s), log.since()));
    for (int i = 0; i < 60; ++i) log.note(at(10s * i));  // six a minute, ten minutes long
    CHECK(log.since() == at(0s));
    CHECK_FALSE(StartLog::minutes(at(2min), at(10s)));  // one whole minute only
    auto const three = StartLog::minutes(at(4min + 10s), at(10s));
    REQUIRE(three);
    CHECK(three->end - three->first == 3);
    CHECK(log.count(*three) == 18);
    auto const all = StartLog::minutes(at(10min), time_point::min());
    REQUIRE(all);
    CHECK(log.count(*all) == 60);
}

TEST_CASE("old minutes are forgotten, a pause makes a new beginning", "[engine][start_log]") {
    StartLog log;
    for (int i = 0; i < 30; ++i) log.note(at(1min * i));
    auto const latest = StartLog::minutes(at(30min), log.since());
    REQUIRE(latest);
    CHECK(latest->end - latest->first == StartLog::kept);
    CHECK(log.count(*latest) == StartLog::kept);
    CHECK(log.count(*StartLog::minutes(at(35min), log.since())) == StartLog::kept - 5);
    CHECK(log.count(*StartLog::minutes(at(90min), log.since())) == 0);
    log.note(at(90min));
    CHECK(log.since() == at(90min));
    log.forget(at(95min));
    CHECK(log.since() == at(95min));
    CHECK_FALSE(StartLog::minutes(at(97min), log.since()));
}
