// SPDX-License-Identifier: BSL-1.0
// What a job leaves behind is given back in slices.
#include "driver/support.hpp"

#include <batchpace/driver/rubbish.hpp>
#include <batchpace/driver/unused_pages.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <numeric>
#include <utility>

using namespace test;

namespace {

/// Counts those that are destroyed.
struct Counted {
    static inline std::size_t destroyed = 0;

    explicit Counted(int n) : number{n} {}
    Counted(Counted const&) = default;
    Counted(Counted&& other) noexcept : number{std::exchange(other.number, -1)} {}
    Counted& operator=(Counted const&) = default;
    Counted& operator=(Counted&& other) noexcept {
        number = std::exchange(other.number, -1);
        return *this;
    }
    ~Counted() { destroyed += number >= 0; }

    int number;
};
std::string item_id(Counted const& item) { return std::to_string(item.number); }

std::vector<Counted> counted(int count) {
    std::vector<Counted> items;
    items.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) items.emplace_back(i);
    return items;
}

using Waste = driver::Rubbish<Counted, Counted>;

/// How many steps it takes to destroy it, none of them with more than a slice.
int steps(Waste& waste, std::size_t count) {
    Counted::destroyed = 0;
    int steps = 0;
    for (std::size_t before = 0; waste.shrink(); ++steps, before = Counted::destroyed)
        REQUIRE(Counted::destroyed - before <= Waste::slice);
    REQUIRE(count - Counted::destroyed <= Waste::slice);
    return steps;
}

/// The most that any one handler destroys.
std::size_t most_destroyed_at_once(Simulation& sim) {
    struct Seen {
        std::size_t most = 0;
        std::size_t before = Counted::destroyed;
    };
    auto const seen = std::make_shared<Seen>();  // the simulation goes on calling its checks
    sim.after_event([seen] {
        seen->most = std::max(seen->most, Counted::destroyed - seen->before);
        seen->before = Counted::destroyed;
    });
    sim.run();
    return seen->most;
}

}  // namespace

TEST_CASE("rubbish is destroyed a slice at a time, whatever it is", "[driver][memory]") {
    auto const count = 4 * Waste::slice + 10;
    Waste::Chunk chunk;
    chunk.items = counted(static_cast<int>(count));
    Waste items{std::make_shared<Waste::Chunk>(std::move(chunk))};
    CHECK(steps(items, count) == 4);

    Waste::Kept kept;
    for (int i = 0; i < static_cast<int>(count); ++i) kept.made().emplace(static_cast<std::uint64_t>(i), i);
    Waste one_by_one{std::move(kept)};
    CHECK(steps(one_by_one, count) == 4);

    Waste::Results results;
    for (int i = 0; i < static_cast<int>(count); ++i) results.made().emplace_back().annotation.emplace(i);
    Waste log{std::move(results)};
    CHECK(steps(log, count) == 4);

    Waste errors{Waste::Errors(count)};
    int rounds = 0;
    while (errors.shrink()) ++rounds;
    CHECK(rounds == 4);
}

TEST_CASE("a chunk that somebody still reads is left to whoever is the last", "[driver][memory]") {
    auto chunk = std::make_shared<Waste::Chunk>();
    chunk->items = counted(5'000);
    auto const reader = chunk;
    Waste waste{std::move(chunk)};
    Counted::destroyed = 0;
    CHECK_FALSE(waste.shrink());
    CHECK(Counted::destroyed == 0);
    CHECK(reader->items[4'999].number == 4'999);
}

TEST_CASE("the pages of a large block go back piece by piece, and no other", "[driver][memory]") {
    using driver::UnusedPages;
    constexpr auto size = 3 * UnusedPages::worth_it + 12'345;
    std::vector<unsigned char> block(size, 7);
    auto const used = size / 2 + 1;
    UnusedPages pages{block.data(), block.size()};
    std::size_t pieces = 0;
    while (pages.give_back(block.data() + used)) ++pieces;
#if defined(__linux__)
    CHECK(pieces >= (size - used) / UnusedPages::piece - 2);
    CHECK(std::count(block.begin() + used, block.end(), 0) ==
          static_cast<std::ptrdiff_t>(pieces * UnusedPages::piece));
#endif
    CHECK(std::count(block.begin(), block.begin() + used, 7) == static_cast<std::ptrdiff_t>(used));
    CHECK(std::count(block.end() - 345, block.end(), 7) == 345);  // the last page may be somebody else's too
    while (pages.give_back(block.data())) ++pieces;
    CHECK(pieces <= size / UnusedPages::piece);

    UnusedPages small{block.data(), UnusedPages::worth_it - 1};  // goes back soon enough as a whole
    CHECK_FALSE(small.give_back(block.data()));
    CHECK_FALSE(UnusedPages{}.give_back(nullptr));
}

TEST_CASE("a job of many items is given back in slices, when it finishes and when it is forgotten", "[driver][memory]") {
    constexpr int count = 20'000;
    auto const how = GENERATE(0, 1, 2, 3);  // all succeed; a third, two thirds, all of them fail
    Simulation sim{1};
    BatchProcessor processor{sim, Unlimited{},
                             std::function<Outcome<Counted>(Counted const&)>{[&](Counted const& item) -> Outcome<Counted> {
                                 if (item.number % 3 < how) return Failure::permanent(std::to_string(item.number));
                                 return Counted{item.number};
                             }}};
    JobOptions const options{.duplicates = Duplicates::allow, .keep_errors = count, .keep_results = how == 0 ? 10 : count};
    auto const job = processor.start_batch(counted(count), options);
    CHECK(most_destroyed_at_once(sim) <= 2 * Waste::slice);  // a slice, and the rest of a piece
    CHECK(processor.progress(job)->processed() == count);
    CHECK(processor.progress(job)->failed == static_cast<std::uint64_t>((count * how + 2) / 3));

    Counted::destroyed = 0;
    REQUIRE(processor.forget(job));
    CHECK(Counted::destroyed <= 20);  // a small log and its items go with the job
    CHECK(most_destroyed_at_once(sim) <= 2 * Waste::slice);
    if (how > 0) CHECK(Counted::destroyed >= count);  // the items, and the annotations of those that succeeded
}

TEST_CASE("a job that a hook forgets is told of with its errors, and given back in slices", "[driver][memory][hooks]") {
    constexpr int count = 5'000;
    Simulation sim{1};
    BatchProcessor processor{sim, Unlimited{}, SyncOutcome{[](std::string const& item, Attempt const&) -> Outcome<int> {
                                 if (item == "last") return 1;
                                 return Failure::permanent(item);
                             }}};
    processor.on_result([&](JobId const& id, ItemResult<int> const& result) {
        if (result.status == ItemStatus::successful) CHECK(processor.forget(id));
    });
    auto items = names(count);
    items.push_back("last");
    auto const job = processor.start_batch(std::move(items), {.concurrency = 1, .keep_errors = count});
    Answer<JobProgress> finish;
    processor.async_wait(job, finish.handler());
    sim.run();
    REQUIRE(finish.calls == 1);
    CHECK(finish.value->errors.size() == count);
    CHECK_FALSE(processor.progress(job));
}

TEST_CASE("retention drops a hundred jobs at once, and goes on by itself", "[driver][memory][retention]") {
    Simulation sim{1};
    BatchProcessor processor{sim, Unlimited{}, Sync{[](std::string const&, Attempt const&) { return 0; }},
                             {.retain_finished = 10, .retain_for = 1h}};
    for (int i = 0; i < 1'000; ++i) processor.start_batch({"a"});
    sim.run();
    CHECK(processor.stats().finished_jobs == 1'000);
    sim.run_for(2h);
    processor.start_batch({"a"});
    CHECK(processor.stats().finished_jobs == 900);
    sim.run();
    CHECK(processor.stats().finished_jobs == 1);
}

TEST_CASE("many items are tried again, in their order, each once", "[driver][memory][retry_failed]") {
    constexpr std::size_t count = 7'003;
    Simulation sim{1};
    std::vector<int> seen;
    auto const annotate = [&](int item) -> Outcome<void> {
        seen.push_back(item);
        if (item % 3 == 0) return Failure::permanent("no");
        return {};
    };
    BatchProcessor processor{sim, Unlimited{}, std::function<Outcome<void>(int)>{annotate}};
    std::vector<int> items(count);
    std::iota(items.begin(), items.end(), 0);
    auto const job = processor.start_batch(items, {.concurrency = 1, .label = "all"});
    sim.run_until([&] { return seen.size() > 3'000; });
    processor.cancel(job);
    sim.run();
    auto const ended = static_cast<int>(seen.size());
    REQUIRE(ended < 5'000);

    std::vector<int> again;
    for (int i = 0; i < ended; i += 3) again.push_back(i);
    seen.clear();
    CHECK(processor.progress(processor.retry_failed(job))->label == "all");
    sim.run();
    CHECK(seen == again);

    for (int i = ended; i < static_cast<int>(count); ++i) again.push_back(i);
    seen.clear();
    processor.retry_failed(job, {.include_cancelled = true});
    sim.run();
    CHECK(seen == again);
}
