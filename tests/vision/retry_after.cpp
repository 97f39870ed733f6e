// SPDX-License-Identifier: BSL-1.0
//
// How long a service asks to be left alone.
#include "annotation_server/retry_after.hpp"

#include "../catch.hpp"

using namespace annotation_server;
using namespace std::chrono_literals;

namespace {

// Sun, 06 Nov 1994 08:49:37 GMT
auto const then = std::chrono::system_clock::from_time_t(784'111'777);
std::string_view const own_clock = "Sun, 06 Nov 1994 08:49:37 GMT";

auto read(std::string_view retry_after, std::string_view date = {}, std::chrono::system_clock::time_point now = then) {
    return read_retry_after(retry_after, date, now);
}

}  // namespace

TEST_CASE("Retry-After may be seconds", "[vision]") {
    CHECK(read("120") == 120s);
    CHECK(read("0") == 0s);
    CHECK(read(" 7 ") == 7s);
    CHECK(read("007") == 7s);
}

TEST_CASE("Retry-After may be a date, in each of the three forms", "[vision]") {
    CHECK(read("Sun, 06 Nov 1994 08:49:57 GMT", own_clock) == 20s);
    CHECK(read("Sunday, 06-Nov-94 08:49:57 GMT", own_clock) == 20s);
    CHECK(read("Sun Nov  6 08:49:57 1994", own_clock) == 20s);
}

TEST_CASE("a date is read by the clock of whoever wrote it", "[vision]") {
    // Ours is an hour behind, or ahead.
    CHECK(read("Sun, 06 Nov 1994 08:49:57 GMT", own_clock, then - 1h) == 20s);
    CHECK(read("Sun, 06 Nov 1994 08:49:57 GMT", own_clock, then + 1h) == 20s);
    // Where it does not say what it shows, ours must do, and then to the millisecond, rounded up.
    CHECK(read("Sun, 06 Nov 1994 08:49:57 GMT", {}, then + 500ms) == 19'500ms);
    CHECK(read("Sun, 06 Nov 1994 08:49:57 GMT", "yesterday", then + 1us) == 20s);
}

TEST_CASE("a date that has passed asks for nothing", "[vision]") {
    CHECK(read("Sun, 06 Nov 1994 08:49:07 GMT", own_clock) == 0s);
    CHECK(read("Thu, 01 Jan 1970 00:00:00 GMT", own_clock) == 0s);
}

TEST_CASE("a wait is at most a year, whatever is asked for", "[vision]") {
    CHECK(read("99999999999999999999999999999999") == 24h * 365);
    CHECK(read("Fri, 31 Dec 9999 23:59:59 GMT", own_clock) == 24h * 365);
}

TEST_CASE("what is neither is no Retry-After", "[vision]") {
    for (auto const* text : {"", " ", "-1", "1.5", "soon", "5 minutes", "Sun, 06 Nov", "1994-11-06T08:49:57Z and more",
                             "Sun, 99 Foo 1994 88:49:57 GMT"})
        CHECK_FALSE(read(text, own_clock).has_value());
}
