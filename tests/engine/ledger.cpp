// SPDX-License-Identifier: BSL-1.0
#include <batchpace/engine/ledger.hpp>

#include "../catch.hpp"

#include <cstdint>
#include <string>
#include <vector>

using batchpace::FailureKind;
using batchpace::ItemError;
using batchpace::wall_time;
using batchpace::engine::Ledger;

namespace {
ItemError error(std::string text) { return {"item", std::move(text), 1, FailureKind::transient, {}}; }
}  // namespace

TEST_CASE("a ledger counts what ended and how", "[engine][ledger]") {
    Ledger ledger{10};
    ledger.succeeded(3);
    ledger.failed(7, error("no"));
    ledger.failed(2, error("no"));
    ledger.failed(9, error("never"));
    CHECK(ledger.successful() == 3);
    CHECK(ledger.failed() == 3);
    CHECK(ledger.processed() == 6);
    std::vector<std::uint64_t> items;
    ledger.failed_items().each(0, [&](std::uint64_t index) {
        items.push_back(index);
        return true;
    });
    CHECK(items == std::vector<std::uint64_t>{2, 7, 9});
    CHECK(ledger.distribution() == std::map<std::string, std::uint64_t>{{"no", 2}, {"never", 1}});
    REQUIRE(ledger.errors().size() == 3);
    CHECK(ledger.errors()[2] == error("never"));
}

TEST_CASE("errors are kept up to a bound and all are counted", "[engine][ledger]") {
    Ledger ledger{2};
    for (std::uint64_t i = 0; i < 5; ++i) ledger.failed(i, error(std::to_string(i)));
    CHECK(ledger.errors().size() == 2);
    CHECK(ledger.errors()[1].error == "1");
    CHECK(ledger.failed() == 5);
    CHECK(ledger.distribution().size() == 5);
    Ledger none{0};
    none.failed(0, error("x"));
    CHECK(none.errors().empty());
    CHECK(none.failed() == 1);
}

TEST_CASE("distinct texts are bounded, the rest is counted together", "[engine][ledger]") {
    Ledger ledger{0};
    for (std::uint64_t i = 0; i < 300; ++i) ledger.failed(i, error("text " + std::to_string(i)));
    ledger.failed(300, error("text 5"));
    CHECK(ledger.distribution().size() == Ledger::most_texts + 1);
    CHECK(ledger.distribution().at("(other errors)") == 300 - Ledger::most_texts);
    CHECK(ledger.distribution().at("text 5") == 2);
}

TEST_CASE("long texts are cut between two characters", "[engine][ledger]") {
    Ledger ledger{4};
    ledger.failed(0, error(std::string(Ledger::longest_text, 'x')));
    CHECK(ledger.errors()[0].error.size() == Ledger::longest_text);
    ledger.failed(1, error(std::string(5'000, 'x')));
    CHECK(ledger.errors()[1].error == std::string(Ledger::longest_text, 'x') + "…");
    // the limit falls into the middle of an umlaut
    ledger.failed(2, error(std::string(Ledger::longest_text - 1, 'x') + "üüü"));
    CHECK(ledger.errors()[2].error == std::string(Ledger::longest_text - 1, 'x') + "…");
    ledger.failed(3, error(std::string(5'000, '\x80')));  // no character at all
    CHECK(ledger.errors()[3].error == "…");
}

TEST_CASE("milestones are passed once, in order, also several at once", "[engine][ledger]") {
    Ledger ledger{0};
    CHECK_FALSE(ledger.milestone_due(0));
    CHECK_FALSE(ledger.milestone_due(8));
    ledger.succeeded(1);
    CHECK_FALSE(ledger.milestone_due(8));
    ledger.succeeded(1);
    CHECK(ledger.milestone_due(8));
    ledger.pass_milestones(8, 3, wall_time{});
    CHECK_FALSE(ledger.milestone_due(8));
    ledger.pass_milestones(8, 4, wall_time{});
    REQUIRE(ledger.milestones().size() == 1);
    CHECK(ledger.milestones()[0] == batchpace::Milestone{25, 2, 8, 3, {}});
    ledger.succeeded(5);
    ledger.failed(7, error("no"));
    ledger.pass_milestones(8, 9, wall_time{});
    REQUIRE(ledger.milestones().size() == 4);
    CHECK(ledger.milestones()[1].percentage == 50);
    CHECK(ledger.milestones()[2].percentage == 75);
    CHECK(ledger.milestones()[3] == batchpace::Milestone{100, 8, 8, 9, {}});
    CHECK_FALSE(ledger.milestone_due(8));
}
