// SPDX-License-Identifier: BSL-1.0
//
// Every form that an annotator may have, and what becomes of what it throws.
#include "support.hpp"

#include <memory>
#include <stdexcept>
#include <tuple>
#include <variant>

using namespace test;

namespace {

// Runs items "1", "2", "3" (or 1, 2, 3), of which the second one fails for good, and checks what came of it.
template <class Annotator>
JobProgress run_three(Annotator annotate, std::vector<typename annotator_traits<Annotator>::item_type> items) {
    Simulation sim{1};
    BatchProcessor processor{sim, Unlimited{}, std::move(annotate), {}, Hooks{}.retry(RetryPolicy{NoBackoff{}})};
    auto const job = processor.start_batch(std::move(items), {.max_attempts = 2});
    sim.run();
    auto p = processor.progress(job).value();
    CHECK(p.status == JobStatus::completed);
    CHECK(p.successful == 2);
    CHECK(p.failed == 1);
    REQUIRE(p.errors.size() == 1);
    return p;
}

template <class Annotator>
JobProgress three_strings(Annotator annotate) {
    auto p = run_three(std::move(annotate), {"1", "2", "3"});
    CHECK(p.errors[0].item_id == "2");
    return p;
}

int number(std::string_view item) {
    if (item == "2") throw std::runtime_error{"two"};
    return item[0] - '0';
}
Outcome<int> outcome(std::string_view item) {
    if (item == "2") return Failure::permanent("two");
    return item[0] - '0';
}
Outcome<void> nothing_or_failure(std::string_view item) {
    if (item == "2") return Failure::permanent("two");
    return {};
}
asio::awaitable<void> wait() { co_await sleep_for(1ms, asio::use_awaitable); }

struct WithItemType {
    using item_type = int;
    template <class T>
    int operator()(T const& item) const {
        if (item == 2) throw std::runtime_error{"two"};
        return item;
    }
};

struct MoveOnly {
    explicit MoveOnly(int n) : value{std::make_unique<int>(n)} {}
    std::unique_ptr<int> value;
};

}  // namespace

TEST_CASE("an annotator may return a value, nothing or an outcome", "[driver][annotator]") {
    three_strings([](std::string_view item) { return number(item); });
    three_strings([](std::string const& item) { number(item); });
    CHECK(three_strings([](std::string_view item) { return outcome(item); }).errors[0].attempt_number == 1);
    CHECK(three_strings([](std::string_view item) { return nothing_or_failure(item); }).errors[0].kind == FailureKind::permanent);
    CHECK(three_strings([](std::string_view item, Attempt const&) { return number(item); }).errors[0].attempt_number == 2);
    three_strings([calls = 0](std::string_view item) mutable { return ++calls > 0 ? outcome(item) : Outcome<int>{0}; });
}

TEST_CASE("an annotator may return an awaitable of a value, nothing or an outcome", "[driver][annotator]") {
    three_strings([](std::string_view item) -> asio::awaitable<int> {
        co_await wait();
        co_return number(item);
    });
    three_strings([](std::string_view item) -> asio::awaitable<void> {
        co_await wait();
        number(item);
    });
    three_strings([](std::string_view item) -> asio::awaitable<Outcome<int>> {
        co_await wait();
        co_return outcome(item);
    });
    three_strings([](std::string_view item) -> asio::awaitable<Outcome<void>> {
        co_await wait();
        co_return nothing_or_failure(item);
    });
    three_strings([](std::string_view item, Attempt const&) -> asio::awaitable<int> { co_return number(item); });
}

TEST_CASE("an annotator may be a function, a generic callable with its item named, or a class with an item_type", "[driver][annotator]") {
    three_strings(&number);
    CHECK(run_three(annotates<int>([](auto const& item) { return item == 2 ? throw std::runtime_error{"two"} : item; }), {1, 2, 3}).errors[0].error == "two");
    CHECK(run_three(WithItemType{}, {1, 2, 3}).errors[0].item_id == "2");
    CHECK(run_three([](long const& item) { return item == 2 ? throw std::runtime_error{"two"} : item; }, {1, 2, 3}).errors[0].item_id == "2");

    static_assert(std::same_as<annotator_traits<decltype(&number)>::item_type, std::string>);
    static_assert(std::same_as<annotator_traits<WithItemType>::item_type, int>);
    static_assert(std::same_as<annotator_traits<decltype(&nothing_or_failure)>::annotation_type, std::monostate>);
}

TEST_CASE("an annotation that can only be moved goes to on_result, and is not kept", "[driver][annotator]") {
    Simulation sim{1};
    BatchProcessor processor{sim, Unlimited{}, [](int item) { return MoveOnly{item}; }};
    int sum = 0;
    processor.on_result([&](JobId const&, ItemResult<MoveOnly> const& r) { sum += *r.annotation->value; });
    auto const job = processor.start_batch({1, 2, 3});
    sim.run();
    CHECK(sum == 6);
    CHECK(processor.results(job, 0, 10).items.empty());
}

TEST_CASE("an annotator may be movable only, and items too", "[driver][annotator]") {
    Simulation sim{1};
    int sum = 0;
    BatchProcessor processor{sim, Unlimited{}, [&sum, owned = std::make_unique<int>(10)](MoveOnly const& item) { sum += *item.value * *owned; }};
    std::vector<MoveOnly> items;
    for (int i = 1; i <= 3; ++i) items.emplace_back(i);
    auto const job = processor.start_batch(std::move(items));
    sim.run();
    CHECK(sum == 60);
    CHECK(processor.progress(job)->successful == 3);
}

TEST_CASE("an attempt knows its job, its item's place, its number, its deadline and its key", "[driver][annotator]") {
    Simulation sim{1};
    sim.set_lag(0s);
    std::vector<Attempt> seen;
    Simulated<Sync> processor{sim, Unlimited{}, Sync{[&](std::string const& item, Attempt const& attempt) {
                                  CHECK(attempt.deadline() == sim.now() + 7s);
                                  seen.push_back(attempt);
                                  if (item == "1" && attempt.number() < 3) throw std::runtime_error{"again"};
                                  return 0;
                              }},
                              {}, fixed_backoff(1s)};
    auto const job = processor.start_batch(names(3), {.concurrency = 1, .attempt_timeout = 7s});
    sim.run();
    REQUIRE(seen.size() == 5);
    int attempts = 0;
    for (auto const& attempt : seen) {
        CHECK(attempt.job() == job);
        CHECK(attempt.idempotency_key() == job.to_string() + ':' + std::to_string(attempt.index()));
        CHECK(!attempt.stop_token().stop_requested());
        if (attempt.index() == 1) CHECK(attempt.number() == ++attempts);
        else CHECK(attempt.number() == 1);
    }
    CHECK(attempts == 3);
    CHECK(processor.results(job, 0, 10).items.back().attempts == 3);
}

TEST_CASE("whatever an annotator throws is a failure of its item, and a code is kept", "[driver][annotator][exceptions]") {
    struct Odd {};
    std::function<void()> const throwing[] = {
        [] { throw std::system_error{make_error_code(std::errc::host_unreachable), "no route"}; },
        [] { throw std::runtime_error{"plain"}; },
        [] { throw 42; },
        [] { throw Odd{}; },
        [] { throw "a literal"; },
        [] { throw std::unique_ptr<int>{}; },
        [] { throw std::bad_alloc{}; },
    };
    for (bool const awaited : {false, true}) {
        for (std::size_t i = 0; i < std::size(throwing); ++i) {
            INFO(i << (awaited ? ", awaited" : ""));
            Simulation sim{1};
            std::vector<Failure> failures;
            struct Noting {
                std::vector<Failure>* to;
                std::optional<duration> next(Failure const& f, int, Random&) {
                    to->push_back(f);
                    return 0s;
                }
            };
            auto const check = [&](auto annotate) {
                Simulated<decltype(annotate)> processor{sim, Unlimited{}, annotate, {}, Hooks{}.retry(Noting{&failures})};
                auto const job = processor.start_batch(names(3), {.max_attempts = 2});
                sim.run();
                auto const p = *processor.progress(job);
                CHECK(p.status == JobStatus::failed);
                CHECK(p.failed == 3);
                CHECK(p.stop_reason == StopReason::none);
                return p;
            };
            auto const p = awaited ? check(Awaitable{[&](std::string const&, Attempt const&) -> asio::awaitable<int> {
                co_await wait();
                throwing[i]();
                co_return 0;
            }})
                                   : check(Sync{[&](std::string const&, Attempt const&) -> int {
                                         throwing[i]();
                                         return 0;
                                     }});
            REQUIRE(failures.size() == 6);
            CHECK(failures[0].kind() == FailureKind::transient);
            CHECK(failures[0].message() == p.errors[0].error);
            CHECK(!p.errors[0].error.empty());
            if (i == 0) {
                CHECK(failures[0].code() == std::errc::host_unreachable);
                CHECK(contains(p.errors[0].error, "no route"));
            } else {
                CHECK(!failures[0].code());
            }
            if (i == 1) CHECK(p.errors[0].error == "plain");
            if (i == 2) CHECK(contains(p.errors[0].error, "not a std::exception"));
        }
    }
}

TEST_CASE("an annotator that throws when it is called, before its awaitable runs, has failed too", "[driver][annotator][exceptions]") {
    Simulation sim{1};
    Simulated<Awaitable> processor{sim, Unlimited{}, Awaitable{[](std::string const&, Attempt const&) -> asio::awaitable<int> { throw std::runtime_error{"at once"}; }}};
    auto const job = processor.start_batch(names(2), {.max_attempts = 1});
    sim.run();
    CHECK(processor.progress(job)->failed == 2);
    CHECK(processor.progress(job)->errors[0].error == "at once");
}

TEST_CASE("an annotator may change its cancellation state, the next burst does not inherit it", "[driver][annotator][cancellation]") {
    // Attempts of a millisecond are bursts of one; within a burst of faster ones the state stays (docs/design.md).
    for (int slow = 1; slow < 40; slow += 13) {
        INFO("item " << slow);
        Simulation sim{1};
        sim.set_lag(0s);
        int cancelled = 0;
        Simulated<Awaitable> processor{sim, Unlimited{}, Awaitable{[&](std::string const& item, Attempt const&) -> asio::awaitable<int> {
                                           if (item != std::to_string(slow)) {
                                               co_await sleep_for(1ms, asio::use_awaitable);
                                               co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
                                               co_await asio::this_coro::throw_if_cancelled(false);
                                               co_return 1;
                                           }
                                           try {
                                               co_await sleep_for(1h, asio::use_awaitable);
                                           } catch (net_system_error const& e) {
                                               CHECK(e.code() == asio::error::operation_aborted);
                                               ++cancelled;
                                               throw;
                                           }
                                           co_return 2;
                                       }}};
        auto const job = processor.start_batch(names(50), {.concurrency = 1, .max_attempts = 1, .attempt_timeout = 1s});
        sim.run();
        CHECK(processor.progress(job)->successful == 49);
        CHECK(cancelled == 1);
        CHECK(processor.stats().abandoned_ever == 0);
    }
}

TEST_CASE("an awaitable with a concrete executor needs a serial one", "[driver][annotator]") {
    using Concrete = Simulation::executor_type;
    Simulation sim{1};
    auto const annotate = [](int item) -> asio::awaitable<int, Concrete> { co_return item; };
    BatchProcessor serial{sim, Unlimited{}, annotate};  // the simulation's is
    auto const job = serial.start_batch({1, 2, 3});
    sim.run();
    CHECK(serial.progress(job)->successful == 3);
    auto const thrown = thrown_by([&] { BatchProcessor{sim, Unlimited{}, annotate, {.executor_is_serial = false}}; });
    CHECK(thrown.code == error::invalid_option);
    CHECK(contains(thrown.what, "executor_is_serial"));
}
