// SPDX-License-Identifier: BSL-1.0
#include <batchpace/engine/competition.hpp>

#include "../catch.hpp"

#include <initializer_list>

using batchpace::engine::Competition;

namespace {

// Nanoseconds do not matter here: a call takes 1.
Competition::Party party(double calls, double lanes, double weight = 1.0) {
    return {calls, lanes, 1.0, weight, Competition::unlimited, 1.0, nullptr, 0.0, 0.0};
}

Competition of(std::initializer_list<Competition::Party> parties) {
    Competition all;
    for (auto const& p : parties) all.add(p);
    return all;
}

double share(Competition const& all, std::size_t i) {
    double sum = 0.0;
    for (auto const& p : all) sum += p.share;
    return (all.begin() + i)->share / sum;
}

auto const without_end = [](Competition::Party const&) { return 1e18; };

}  // namespace

TEST_CASE("one alone has everything", "[engine][competition]") {
    auto all = of({party(100, 5)});
    all.divide({});
    CHECK(all.alone());
    CHECK(all.ahead(without_end).calls == 100.0);
    CHECK(all.my_part() == 1.0);
    CHECK(all.speed() == 5.0);
}

TEST_CASE("lanes under a cap go by weight, to nobody more than it can use", "[engine][competition]") {
    auto all = of({party(100, 8), party(100, 8, 3)});
    all.divide({.lanes = 8});
    CHECK(all.me().given_lanes == Approx(2.0));
    CHECK(share(all, 1) == Approx(0.75));
    all = of({party(100, 8), party(100, 2, 3)});
    all.divide({.lanes = 8});
    CHECK(all.me().given_lanes == Approx(6.0));
    CHECK(share(all, 1) == Approx(0.25));
    all = of({party(100, 3), party(100, 2, 3)});
    all.divide({.lanes = 8});  // enough for all
    CHECK(all.me().given_lanes == 3.0);
}

TEST_CASE("permits that come one by one go by weight", "[engine][competition]") {
    auto all = of({party(100, 5), party(100, 50, 3)});
    all.divide({.rated = true});
    CHECK(share(all, 1) == Approx(0.75));
    all.divide({.rated = true, .round = 10, .every = 60, .spread = 60});
    CHECK(share(all, 1) == Approx(0.75));
}

TEST_CASE("permits that come all at once go to whoever has lanes", "[engine][competition]") {
    auto all = of({party(100, 5), party(100, 5, 3)});
    all.divide({.rated = true, .round = 100, .every = 60, .spread = 0});
    CHECK(share(all, 1) == Approx(0.5));  // whatever the weight
    all = of({party(100, 2), party(100, 10)});
    all.divide({.rated = true, .round = 100, .every = 60, .spread = 0});
    CHECK(share(all, 1) == Approx(10.0 / 12.0));
    all = of({party(100, 100), party(100, 100, 3)});
    all.divide({.rated = true, .round = 100, .every = 60, .spread = 0});
    CHECK(share(all, 1) == Approx(0.75));  // lanes for all of them: then it is a matter of turns
}

TEST_CASE("who has a limit of its own takes no more than that", "[engine][competition]") {
    auto slow = party(1'000, 5);
    slow.rate = 20.0 / 60.0;
    auto all = of({party(100, 5), slow});
    all.divide({.rated = true, .round = 100, .every = 60, .spread = 0});
    CHECK(share(all, 1) == Approx(0.2));
}

TEST_CASE("until my last call others have made theirs, or their share", "[engine][competition]") {
    auto all = of({party(100, 5), party(30, 5), party(1'000, 5, 2)});
    all.divide({.rated = true});
    auto const ahead = all.ahead(without_end);
    CHECK(ahead.calls == Approx(100 + 30 + 200));
    CHECK(ahead.work == Approx(330));
    CHECK(all.ahead([](auto const&) { return 10.0; }).calls == Approx(120));
    all.scale(2);
    CHECK(all.ahead(without_end).calls == Approx(100 + 60 + 400));
    all.replace_shares([](auto const&) { return 0.0; });
    CHECK(all.ahead(without_end).calls == 100.0);
}
