// SPDX-License-Identifier: BSL-1.0
#include <batchpace/engine/result_log.hpp>

#include "../catch.hpp"

#include <cstdint>
#include <utility>
#include <vector>

using batchpace::ItemStatus;
using batchpace::engine::ItemRange;
using batchpace::engine::ResultLog;

namespace {

using Log = ResultLog<int>;

Log::Entry entry(ItemRange items, int annotation = 0) {
    Log::Entry e;
    e.items = items;
    e.annotation = annotation;
    return e;
}

std::vector<std::uint64_t> read(Log const& log, std::uint64_t from, std::uint64_t most, std::uint64_t& next) {
    std::vector<std::uint64_t> seen;
    next = log.read(from, most, [&](Log::Entry const&, std::uint64_t index) { seen.push_back(index); });
    return seen;
}

using Items = std::vector<std::uint64_t>;

// Returns what was dropped for it.
std::vector<ItemRange> push(Log& log, Log::Entry e) {
    std::vector<ItemRange> dropped;
    log.push(std::move(e), [&](ItemStatus, ItemRange items) { dropped.push_back(items); });
    return dropped;
}

}  // namespace

TEST_CASE("results are read in the order of ending", "[engine][result_log]") {
    Log log{100};
    std::uint64_t next = 7;
    CHECK(read(log, 0, 10, next).empty());
    CHECK(next == 0);
    push(log, entry({5, 6}, 50));
    push(log, entry({2, 3}, 20));
    push(log, entry({9, 10}, 90));
    CHECK(log.first_available() == 0);
    CHECK(log.next() == 3);
    CHECK(read(log, 0, 10, next) == Items{5, 2, 9});
    CHECK(next == 3);
    CHECK(read(log, 1, 1, next) == Items{2});
    CHECK(next == 2);
    CHECK(read(log, 3, 10, next).empty());
    CHECK(next == 3);
    log.read(2, 1, [](Log::Entry const& e, std::uint64_t) { CHECK(e.annotation == 90); });
}

TEST_CASE("a run of items is one entry and is read item by item", "[engine][result_log]") {
    Log log{100};
    push(log, entry({0, 1}));
    push(log, entry({10, 20}));
    push(log, entry({3, 4}));
    std::uint64_t next = 0;
    CHECK(read(log, 0, 4, next) == Items{0, 10, 11, 12});
    CHECK(next == 4);
    CHECK(read(log, next, 100, next) == Items{13, 14, 15, 16, 17, 18, 19, 3});
    CHECK(next == 12);
    std::vector<ItemRange> ranges;
    auto const drained = log.drain();
    for (auto const& e : *drained) ranges.push_back(e.items);
    CHECK(ranges == std::vector<ItemRange>{{0, 1}, {10, 20}, {3, 4}});
    CHECK(log.size() == 0);
    CHECK_FALSE(log.drain());
    CHECK(log.bytes() == 0);
    CHECK(read(log, 0, 100, next).empty());
    CHECK(next == 12);
}

TEST_CASE("only the latest results are kept, and what was dropped is known", "[engine][result_log]") {
    Log log{4};
    push(log, entry({0, 1}));
    push(log, entry({10, 13}));
    CHECK(log.first_available() == 0);
    CHECK(push(log, entry({1, 2})) == std::vector<ItemRange>{{0, 1}});
    CHECK(log.first_available() == 1);
    CHECK(push(log, entry({2, 3})) == std::vector<ItemRange>{{10, 11}});  // half a run goes
    CHECK(log.first_available() == 2);
    CHECK(log.next() == 6);
    std::uint64_t next = 0;
    CHECK(read(log, 0, 100, next) == Items{11, 12, 1, 2});
    CHECK(next == 6);
    // More than all of it at once.
    CHECK(push(log, entry({100, 1'000'100})) == std::vector<ItemRange>{{11, 13}, {1, 2}, {2, 3}, {100, 1'000'096}});
    CHECK(log.first_available() == 1'000'002);
    CHECK(read(log, 0, 100, next) == Items{1'000'096, 1'000'097, 1'000'098, 1'000'099});
    CHECK(next == 1'000'006);
}

TEST_CASE("a log that keeps nothing still counts", "[engine][result_log]") {
    Log log{0};
    CHECK(push(log, entry({0, 10})) == std::vector<ItemRange>{{0, 10}});
    CHECK(log.next() == 10);
    CHECK(log.first_available() == 10);
    std::uint64_t next = 0;
    CHECK(read(log, 0, 100, next).empty());
    CHECK(next == 10);
}
