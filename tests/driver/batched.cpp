// SPDX-License-Identifier: BSL-1.0
//
// Calls that take several items: how they are filled, charged, halved and given up.
#include "support.hpp"

#include <batchpace/annotators/batched.hpp>
#include <batchpace/from_source.hpp>
#include <batchpace/policy/sliding_window.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>

using namespace test;

namespace {

using Items = Batch<std::string>;
using Answers = std::vector<Outcome<int>>;
using Whole = Outcome<Answers>;
using Annotate = std::function<asio::awaitable<Whole>(Items)>;

/// Notes every call, and holds the promises that can be seen from within calls.
template <class Limiter = Unlimited>
struct BatchingHost {
    explicit BatchingHost(BatchOptions batching = {}, Limiter limiter = {}, ProcessorOptions options = {},
                          Hooks hooks = fixed_backoff(1s))
        : processor{sim, std::move(limiter), batched<16>(Annotate{[this](Items items) { return call(items); }}, batching),
                    options, std::move(hooks)} {
        sim.set_lag(0s);
        sim.after_event([this] {
            for (auto const& p : processor.jobs()) {
                if (!adds_up(p)) throw std::runtime_error{"the counts do not add up"};
                auto& before = processed[p.job_id];
                if (p.processed() < before) throw std::runtime_error{"processed went back"};
                before = p.processed();
                if (p.running + p.abandoned != inside[p.job_id])
                    throw std::runtime_error{"running is not what is inside the annotator"};
            }
        });
    }

    asio::awaitable<Whole> call(Items items) {
        starts.push_back(sim.now());
        sizes.push_back(items.size());
        std::set<std::uint64_t> indexes;
        for (std::size_t i = 0; i < items.size(); ++i) {
            auto const attempt = items.attempt(i);
            ++calls[items[i]];
            numbers[items[i]].push_back(attempt.number());
            CHECK(attempt.idempotency_key() == items.job().to_string() + ':' + std::to_string(attempt.index()));
            CHECK(indexes.insert(attempt.index()).second);
        }
        // Leave is what the outside world sees; the job's number is copied, since the view ends with the call.
        struct Leave {
            std::uint64_t& count;
            std::uint64_t items;
            ~Leave() { count -= items; }
        };
        inside[items.job()] += items.size();
        Leave const leave{inside[items.job()], items.size()};
        auto whole = co_await answer(items);
        co_return whole;
    }

    JobProgress progress(JobId job) const { return processor.progress(job).value(); }
    std::size_t calls_of(std::string const& item) const { return calls.contains(item) ? calls.at(item) : 0; }

    static Answers all(Items items) { return Answers(items.size(), Outcome<int>{1}); }
    static asio::awaitable<Whole> good(Items items) {
        co_await sleep_for(100ms, asio::use_awaitable);
        Whole whole{all(items)};
        co_return whole;
    }

    std::vector<time_point> starts;
    std::vector<std::size_t> sizes;
    std::map<std::string, std::size_t> calls;
    std::map<std::string, std::vector<int>> numbers;
    std::map<JobId, std::uint64_t> inside;
    std::map<JobId, std::uint64_t> processed;
    Annotate answer = good;
    Simulation sim{1};  // after what calls that are still out touch when they are destroyed
    BatchProcessor<Simulation::executor_type, Limiter, Batched<16, Annotate>> processor;
};

bool has(Items items, std::string_view id) { return std::find(items.begin(), items.end(), id) != items.end(); }

/// A call in which `bad` is fails as a whole.
auto poisoned(std::string bad, Failure failure) {
    return [bad = std::move(bad), failure = std::move(failure)](Items items) -> asio::awaitable<Whole> {
        co_await sleep_for(100ms, asio::use_awaitable);
        if (has(items, bad)) {
            Whole whole{failure};
            co_return whole;
        }
        Whole whole{BatchingHost<>::all(items)};
        co_return whole;
    };
}

}  // namespace

TEST_CASE("calls are full as long as there are items", "[driver][batched]") {
    BatchingHost h;
    auto const job = h.processor.start_batch(names(100), {.concurrency = 2});
    h.sim.run();
    CHECK(h.progress(job).status == JobStatus::completed);
    CHECK(h.sizes == std::vector<std::size_t>{16, 16, 16, 16, 16, 16, 4});
    for (auto const& [item, count] : h.calls) CHECK(count == 1);
    auto const page = h.processor.results(job, 0, 200);
    REQUIRE(page.items.size() == 100);
    for (auto const& result : page.items) {
        CHECK(result.annotation == 1);
        CHECK(result.took >= 100ms);
    }
}

TEST_CASE("a call has at most as many items as the options say", "[driver][batched]") {
    BatchingHost h{{.most = 5}};
    auto const job = h.processor.start_batch(names(12), {.concurrency = 1});
    h.sim.run();
    CHECK(h.progress(job).successful == 12);
    CHECK(h.sizes == std::vector<std::size_t>{5, 5, 2});
}

TEST_CASE("concurrency counts calls, not items", "[driver][batched]") {
    BatchingHost h;
    h.processor.start_batch(names(100), {.concurrency = 3});
    h.sim.run_for(50ms);
    CHECK(h.sizes.size() == 3);
    CHECK(h.processor.active_jobs().at(0).running == 48);
    CHECK(h.processor.stats().in_flight == 3);
    h.sim.run();
}

TEST_CASE("an item that failed is called again with others", "[driver][batched]") {
    BatchingHost h;
    h.answer = [&](Items items) -> asio::awaitable<Whole> {
        co_await sleep_for(1500ms, asio::use_awaitable);
        Answers answers;
        for (std::size_t i = 0; i < items.size(); ++i) {
            auto const attempt = items.attempt(i);
            if (items[i] == "3" && attempt.number() < 3)
                answers.emplace_back(Failure::transient("blurred"));
            else if (items[i] == "5")
                answers.emplace_back(Failure::permanent("no image"));
            else
                answers.emplace_back(static_cast<int>(attempt.index()));
        }
        Whole whole{std::move(answers)};
        co_return whole;
    };
    auto const job = h.processor.start_batch(names(64), {.concurrency = 1});
    h.sim.run();
    auto const p = h.progress(job);
    CHECK(p.successful == 63);
    CHECK(p.failed == 1);
    REQUIRE(p.errors.size() == 1);
    CHECK(p.errors[0].item_id == "5");
    CHECK(p.errors[0].kind == FailureKind::permanent);
    CHECK(h.numbers["3"] == std::vector{1, 2, 3});
    CHECK(h.calls_of("5") == 1);
    CHECK(h.sizes == std::vector<std::size_t>{16, 16, 16, 16, 2});  // twice in the company of others
    for (auto const& result : h.processor.results(job, 0, 100).items)
        if (result.status == ItemStatus::successful)
            CHECK(*result.annotation == static_cast<int>(result.index));
}

TEST_CASE("a call that fails as a whole is halved until the bad item is alone", "[driver][batched]") {
    auto const kind = GENERATE(FailureKind::transient, FailureKind::permanent, FailureKind::timed_out);
    auto const max_attempts = GENERATE(1, 3, 9);
    auto const place = GENERATE("0", "7", "15");
    BatchingHost h;
    h.answer = poisoned(place, Failure{kind, "bad", {}, {}});
    auto const job = h.processor.start_batch(names(16), {.concurrency = 4, .max_attempts = max_attempts});
    h.sim.run();
    auto const p = h.progress(job);
    CHECK(p.successful == 15);
    CHECK(p.failed == 1);
    REQUIRE(p.errors.size() == 1);
    CHECK(p.errors[0].item_id == place);
    CHECK(p.errors[0].kind == kind);
    auto const alone = static_cast<std::size_t>(std::count(h.sizes.begin(), h.sizes.end(), 1U));
    auto const halvings = 2U * 4U;                                            // 2·⌈log₂ 16⌉ calls more
    auto const tries_alone = kind == FailureKind::permanent ? 1 : std::max(1, max_attempts - 4);
    CHECK(h.sizes.size() == 1 + halvings + static_cast<std::size_t>(tries_alone - 1));
    CHECK(alone == 2 + static_cast<std::size_t>(tries_alone - 1));  // and its innocent neighbour
    for (auto const& [item, numbers] : h.numbers)
        for (auto number : numbers) CHECK(number <= max_attempts);
}

TEST_CASE("any number of bad items is found, with fewer calls than there are items", "[driver][batched]") {
    BatchingHost h;
    h.answer = [](Items items) -> asio::awaitable<Whole> {
        co_await sleep_for(100ms, asio::use_awaitable);
        if (has(items, "3") || has(items, "4") || has(items, "12")) throw std::runtime_error{"no"};
        Whole whole{BatchingHost<>::all(items)};
        co_return whole;
    };
    auto const job = h.processor.start_batch(names(16), {.max_attempts = 1});
    h.sim.run();
    CHECK(h.progress(job).failed == 3);
    CHECK(h.progress(job).successful == 13);
    CHECK(h.sizes.size() <= 2 * 16 - 1);
}

TEST_CASE("a service that is down is called less than without batches", "[driver][batched]") {
    BatchingHost h;
    h.answer = [](Items) -> asio::awaitable<Whole> {
        co_await sleep_for(100ms, asio::use_awaitable);
        throw std::runtime_error{"connection refused"};
    };
    auto const job = h.processor.start_batch(names(16));
    h.sim.run();
    CHECK(h.progress(job).failed == 16);
    CHECK(h.progress(job).status == JobStatus::failed);
    CHECK(h.sizes.size() == 1 + 2 + 4 + 8 + 16);  // one by one it would be 48
}

TEST_CASE("a call that is turned away waits, and is not halved", "[driver][batched]") {
    BatchingHost h;
    bool first = true;
    h.answer = [&](Items items) -> asio::awaitable<Whole> {
        co_await sleep_for(100ms, asio::use_awaitable);
        if (std::exchange(first, false)) {
            Whole whole{Failure::throttled("429", 10s)};
            co_return whole;
        }
        Whole whole{BatchingHost<>::all(items)};
        co_return whole;
    };
    auto const job = h.processor.start_batch(names(40), {.concurrency = 1, .max_attempts = 1});
    h.sim.run_for(5s);
    CHECK(h.progress(job).waiting_for->reason == WaitingFor::Reason::throttled);
    CHECK(h.progress(job).retrying == 16);
    h.sim.run();
    CHECK(h.progress(job).successful == 40);
    CHECK(h.sizes == std::vector<std::size_t>{16, 16, 16, 8});
    CHECK(h.starts[1] - h.starts[0] >= 10s);
    for (auto const& [item, numbers] : h.numbers)
        for (auto number : numbers) CHECK(number == 1);
}

TEST_CASE("an annotator that answers another number of items has failed as a whole", "[driver][batched]") {
    BatchingHost h;
    h.answer = [](Items items) -> asio::awaitable<Whole> {
        co_await sleep_for(100ms, asio::use_awaitable);
        auto answers = BatchingHost<>::all(items);
        if (has(items, "6")) answers.pop_back();  // the service leaves out what it cannot read
        Whole whole{std::move(answers)};
        co_return whole;
    };
    auto const job = h.processor.start_batch(names(16), {.max_attempts = 2});
    h.sim.run();
    CHECK(h.progress(job).successful == 15);
    REQUIRE(h.progress(job).errors.size() == 1);
    CHECK(h.progress(job).errors[0].item_id == "6");
    CHECK(h.progress(job).errors[0].error == "the annotator answered 0 of 1 items");
}

TEST_CASE("a call that does not come back is abandoned with its items, and halved", "[driver][batched]") {
    BatchingHost h;
    h.answer = [&](Items items) -> asio::awaitable<Whole> {
        auto const hangs = has(items, "2");
        auto const size = items.size();
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        co_await sleep_for(hangs ? duration{1h} : duration{100ms}, asio::use_awaitable);
        Whole whole{Answers(size, Outcome<int>{1})};
        co_return whole;
    };
    auto const job = h.processor.start_batch(names(16), {.concurrency = 2, .attempt_timeout = 2s});
    h.sim.run_for(8s);
    CHECK(h.progress(job).abandoned == 16);
    CHECK(h.processor.stats().abandoned == 1);
    h.sim.run();
    auto const p = h.progress(job);
    CHECK(p.successful == 15);
    CHECK(p.failed == 1);
    CHECK(p.errors.at(0).item_id == "2");
    CHECK(p.errors.at(0).kind == FailureKind::timed_out);
    CHECK(p.abandoned == 0);
    CHECK(h.processor.stats().late_answers == 5);
}

TEST_CASE("a permit for a call, or for each of its items", "[driver][batched][rate]") {
    auto const cost = GENERATE(BatchOptions::Cost::per_call, BatchOptions::Cost::per_item);
    auto const scope = GENERATE(WaitingFor::Scope::processor, WaitingFor::Scope::tenant, WaitingFor::Scope::job);
    auto const each = cost == BatchOptions::Cost::per_call ? 1U : 0U;
    constexpr int limit = 20;
    using Limiter = SlidingWindow;
    BatchingHost<Limiter> h{{.cost = cost},
                            SlidingWindow{scope == WaitingFor::Scope::processor ? limit : 1'000'000, 1min},
                            {},
                            fixed_backoff(1s).tier_of([&](std::string_view) {
                                return std::optional<Tier>{Tier{"t", 0, scope == WaitingFor::Scope::tenant ? limit : 0}};
                            })};
    JobOptions options{.concurrency = 3};
    if (scope == WaitingFor::Scope::job) options.rate_limit_per_minute = limit;
    auto const job = h.processor.start_batch(names(1'000), options);
    h.sim.run_for(10min - 1s);
    // Never above the limit in any window, and every permit is used while there are items.
    std::uint64_t used = 0;
    for (std::size_t last = 0; last < h.starts.size(); ++last) {
        std::uint64_t in_window = 0;
        for (std::size_t i = 0; i <= last; ++i)
            if (h.starts[i] > h.starts[last] - 1min) in_window += each != 0 ? each : h.sizes[i];
        CHECK(in_window <= limit);
        used += each != 0 ? each : h.sizes[last];
    }
    if (cost == BatchOptions::Cost::per_item) {
        CHECK(used == 10 * limit);
        CHECK(h.progress(job).successful == 10 * limit);
        h.sim.run();
        CHECK(h.progress(job).successful == 1'000);
    } else {
        CHECK(h.progress(job).successful == 1'000);
        CHECK(used == 63);  // ⌈1,000 / 16⌉
    }
}

TEST_CASE("a call that is not full waits a moment where more may come", "[driver][batched][source]") {
    auto const linger = GENERATE(duration{0s}, duration{5s});
    BatchingHost h{{.linger = linger}};
    int given = 0;
    auto source = from_source([&](std::size_t) -> asio::awaitable<std::vector<std::string>> {
        co_await sleep_for(1s, asio::use_awaitable);
        std::vector<std::string> items;
        for (int i = 0; i < 4 && given < 40; ++i) items.push_back(std::to_string(given++));
        co_return items;
    });
    auto const job = h.processor.start_batch(std::move(source), {.concurrency = 1});
    h.sim.run();
    CHECK(h.progress(job).successful == 40);
    if (linger == 0s) {
        CHECK(h.sizes == std::vector<std::size_t>(10, 4));
    } else {
        CHECK(h.sizes.size() <= 4);
        CHECK(h.sizes.at(0) == 16);
    }
}

TEST_CASE("retries of a batch wait for each other where they may linger", "[driver][batched]") {
    auto const linger = GENERATE(duration{0s}, duration{3s});
    Hooks jittered = Hooks{}.random_seed(7);
    BatchingHost h{{.linger = linger}, {}, {}, std::move(jittered)};
    h.answer = [&](Items items) -> asio::awaitable<Whole> {
        co_await sleep_for(1ms, asio::use_awaitable);
        Answers answers;
        for (std::size_t i = 0; i < items.size(); ++i) {
            auto const attempt = items.attempt(i);
            answers.push_back(attempt.number() == 1 ? Outcome<int>{Failure::transient("again")} : Outcome<int>{1});
        }
        Whole whole{std::move(answers)};
        co_return whole;
    };
    auto const job = h.processor.start_batch(names(16), {.concurrency = 16});
    h.sim.run();
    CHECK(h.progress(job).successful == 16);
    if (linger == 0s)
        CHECK(h.sizes.size() > 10);
    else
        CHECK(h.sizes.size() <= 3);
}

TEST_CASE("calls never mix jobs", "[driver][batched]") {
    BatchingHost h;
    auto const first = h.processor.start_batch(names(5));
    auto const second = h.processor.start_batch(names(5));
    h.sim.run();
    CHECK(h.sizes == std::vector<std::size_t>{5, 5});
    CHECK(h.progress(first).successful == 5);
    CHECK(h.progress(second).successful == 5);
}

TEST_CASE("a cancel, a pause and max_calls are exact with batches", "[driver][batched]") {
    BatchingHost h;
    auto const job = h.processor.start_batch(names(100), {.concurrency = 2});
    h.sim.run_for(50ms);
    CHECK(h.processor.pause(job));
    h.sim.run_for(10s);
    CHECK(h.sizes.size() == 2);
    CHECK(h.progress(job).successful == 32);
    CHECK(h.processor.resume(job));
    h.sim.run_for(50ms);
    CHECK(h.processor.cancel(job));
    h.sim.run();
    CHECK(h.sizes.size() == 4);
    CHECK(h.progress(job).cancelled == 100 - h.progress(job).processed());
    auto const limited = h.processor.start_batch(names(100), {.max_calls = 3});
    h.sim.run();
    CHECK(h.sizes.size() == 7);
    CHECK(h.progress(limited).successful == 48);
    CHECK(h.progress(limited).stop_reason == StopReason::calls);
}

TEST_CASE("a batched annotator may be synchronous, return plain values, or nothing", "[driver][batched]") {
    Simulation sim{1};
    {
        BatchProcessor processor{sim, Unlimited{}, batched<3>([](Batch<int> const& items) {
                                     return std::vector<int>(items.begin(), items.end());
                                 })};
        auto const job = processor.start_batch(std::vector{5, 6, 7, 8});
        sim.run();
        auto const page = processor.results(job, 0, 10);
        REQUIRE(page.items.size() == 4);
        for (auto const& result : page.items) CHECK(*result.annotation == static_cast<int>(result.index) + 5);
    }
    {
        int done = 0;
        BatchProcessor processor{sim, Unlimited{}, batched<300>(annotates<Batch<int>>([&](auto const& items) {
                                     done += static_cast<int>(items.size());
                                     return std::vector<Outcome<void>>(items.size());
                                 }))};
        static_assert(std::is_same_v<decltype(processor)::annotation_type, std::monostate>);
        std::vector<int> items(1'000);
        for (int i = 0; i < 1'000; ++i) items[static_cast<std::size_t>(i)] = i;
        auto const job = processor.start_batch(std::move(items));
        sim.run();
        CHECK(done == 1'000);
        CHECK(processor.progress(job)->successful == 1'000);
    }
}

TEST_CASE("batched refuses what it cannot do", "[driver][batched]") {
    auto const made = [](duration linger) {
        return batched<4>([](Batch<int> items) { return std::vector<int>(items.size()); }, {.linger = linger});
    };
    CHECK(contains(thrown_by([&] { made(-1s); }).what, "linger"));
    auto const of = [](std::size_t most) {
        return batched<4>([](Batch<int> items) { return std::vector<int>(items.size()); }, {.most = most});
    };
    CHECK(of(4).options().most == 4);
    CHECK(of(0).options().most == 4);
    CHECK(contains(thrown_by([&] { of(5); }).what, "most"));
    CHECK(thrown_by([&] { made(1s); }).what.empty());
}

// ---- what an attack has found --------------------------------------------------------------------------------------

TEST_CASE("shares hold where calls cost a permit an item", "[driver][batched][fairness]") {
    // Tenants with few and many lanes; jobs of weights 1 and 3; a tenant whose calls are small.
    using Limiter = SlidingWindow;
    auto const by = [](BatchingHost<Limiter>& h, JobId a, JobId b) {
        h.sim.run_for(10min);
        auto const a_before = h.progress(a).successful, b_before = h.progress(b).successful;
        h.sim.run_for(20min);
        return static_cast<double>(h.progress(b).successful - b_before) /
               static_cast<double>(h.progress(a).successful - a_before);
    };
    auto const host = [] {
        return std::make_unique<BatchingHost<Limiter>>(BatchOptions{.cost = BatchOptions::Cost::per_item}, SlidingWindow{160, 1min});
    };
    {
        auto h = host();
        auto const a = h->processor.start_batch(names(50'000), {.concurrency = 4, .tenant = "a"});
        auto const b = h->processor.start_batch(names(50'000), {.concurrency = 64, .tenant = "b"});
        auto const ratio = by(*h, a, b);
        CHECK(ratio >= 0.6);
        CHECK(ratio <= 1.7);
    }
    {
        auto h = host();
        auto const a = h->processor.start_batch(names(50'000), {.concurrency = 64});
        auto const b = h->processor.start_batch(names(50'000), {.concurrency = 64, .priority = 3});
        auto const ratio = by(*h, a, b);
        CHECK(ratio >= 2.5);
        CHECK(ratio <= 3.5);
    }
}

TEST_CASE("permits that a small call leaves are there for the next one at once", "[driver][batched][rate]") {
    BatchingHost<SlidingWindow> h{{.cost = BatchOptions::Cost::per_item}, SlidingWindow{8, 1min}};
    h.answer = [&, first = true](Items items) mutable -> asio::awaitable<Whole> {
        co_await sleep_for(45s, asio::use_awaitable);
        if (std::exchange(first, false)) throw std::runtime_error{"whole"};
        Whole whole{BatchingHost<>::all(items)};
        co_return whole;
    };
    h.processor.start_batch(names(8), {.concurrency = 4, .attempt_timeout = 2h});
    h.sim.run();
    REQUIRE(h.starts.size() == 3);
    CHECK(h.starts[1] - h.starts[0] == 1min);
    CHECK(h.starts[2] - h.starts[0] == 1min);
}

namespace {
struct Document {
    int number;
};
std::string item_id(Document const& document) {
    if (document.number == 1) throw std::runtime_error{"no id"};
    return std::to_string(document.number);
}
}  // namespace

TEST_CASE("an item_id that throws costs an item its name, and nothing else", "[driver][batched][hostile]") {
    Simulation sim{1};
    BatchProcessor processor{sim, Unlimited{}, batched<4>([](Batch<Document> documents) {
                                 std::vector<Outcome<int>> answers;
                                 for (auto const& document : documents)
                                     answers.push_back(document.number < 2 ? Outcome<int>{Failure::permanent("no")} : Outcome<int>{1});
                                 return answers;
                             })};
    auto const job = processor.start_batch(std::vector<Document>{{0}, {1}, {2}, {3}}, {.duplicates = Duplicates::allow});
    sim.run();
    auto const p = *processor.progress(job);
    CHECK(adds_up(p));
    CHECK(p.successful == 2);
    CHECK(p.failed == 2);
    REQUIRE(p.errors.size() == 2);
    CHECK(p.errors[1].item_id == "#1");
}

TEST_CASE("the circuit breaker hears of calls, not of items", "[driver][batched][breaker]") {
    auto hooks = fixed_backoff(1s).circuit_breaker(CircuitBreaker{{.failure_rate = 0.5, .window = 20, .minimum = 20}});
    BatchingHost h{{}, {}, {}, std::move(hooks)};
    h.answer = [&, call = 0](Items items) mutable -> asio::awaitable<Whole> {
        co_await sleep_for(10ms, asio::use_awaitable);
        if (++call % 5 < 3) throw std::runtime_error{"down"};
        Whole whole{BatchingHost<>::all(items)};
        co_return whole;
    };
    auto const job = h.processor.start_batch(names(5'000), {.concurrency = 1});
    CHECK(h.sim.run_until([&] {
        auto const why = h.progress(job).waiting_for;
        return why && why->reason == WaitingFor::Reason::breaker;
    }));
    CHECK(h.starts.size() <= 40);
    h.processor.cancel(job);
    h.sim.run();
}

TEST_CASE("a call lingers in direct mode too, and only while somebody may come", "[driver][batched][source]") {
    {
        BatchingHost h{{.linger = 100ms}};
        h.answer = [](Items items) -> asio::awaitable<Whole> {
            co_await sleep_for(25ms, asio::use_awaitable);
            Whole whole{BatchingHost<>::all(items)};
            co_return whole;
        };
        int given = 0;
        auto source = from_source([&](std::size_t) -> asio::awaitable<std::vector<std::string>> {
            co_await sleep_for(10ms, asio::use_awaitable);
            std::vector<std::string> items;
            for (int i = 0; i < 4 && given < 800; ++i) items.push_back(std::to_string(given++));
            co_return items;
        });
        auto const job = h.processor.start_batch(std::move(source), {.concurrency = 1});
        h.sim.run();
        CHECK(h.progress(job).successful == 800);
        CHECK(h.sizes.size() <= 52);
    }
    {
        BatchingHost h{{.linger = 10s}, {}, {}, fixed_backoff(10ms)};
        h.answer = [&, first = true](Items items) mutable -> asio::awaitable<Whole> {
            co_await sleep_for(1ms, asio::use_awaitable);
            Answers answers = BatchingHost<>::all(items);
            if (std::exchange(first, false)) answers.assign(items.size(), Outcome<int>{Failure::transient("again")});
            Whole whole{std::move(answers)};
            co_return whole;
        };
        h.processor.start_batch(names(5), {.concurrency = 1});
        h.sim.run();
        REQUIRE(h.starts.size() == 2);
        CHECK(h.starts[1] - h.starts[0] <= 20ms);  // all of them are due at once: nobody else can come
    }
}

TEST_CASE("a source can fill calls of more items than a chunk", "[driver][batched][source]") {
    Simulation sim{1};
    std::vector<std::size_t> sizes;
    BatchProcessor processor{sim, Unlimited{}, batched<2'000>([&](Batch<int> items) {
                                 sizes.push_back(items.size());
                                 return std::vector<int>(items.size());
                             }, {.linger = 1s})};
    auto source = from_source([next = 0](std::size_t most) mutable {
        std::vector<int> items;
        for (; items.size() < most && next < 10'000; ++next) items.push_back(next);
        return items;
    });
    processor.start_batch(std::move(source), {.concurrency = 1});
    sim.run();
    CHECK(sizes == std::vector<std::size_t>(5, 2'000));
}

TEST_CASE("an item that was turned away too often does not end failed in company", "[driver][batched][throttled]") {
    auto const kind = GENERATE(FailureKind::throttled, FailureKind::permanent);
    BatchingHost h{{}, {}, {.max_throttles = 2}};
    h.answer = [&, left = 4](Items items) mutable -> asio::awaitable<Whole> {
        co_await sleep_for(10ms, asio::use_awaitable);
        if (items.size() > 1 && left-- > 0) {
            Whole whole{Failure{kind, "429 whole call", 1s, {}}};
            co_return whole;
        }
        Whole whole{BatchingHost<>::all(items)};
        co_return whole;
    };
    auto const job = h.processor.start_batch(names(16), {.max_attempts = 1});
    h.sim.run();
    CHECK(h.progress(job).successful == 16);
}

TEST_CASE("a tenant whose tier was set keeps it until its first job, and after", "[driver][tier]") {
    BatchingHost h;
    for (int i = 0; i < 200; ++i) h.processor.set_tier("t" + std::to_string(i), Tier{"slow", 1, 1});
    std::vector<JobId> jobs;
    for (int i = 0; i < 200; ++i) {
        auto const tenant = "t" + std::to_string(i);
        jobs.push_back(h.processor.start_batch(names(100), {.tenant = tenant}));
    }
    h.sim.run_for(30s);
    for (auto const& job : jobs) CHECK(h.progress(job).successful == 16);  // one call a minute
}

TEST_CASE("a call that lingers has not stalled, and says what it waits for", "[driver][batched][stalled]") {
    int stalls = 0;
    BatchingHost h{{.linger = 1h}, {}, {}, fixed_backoff(1s).on_stalled([&](JobProgress const&) { ++stalls; })};
    auto source = from_source([given = 0](std::size_t) mutable -> asio::awaitable<std::vector<std::string>> {
        auto const first = given == 0;
        if (!first) co_await sleep_for(2h, asio::use_awaitable);
        std::vector<std::string> items;
        if (given < 8)
            for (int i = 0; i < 4; ++i) items.push_back(std::to_string(given++));
        co_return items;
    });
    auto const job = h.processor.start_batch(std::move(source), {.concurrency = 1, .stalled_after = 1min});
    h.sim.run_for(30min);
    CHECK(stalls == 0);
    auto const p = h.progress(job);
    CHECK_FALSE(p.stalled);
    REQUIRE(p.waiting_for);
    CHECK(p.waiting_for->reason == WaitingFor::Reason::source);
    CHECK(p.waiting_for->until);
}
