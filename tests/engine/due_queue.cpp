// SPDX-License-Identifier: BSL-1.0
#include <batchpace/engine/due_queue.hpp>

#include <batchpace/policy/random.hpp>

#include "../catch.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

using batchpace::duration;
using batchpace::time_point;
using batchpace::engine::DueQueue;
using namespace std::chrono_literals;

namespace {
time_point at(duration d) { return time_point{} + d; }
}  // namespace

TEST_CASE("an empty due queue has nothing at no time", "[engine][due_queue]") {
    DueQueue queue;
    CHECK(queue.empty());
    CHECK(queue.size() == 0);
    CHECK(queue.next() == time_point::max());
    CHECK_FALSE(queue.pop(time_point::max()));
    CHECK(queue.drain().empty());
}

TEST_CASE("what is due first comes first, and not before its time", "[engine][due_queue]") {
    DueQueue queue;
    queue.push({at(5s), 50, 2, 0});
    queue.push({at(3s), 30, 3, 1});
    queue.push({at(4s), 40, 2, 0});
    CHECK(queue.next() == at(3s));
    CHECK_FALSE(queue.pop(at(3s) - 1ns));
    auto const first = queue.pop(at(3s));
    REQUIRE(first);
    CHECK(first->index == 30);
    CHECK(first->attempt_number == 3);
    CHECK(first->throttles == 1);
    CHECK(queue.pop(at(10s))->index == 40);
    CHECK(queue.pop(at(10s))->index == 50);
    CHECK(queue.empty());
}

TEST_CASE("items due at the same time come in the order of their arrival", "[engine][due_queue]") {
    DueQueue queue;
    batchpace::Random random{7};
    std::vector<std::pair<duration, std::uint64_t>> wanted;
    for (std::uint64_t i = 0; i < 500; ++i) {
        duration const due = std::chrono::seconds{random.below(8)};
        wanted.emplace_back(due, i);
        queue.push({at(due), i, 2, 0});
    }
    std::stable_sort(wanted.begin(), wanted.end(), [](auto& a, auto& b) { return a.first < b.first; });
    for (auto const& [due, index] : wanted) {
        REQUIRE(queue.next() == at(due));
        REQUIRE(queue.pop(at(10s))->index == index);
    }
}

TEST_CASE("draining takes everything out, due or not", "[engine][due_queue]") {
    DueQueue queue;
    queue.push({at(1s), 1, 2, 0});
    queue.push({time_point::max(), 2, 2, 0});
    CHECK(queue.drain().size() == 2);
    CHECK(queue.empty());
    CHECK(queue.next() == time_point::max());
    queue.push({at(9s), 9, 2, 0});
    CHECK(queue.next() == at(9s));
}
