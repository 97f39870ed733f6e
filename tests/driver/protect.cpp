// SPDX-License-Identifier: BSL-1.0
//
// A service that is down: the circuit breaker and the retry budget of a processor.
#include "support.hpp"

#include <vector>

using namespace test;

TEST_CASE("an open circuit breaker starts nothing, says so, and closes when its probe succeeds", "[driver][breaker]") {
    Simulation sim{1};
    sim.set_lag(0s);
    bool down = true;
    std::vector<duration> calls;
    auto const begin = sim.now();
    Simulated<Sync> processor{sim, Unlimited{}, Sync{[&](std::string const&, Attempt const&) -> int {
                                  calls.push_back(sim.now() - begin);
                                  if (down) throw std::runtime_error{"down"};
                                  return 0;
                              }},
                              {}, Hooks{}.circuit_breaker(CircuitBreaker{{.window = 10, .minimum = 5, .open_for = 10s}})};
    auto const job = processor.start_batch(names(100), {.concurrency = 2, .max_attempts = 1});
    sim.run_for(1s);
    CHECK(calls.size() == 5);
    auto const why = processor.progress(job)->waiting_for;
    REQUIRE(why);
    CHECK(why->reason == WaitingFor::Reason::breaker);
    CHECK(why->scope == WaitingFor::Scope::processor);
    CHECK(why->until == sim.wall_now() + (begin + 10s - sim.now()));
    CHECK(to_string(why->reason) == "breaker");

    sim.run_for(60s);  // one probe after 10 s, one after another 20 s, the next would come after 40 s
    CHECK(calls.size() == 7);
    CHECK(calls[5] == 10s);
    CHECK(calls[6] == 30s);

    down = false;
    sim.run();
    CHECK(calls[7] == 70s);
    auto const p = *processor.progress(job);
    CHECK(p.status == JobStatus::completed);
    CHECK(p.failed == 7);
    CHECK(p.successful == 93);
    CHECK(calls.back() < 71s);
}

TEST_CASE("items at fault and throttled calls leave the circuit breaker closed", "[driver][breaker]") {
    Simulation sim{1};
    int calls = 0;
    Simulated<SyncOutcome> processor{sim, Unlimited{}, SyncOutcome{[&](std::string const&, Attempt const&) -> Outcome<int> {
                                         if (++calls % 2 == 0) return Failure::throttled("later", 1ms);
                                         return Failure::permanent("not a picture");
                                     }},
                                     {}, Hooks{}.circuit_breaker(CircuitBreaker{{.window = 2, .minimum = 1}})};
    auto const job = processor.start_batch(names(20), {.concurrency = 1});
    sim.run_for(29s);  // less than an open breaker's time
    CHECK(processor.progress(job)->failed == 20);
}

TEST_CASE("retries that the budget does not pay for wait for it", "[driver][budget]") {
    Simulation sim{1};
    sim.set_lag(0s);
    auto const begin = sim.now();
    std::vector<duration> retries;
    Simulated<Sync> processor{sim, Unlimited{}, Sync{[&](std::string const&, Attempt const& attempt) -> int {
                                  if (attempt.number() == 1) throw std::runtime_error{"once"};
                                  retries.push_back(sim.now() - begin);
                                  return 0;
                              }},
                              {}, Hooks{}.retry(RetryPolicy{NoBackoff{}}).retry_budget(RetryBudget{0, 60, 5})};
    auto const job = processor.start_batch(names(20), {.concurrency = 1});
    sim.run();
    CHECK(processor.progress(job)->successful == 20);
    REQUIRE(retries.size() == 20);
    for (std::size_t i = 0; i < retries.size(); ++i) {
        INFO(i);
        CHECK(retries[i] == (i < 5 ? 0s : duration{static_cast<int>(i - 4) * 1s}));
    }
}

TEST_CASE("a cancelled job gives back what its retries had reserved", "[driver][budget]") {
    Simulation sim{1};
    Simulated<Sync> processor{sim, Unlimited{}, Sync{[](std::string const&, Attempt const& attempt) -> int {
                                  if (attempt.number() == 1) throw std::runtime_error{"once"};
                                  return 0;
                              }},
                              {}, Hooks{}.retry(RetryPolicy{NoBackoff{}}).retry_budget(RetryBudget{0, 60, 5})};
    auto const first = processor.start_batch(names(5'000));
    sim.run_for(1s);
    CHECK(processor.progress(first)->retrying > 4'000);
    processor.cancel(first);
    auto const begin = sim.now();
    processor.start_batch(names(1));
    sim.run();
    CHECK(sim.now() - begin < 10s);
}

TEST_CASE("a circuit breaker judges by all calls, however fast they are", "[driver][breaker]") {
    Simulation sim{1};
    sim.set_lag(0s);
    auto const begin = sim.now();
    Simulated<Sync> processor{sim, Unlimited{}, Sync{[](std::string const& item, Attempt const&) -> int {
                                  if (item.back() == '3' || item.back() == '7') throw std::runtime_error{"a fifth of them"};
                                  return 0;
                              }},
                              {}, Hooks{}.circuit_breaker(CircuitBreaker{})};
    auto const job = processor.start_batch(names(20'000), {.concurrency = 50, .max_attempts = 1});
    sim.run();
    CHECK(processor.progress(job)->failed == 4'000);
    CHECK(sim.now() - begin < 1s);  // it never opened
}
