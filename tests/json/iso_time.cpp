// SPDX-License-Identifier: BSL-1.0
#include <batchpace/json/iso_time.hpp>

#include "../catch.hpp"
#ifdef BATCHPACE_HAS_RAPIDCHECK
#include <rapidcheck/catch.h>
#endif

#include <chrono>
#include <string>

using batchpace::IsoTime;
using batchpace::wall_time;
using namespace std::chrono_literals;

namespace {

wall_time at(std::chrono::milliseconds ms) { return wall_time{} + ms; }

}  // namespace

TEST_CASE("a time is written in ISO 8601 with milliseconds", "[json][time]") {
    CHECK(IsoTime::text(wall_time{}) == "1970-01-01T00:00:00.000Z");
    CHECK(IsoTime::text(at(1'767'323'045'678ms)) == "2026-01-02T03:04:05.678Z");
    CHECK(IsoTime::text(at(951'782'400'000ms)) == "2000-02-29T00:00:00.000Z");
    CHECK(IsoTime::text(at(-1ms)) == "1969-12-31T23:59:59.999Z");
    CHECK(IsoTime::text(wall_time{} + 1'999'999ns) == "1970-01-01T00:00:00.001Z");
    CHECK(IsoTime::text(wall_time{} - 1ns) == "1969-12-31T23:59:59.999Z");
    CHECK(IsoTime::text(wall_time::max()) == "2262-04-11T23:47:16.854Z");
    CHECK(IsoTime::text(wall_time::min()) == "1677-09-21T00:12:44.000Z");  // the first whole second
}

TEST_CASE("a time is read with any fraction up to nanoseconds", "[json][time]") {
    CHECK(IsoTime::parse("2026-01-02T03:04:05.678Z") == at(1'767'323'045'678ms));
    CHECK(IsoTime::parse("2026-01-02T03:04:05Z") == at(1'767'323'045'000ms));
    CHECK(IsoTime::parse("2026-01-02T03:04:05.6Z") == at(1'767'323'045'600ms));
    CHECK(IsoTime::parse("1970-01-01T00:00:00.123456789Z") == wall_time{} + 123'456'789ns);
    CHECK(IsoTime::parse("1969-12-31T23:59:59.999Z") == at(-1ms));
    CHECK(IsoTime::parse(IsoTime::text(wall_time::max())));
    CHECK(IsoTime::parse("2262-04-11T23:47:16.854775807Z") == wall_time::max());
    CHECK(IsoTime::parse(IsoTime::text(wall_time::min())));
}

TEST_CASE("what is no time is not read", "[json][time]") {
    for (auto const* text :
         {"", "Z", "2026", "2026-01-02", "2026-01-02T03:04:05", "2026-01-02T03:04:05.Z",
          "2026-01-02T03:04:05.1234567890Z", "2026-01-02T03:04:05+00:00", "2026-01-02T03:04:05z",
          "2026-01-02 03:04:05Z", "2026-1-02T03:04:05Z",
          "2026-13-02T03:04:05Z", "2026-00-02T03:04:05Z", "2026-02-29T03:04:05Z", "2026-01-32T03:04:05Z",
          "2026-01-02T24:00:00Z", "2026-01-02T03:60:05Z", "2026-01-02T03:04:60Z", "2026-01-02T03:04:05.6x8Z",
          " 2026-01-02T03:04:05Z", "2026-01-02T03:04:05,678Z", "-026-01-02T03:04:05Z", "2026-01-02T+3:04:05Z",
          "1677-09-21T00:12:43Z", "2262-04-11T23:47:16.854775808Z", "2262-04-11T23:47:17Z", "9999-01-01T00:00:00Z",
          "0000-01-01T00:00:00Z"}) {
        CAPTURE(text);
        CHECK_FALSE(IsoTime::parse(text));
    }
}

#ifdef BATCHPACE_HAS_RAPIDCHECK
TEST_CASE("a time comes back from its text, cut off to milliseconds", "[json][time]") {
    rc::prop("text and back", [](std::int64_t ns) {
        auto const time = wall_time{} + std::chrono::nanoseconds{ns};
        RC_PRE(time > wall_time::min() + 1s);
        RC_ASSERT(IsoTime::parse(IsoTime::text(time)).value() == std::chrono::floor<std::chrono::milliseconds>(time));
    });
}
#endif
