// SPDX-License-Identifier: BSL-1.0
#include <batchpace/engine/item_chunks.hpp>

#include "../catch.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using batchpace::engine::ItemChunks;

namespace {
std::vector<std::string> items(int from, int to) {
    std::vector<std::string> made;
    for (; from < to; ++from) made.push_back(std::to_string(from));
    return made;
}
}  // namespace

TEST_CASE("chunks keep their items under one count", "[engine][item_chunks]") {
    ItemChunks<std::string> chunks;
    CHECK(chunks.chunk_end(0) == 0);
    CHECK(chunks.lookup(0) == nullptr);
    chunks.append(items(0, 4));
    chunks.append(items(4, 10));
    CHECK(*chunks.lookup(0) == "0");
    CHECK(*chunks.lookup(3) == "3");
    CHECK(*chunks.lookup(4) == "4");
    CHECK(*chunks.lookup(9) == "9");
    CHECK(chunks.lookup(10) == nullptr);
    CHECK(chunks.chunk_end(0) == 4);
    CHECK(chunks.chunk_end(3) == 4);
    CHECK(chunks.chunk_end(4) == 10);
    CHECK(chunks.chunk_end(10) == 10);
    CHECK(chunks.chunk(5)->begin == 4);
    CHECK(chunks.chunk(5)->end() == 10);
    CHECK(chunks.chunk(5)->item(5) == "5");
}

TEST_CASE("a chunk of a source is given up when all its items have ended", "[engine][item_chunks]") {
    ItemChunks<std::string> chunks;
    chunks.append(items(0, 4));
    chunks.append(items(4, 8));
    chunks.append(items(8, 12));
    CHECK(chunks.ended(4, 3, true) == nullptr);
    auto const lane = chunks.chunk(5);  // shares it
    auto const gone = chunks.ended(6, 1, true);
    REQUIRE(gone != nullptr);
    CHECK(gone->begin == 4);
    CHECK(lane->item(5) == "5");
    CHECK(chunks.lookup(5) == nullptr);
    CHECK(*chunks.lookup(3) == "3");  // its neighbours stay
    CHECK(*chunks.lookup(8) == "8");
    CHECK(chunks.chunk_end(8) == 12);
    CHECK(chunks.ended(5, 1, true) == nullptr);  // it is not there any more
}

TEST_CASE("the chunk of a vector stays until the job finishes", "[engine][item_chunks]") {
    ItemChunks<std::string> chunks;
    chunks.append(items(0, 4));
    CHECK(chunks.ended(0, 4, false) == nullptr);
    CHECK(*chunks.lookup(2) == "2");
    bool again = false;
    auto const gone = chunks.compact(100, again);
    REQUIRE(gone != nullptr);
    CHECK(gone->items.size() == 4);
    CHECK(again);
    CHECK(chunks.compact(100, again) == nullptr);
    CHECK_FALSE(again);
    CHECK(chunks.lookup(2) == nullptr);
}

TEST_CASE("items that are needed outlive their chunk", "[engine][item_chunks]") {
    ItemChunks<std::string> chunks;
    chunks.append(items(0, 10));
    chunks.append(items(10, 20));
    chunks.need({3, 4});
    chunks.need({8, 12});  // across two chunks
    CHECK(chunks.ended(0, 10, true) != nullptr);
    CHECK(*chunks.lookup(3) == "3");
    CHECK(*chunks.lookup(8) == "8");
    CHECK(*chunks.lookup(9) == "9");
    CHECK(chunks.lookup(4) == nullptr);
    CHECK(chunks.ended(10, 10, true) != nullptr);
    CHECK(*chunks.lookup(11) == "11");
    CHECK(chunks.lookup(12) == nullptr);
}

TEST_CASE("compaction moves no more at a time than it was told", "[engine][item_chunks]") {
    ItemChunks<std::string> chunks;
    chunks.append(items(0, 100));
    for (std::uint64_t i = 0; i < 40; ++i) chunks.need({i, i + 1});
    bool again = false;
    int rounds = 0;
    std::shared_ptr<ItemChunks<std::string>::Chunk> gone;
    do {
        ++rounds;
        gone = chunks.compact(15, again);
    } while (gone == nullptr && again);
    CHECK(rounds == 3);
    REQUIRE(gone != nullptr);
    for (std::uint64_t i = 0; i < 40; ++i) REQUIRE(*chunks.lookup(i) == std::to_string(i));
    CHECK(chunks.lookup(40) == nullptr);
}

TEST_CASE("a chunk of which most is needed stays as it is", "[engine][item_chunks]") {
    ItemChunks<std::string> chunks;
    chunks.append(items(0, 10));
    for (std::uint64_t i = 0; i < 6; ++i) chunks.need({i, i + 1});
    CHECK(chunks.ended(0, 10, true) == nullptr);
    bool again = false;
    CHECK(chunks.compact(100, again) == nullptr);
    CHECK_FALSE(again);
    CHECK(*chunks.lookup(9) == "9");

    ItemChunks<std::string> large;
    large.append(items(0, 5'000));
    large.need({0, 2'501});
    CHECK(large.compact(100, again) == nullptr);
    CHECK(*large.lookup(4'999) == "4999");
}

TEST_CASE("small items stay together where each of them would take more room than all", "[engine][item_chunks]") {
    ItemChunks<char> small;
    small.append(std::vector<char>(1'000, 'x'));
    small.need({0, 21});
    bool again = false;
    CHECK(small.compact(100, again) == nullptr);
    CHECK_FALSE(again);
    CHECK(small.lookup(999) != nullptr);

    ItemChunks<char> few;
    few.append(std::vector<char>(1'000, 'x'));
    few.need({0, 21});
    for (std::uint64_t i = 0; i < 3; ++i) few.need_no_longer(i, true);
    CHECK(few.ended(0, 1'000, true) != nullptr);
    CHECK(few.kept() == 18);
}

TEST_CASE("items that cannot be copied stay in their chunk where they are needed", "[engine][item_chunks]") {
    ItemChunks<std::unique_ptr<int>> chunks;
    std::vector<std::unique_ptr<int>> given;
    for (int i = 0; i < 4; ++i) given.push_back(std::make_unique<int>(i));
    chunks.append(std::move(given));
    chunks.need({2, 3});
    CHECK(chunks.ended(0, 4, true) == nullptr);
    CHECK(**chunks.lookup(2) == 2);
}

TEST_CASE("an item is kept for its result as long as the result is", "[engine][item_chunks]") {
    ItemChunks<std::string> chunks;
    chunks.append(items(0, 10));
    chunks.append(items(10, 20));
    for (std::uint64_t const i : {4U, 2U, 7U}) chunks.need({i, i + 1});
    CHECK(chunks.need_no_longer(4, true) == nullptr);  // before its chunk goes
    CHECK(chunks.ended(0, 10, true) != nullptr);
    CHECK(chunks.lookup(4) == nullptr);
    CHECK(*chunks.lookup(2) == "2");
    CHECK(*chunks.lookup(7) == "7");
    CHECK(chunks.need_no_longer(2, true) == nullptr);  // and afterwards
    CHECK(chunks.lookup(2) == nullptr);
    CHECK(*chunks.lookup(7) == "7");

    // All are needed, so the chunk stays, until those left take less room one by one.
    for (std::uint64_t i = 10; i < 20; ++i) chunks.need({i, i + 1});
    CHECK(chunks.ended(10, 10, true) == nullptr);
    for (std::uint64_t i = 10; i < 15; ++i) CHECK(chunks.need_no_longer(i, true) == nullptr);
    CHECK(chunks.need_no_longer(15, true) != nullptr);
    CHECK(chunks.lookup(15) == nullptr);
    for (std::uint64_t i = 16; i < 20; ++i) CHECK(*chunks.lookup(i) == std::to_string(i));
}

TEST_CASE("items that cannot be copied hold their chunk until no result of it is kept", "[engine][item_chunks]") {
    ItemChunks<std::unique_ptr<int>> chunks;
    std::vector<std::unique_ptr<int>> given(4);
    chunks.append(std::move(given));
    for (std::uint64_t const i : {0U, 1U}) chunks.need({i, i + 1});
    CHECK(chunks.ended(0, 4, true) == nullptr);
    CHECK(chunks.need_no_longer(0, true) == nullptr);
    CHECK(chunks.need_no_longer(1, true) != nullptr);
}

TEST_CASE("a forgotten job gives all its chunks up", "[engine][item_chunks]") {
    ItemChunks<std::string> chunks;
    chunks.append(items(0, 4));
    chunks.append(items(4, 8));
    chunks.append(items(8, 12));
    chunks.need({1, 2});
    CHECK(chunks.ended(0, 4, true) != nullptr);
    CHECK(chunks.kept() == 1);
    CHECK(chunks.drain_chunks().size() == 2);
    CHECK(*chunks.drain_kept() == std::map<std::uint64_t, std::string>{{1, "1"}});
    CHECK(chunks.kept() == 0);
    CHECK(chunks.lookup(1) == nullptr);
    CHECK(chunks.lookup(5) == nullptr);
    chunks.need({0, 8});  // a late answer: nothing happens
    CHECK(chunks.ended(0, 1, true) == nullptr);
}
