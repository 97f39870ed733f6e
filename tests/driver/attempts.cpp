// SPDX-License-Identifier: BSL-1.0
//
// Attempts that take too long, never come back, fail, or are turned away, and the conditions that stop a job.
#include "support.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

using namespace test;

namespace {

using AwaitableOutcome = std::function<asio::awaitable<Outcome<int>>(std::string const&, Attempt const&)>;
using Processor = Simulated<AwaitableOutcome>;

struct AttemptingHost {
    explicit AttemptingHost(ProcessorOptions options = {}, Hooks hooks = fixed_backoff(1s))
        : processor{sim, Unlimited{}, AwaitableOutcome{[this](std::string const& item, Attempt const& attempt) -> asio::awaitable<Outcome<int>> {
                        starts.push_back(sim.now());
                        ++running;
                        struct Leave {
                            int& count;
                            ~Leave() { --count; }
                        } const leave{running};
                        co_return co_await answer(item, attempt);
                    }},
                    options, std::move(hooks)} {
        sim.set_lag(0s);
    }

    JobProgress progress(JobId job) const { return processor.progress(job).value(); }

    Simulation sim{1};
    std::vector<time_point> starts;
    int running = 0;
    AwaitableOutcome answer;
    Processor processor;
};

// Waits as long as it is told to, whoever asks it to stop.
asio::awaitable<Outcome<int>> deaf(duration time) {
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    co_await sleep_for(time, asio::use_awaitable);
    co_return 1;
}

asio::awaitable<Outcome<int>> at_once(Outcome<int> outcome) { co_return outcome; }

}  // namespace

TEST_CASE("an attempt past its time-out is asked to stop, by its token and by its cancellation slot", "[driver][timeout]") {
    AttemptingHost h;
    int aborted = 0;
    std::vector<duration> after;
    h.answer = [&](std::string const&, Attempt const& attempt) -> asio::awaitable<Outcome<int>> {
        auto const begin = h.sim.now();
        std::stop_callback const asked{attempt.stop_token(), [&] { after.push_back(h.sim.now() - begin); }};
        try {
            co_await sleep_for(1h, asio::use_awaitable);
        } catch (net_system_error const& e) {
            CHECK(attempt.stop_token().stop_requested());
            aborted += e.code() == asio::error::operation_aborted ? 1 : 0;
            throw;
        }
        co_return 1;
    };
    auto const job = h.processor.start_batch(names(3), {.max_attempts = 2, .attempt_timeout = 2s});
    h.sim.run();
    auto const p = h.progress(job);
    CHECK(aborted == 6);
    REQUIRE(after.size() == 6);
    for (auto const time : after) {
        CHECK(time >= 2s);
        CHECK(time <= 2s + 2 * 20ms);  // two ticks of the watchdog
    }
    CHECK(p.status == JobStatus::failed);
    CHECK(p.failed == 3);
    CHECK(p.errors[0].attempt_number == 2);
    CHECK(h.processor.stats().abandoned_ever == 0);
}

TEST_CASE("an attempt that stops in time for its time-out is tried again", "[driver][timeout]") {
    AttemptingHost h;
    h.answer = [&](std::string const&, Attempt const& attempt) -> asio::awaitable<Outcome<int>> {
        if (attempt.number() == 1) co_await sleep_for(1h, asio::use_awaitable);
        CHECK(!attempt.stop_token().stop_requested());  // a fresh one after it was used
        co_return attempt.number();
    };
    auto const job = h.processor.start_batch(names(3), {.attempt_timeout = 2s});
    h.sim.run();
    CHECK(h.progress(job).successful == 3);
    CHECK(h.processor.results(job, 0, 1).items.at(0).attempts == 2);
}

TEST_CASE("an attempt that is not back after the grace is abandoned, its late answer dropped", "[driver][timeout][abandoned]") {
    std::vector<Event> events;
    AttemptingHost h{{.abandon_grace = 3s}, fixed_backoff(1s).on_event([&](Event const& e) { events.push_back(e); })};
    h.answer = [&](std::string const&, Attempt const& attempt) { return attempt.number() == 1 ? deaf(1min) : at_once(7); };
    int results = 0;
    h.processor.on_result([&](auto&&...) { ++results; });
    auto const job = h.processor.start_batch(names(2), {.concurrency = 2, .attempt_timeout = 2s});
    h.sim.run_for(4900ms);
    CHECK(h.progress(job).running == 2);
    CHECK(h.progress(job).abandoned == 0);
    h.sim.run_for(200ms);
    auto p = h.progress(job);
    CHECK(adds_up(p));
    CHECK(p.running == 0);
    CHECK(p.retrying == 2);
    CHECK(p.abandoned == 2);
    CHECK(h.processor.stats().abandoned == 2);
    CHECK(h.processor.stats().in_flight == 0);
    CHECK(h.running == 2);  // they are still out
    h.sim.run_for(2s);
    p = h.progress(job);
    CHECK(p.status == JobStatus::completed);
    CHECK(p.successful == 2);
    CHECK(p.abandoned == 2);
    CHECK(!h.processor.forget(job));  // not while an attempt is out
    h.sim.run();
    p = h.progress(job);
    CHECK(p.successful == 2);
    CHECK(p.abandoned == 0);
    CHECK(results == 2);
    auto const stats = h.processor.stats();
    CHECK(stats.late_answers == 2);
    CHECK(stats.abandoned == 0);
    CHECK(stats.abandoned_ever == 2);
    CHECK(std::count_if(events.begin(), events.end(), [](auto const& e) { return e.type == Event::Type::abandoned; }) == 2);
    CHECK(h.processor.forget(job));
}

TEST_CASE("an abandoned attempt whose item has no attempt left fails as timed out", "[driver][timeout][abandoned]") {
    AttemptingHost h;
    h.answer = [&](auto&, auto&) { return deaf(10min); };
    auto const job = h.processor.start_batch(names(1), {.max_attempts = 1, .attempt_timeout = 2s});
    Answer<JobProgress> wait;
    h.processor.async_wait(job, wait.handler());
    h.sim.run_for(8s);
    REQUIRE(wait.calls == 1);  // nobody waits for the attempt itself
    CHECK(wait.value->failed == 1);
    CHECK(wait.value->errors.at(0).kind == FailureKind::timed_out);
    CHECK(wait.value->abandoned == 1);
}

TEST_CASE("no attempt starts while max_abandoned are out, and the job says so", "[driver][timeout][abandoned]") {
    AttemptingHost h{{.max_abandoned = 2}};
    h.answer = [&](std::string const& item, auto&) { return item < "2" ? deaf(1h) : at_once(1); };
    auto const job = h.processor.start_batch(names(5), {.concurrency = 2, .max_attempts = 1, .attempt_timeout = 2s});
    auto const other = h.processor.start_batch(names(1), {.deadline = 10min});
    h.processor.pause(other);
    h.sim.run_for(1min);
    auto const p = h.progress(job);
    CHECK(p.failed == 2);
    CHECK(p.waiting == 3);
    CHECK(p.abandoned == 2);
    REQUIRE(p.waiting_for);
    CHECK(p.waiting_for->reason == WaitingFor::Reason::abandoned);
    CHECK(p.waiting_for->scope == WaitingFor::Scope::processor);
    CHECK(!p.waiting_for->until);
    CHECK(h.starts.size() == 2);
    h.processor.resume(other);
    h.sim.run_for(1min);
    CHECK(h.starts.size() == 2);
    h.sim.run();
    CHECK(h.progress(job).successful == 3);  // one came back after all
    CHECK(h.progress(other).stop_reason == StopReason::deadline);
}

TEST_CASE("a synchronous attempt past its time-out still counts when it answers on a busy loop", "[driver][timeout]") {
    Simulation sim{1};
    Simulated<Sync> processor{sim, Unlimited{}, Sync{[&](std::string const&, Attempt const& attempt) {
                                  sim.spend(1min);
                                  CHECK(!attempt.stop_token().stop_requested());  // nobody could ask it
                                  return 1;
                              }}};
    auto const job = processor.start_batch(names(3), {.attempt_timeout = 2s});
    sim.run();
    CHECK(processor.progress(job)->successful == 3);
}

TEST_CASE("a failed attempt is tried again after its backoff, up to max_attempts", "[driver][attempts]") {
    AttemptingHost h;
    std::vector<int> numbers;
    h.answer = [&](auto&, Attempt const& attempt) {
        numbers.push_back(attempt.number());
        return at_once(Failure::transient("not now"));
    };
    auto const job = h.processor.start_batch({"a"}, {.max_attempts = 4});
    h.sim.run_for(500ms);
    auto const p = h.progress(job);
    CHECK(p.retrying == 1);
    REQUIRE(p.waiting_for);
    CHECK(p.waiting_for->reason == WaitingFor::Reason::backoff);
    CHECK(p.waiting_for->until == h.sim.wall_now() + (h.starts[0] + 1s - h.sim.now()));
    h.sim.run();
    CHECK(numbers == std::vector<int>{1, 2, 3, 4});
    for (std::size_t i = 1; i < h.starts.size(); ++i) CHECK(h.starts[i] == h.starts[i - 1] + 1s);
    CHECK(h.progress(job).status == JobStatus::failed);
    CHECK(h.progress(job).errors.at(0).attempt_number == 4);
}

TEST_CASE("a permanent failure is not tried again", "[driver][attempts]") {
    AttemptingHost h;
    h.answer = [&](auto&, auto&) { return at_once(Failure::permanent("not an image")); };
    auto const job = h.processor.start_batch(names(2), {.max_attempts = 5});
    h.sim.run();
    CHECK(h.starts.size() == 2);
    CHECK(h.progress(job).errors.at(0).attempt_number == 1);
    CHECK(h.progress(job).errors.at(0).kind == FailureKind::permanent);
}

TEST_CASE("Retry-After is obeyed in full, whatever the policy says", "[driver][attempts]") {
    struct Hasty {
        std::optional<duration> next(Failure const&, int, Random&) { return 1ms; }
    };
    AttemptingHost h{{}, Hooks{}.retry(Hasty{})};
    h.answer = [&](auto&, Attempt const& attempt) {
        CHECK(attempt.number() == 1);  // who asks to be left alone has not tried
        return at_once(h.starts.size() == 1 ? Outcome<int>{Failure::transient("busy", 42s)} : Outcome<int>{1});
    };
    auto const job = h.processor.start_batch({"a"});
    h.sim.run();
    REQUIRE(h.starts.size() == 2);
    CHECK(h.starts[1] - h.starts[0] >= 42s);
    CHECK(h.starts[1] - h.starts[0] <= 47s);  // up to a tenth on top
    CHECK(h.progress(job).successful == 1);
}

TEST_CASE("throttled closes the processor until then, and costs no attempt", "[driver][attempts][throttled]") {
    AttemptingHost h;
    int turned_away = 0;
    std::vector<int> numbers;
    h.answer = [&](std::string const& item, Attempt const& attempt) -> asio::awaitable<Outcome<int>> {
        co_await sleep_for(100ms, asio::use_awaitable);
        if (item != "0") co_return 1;
        numbers.push_back(attempt.number());
        if (++turned_away <= 5) co_return Failure::throttled("429", 10s);
        co_return 1;
    };
    auto const job = h.processor.start_batch(names(20), {.concurrency = 2, .max_attempts = 1});
    h.sim.run_for(5s);
    auto const p = h.progress(job);
    REQUIRE(p.waiting_for);
    CHECK(p.waiting_for->reason == WaitingFor::Reason::throttled);
    CHECK(p.waiting_for->scope == WaitingFor::Scope::processor);
    REQUIRE(p.waiting_for->until);
    auto const left = *p.waiting_for->until - h.sim.wall_now();
    CHECK(h.sim.now() + left >= h.starts[0] + 100ms + 10s);
    CHECK(h.sim.now() + left <= h.starts[0] + 101ms + 11s);
    CHECK(h.starts.size() == 2);
    auto const other = h.processor.start_batch({"another"});
    h.sim.run_for(4s);
    CHECK(h.starts.size() == 2);  // nobody's attempts start
    h.sim.run();
    CHECK(h.progress(job).successful == 20);
    CHECK(h.progress(other).successful == 1);
    CHECK(numbers == std::vector<int>{1, 1, 1, 1, 1, 1});
}

TEST_CASE("beyond max_throttles being turned away is an ordinary failure", "[driver][attempts][throttled]") {
    AttemptingHost h{{.max_throttles = 3}};
    h.answer = [&](auto&, auto&) { return at_once(Failure::throttled("429", 1s)); };
    auto const job = h.processor.start_batch({"a"}, {.max_attempts = 2});
    h.sim.run();
    CHECK(h.starts.size() == 5);  // three of them free of charge
    CHECK(h.progress(job).failed == 1);
    CHECK(h.progress(job).errors.at(0).kind == FailureKind::throttled);
    CHECK(h.progress(job).errors.at(0).attempt_number == 2);
}

TEST_CASE("a burst stops at the first throttled outcome", "[driver][attempts][throttled]") {
    Simulation sim{1};
    sim.set_lag(0s);
    int calls = 0;
    std::vector<time_point> starts;
    Simulated<SyncOutcome> processor{sim, Unlimited{}, SyncOutcome{[&](auto&, auto&) -> Outcome<int> {
                                         starts.push_back(sim.now());
                                         if (++calls == 40) return Failure::throttled("429", 1min);
                                         return 1;
                                     }}};
    auto const job = processor.start_batch(names(200), {.concurrency = 1});
    sim.run();
    CHECK(processor.progress(job)->successful == 200);
    REQUIRE(starts.size() == 201);
    CHECK(starts[40] >= starts[39] + 1min);
}

TEST_CASE("a job stops after so many failures, or at such a share of them", "[driver][stop]") {
    AttemptingHost h;
    h.answer = [&](std::string const& item, auto&) { return at_once(std::stoi(item) % 2 == 0 ? Outcome<int>{Failure::permanent("even")} : Outcome<int>{1}); };
    auto const failures = h.processor.start_batch(names(1'000), {.concurrency = 1, .stop_after_failures = 7});
    auto const rate = h.processor.start_batch(names(1'000), {.concurrency = 1, .stop_at_failure_rate = 0.5});
    auto const tolerant = h.processor.start_batch(names(1'000), {.stop_at_failure_rate = 0.6});
    h.sim.run();
    auto p = h.progress(failures);
    CHECK(p.status == JobStatus::failed);
    CHECK(p.stop_reason == StopReason::failures);
    CHECK(p.failed == 7);
    CHECK(p.successful == 6);
    CHECK(p.cancelled == 987);
    p = h.progress(rate);
    CHECK(p.stop_reason == StopReason::failure_rate);
    CHECK(p.processed() >= 20);
    CHECK(p.processed() <= 22);
    p = h.progress(tolerant);
    CHECK(p.status == JobStatus::completed);
    CHECK(p.failed == 500);
}

TEST_CASE("a job makes max_calls attempts and not one more", "[driver][stop]") {
    for (int const concurrency : {1, 4, 16}) {
        AttemptingHost h;
        h.answer = [&](std::string const& item, Attempt const& attempt) {
            return at_once(item.back() == '3' && attempt.number() == 1 ? Outcome<int>{Failure::transient("again")} : Outcome<int>{1});
        };
        auto const job = h.processor.start_batch(names(1'000), {.concurrency = concurrency, .max_calls = 333});
        h.sim.run();
        auto const p = h.progress(job);
        CHECK(h.starts.size() == 333);
        CHECK(p.stop_reason == StopReason::calls);
        CHECK(p.status == JobStatus::failed);
        CHECK(p.finished());
        CHECK(adds_up(p));
        auto const enough = h.processor.start_batch(names(30), {.max_calls = 33});
        h.sim.run();
        CHECK(h.progress(enough).status == JobStatus::completed);
    }
}

TEST_CASE("a deadline stops a job wherever it is", "[driver][stop]") {
    AttemptingHost h;
    h.answer = [&](auto&, auto&) -> asio::awaitable<Outcome<int>> {
        co_await sleep_for(4s, asio::use_awaitable);
        co_return 1;
    };
    auto const job = h.processor.start_batch(names(100), {.deadline = 10s});
    auto const in_time = h.processor.start_batch(names(5), {.deadline = 10s});
    auto const begin = h.sim.now();
    h.sim.run_until([&] { return h.progress(job).stop_reason != StopReason::none; });
    CHECK(h.sim.now() - begin == 10s);
    h.sim.run();
    CHECK(h.progress(job).stop_reason == StopReason::deadline);
    CHECK(h.progress(job).status == JobStatus::failed);
    CHECK(h.progress(job).successful == 10);
    CHECK(h.progress(job).cancelled == 90);
    CHECK(h.progress(in_time).status == JobStatus::completed);
    CHECK(h.sim.now() - begin < 11s);  // no timer is left
}

TEST_CASE("no more than max_retrying items of a job wait for another attempt", "[driver][attempts]") {
    AttemptingHost h{{.max_retrying = 10}, fixed_backoff(1min)};
    std::map<std::string, int> tried;
    h.answer = [&](std::string const& item, auto&) { return at_once(++tried[item] == 1 ? Outcome<int>{Failure::transient("down")} : Outcome<int>{1}); };
    auto const job = h.processor.start_batch(names(100), {.concurrency = 4});
    h.sim.after_event([&] { REQUIRE(h.progress(job).retrying <= 10); });
    h.sim.run_for(30s);
    CHECK(h.progress(job).retrying == 10);
    CHECK(h.starts.size() == 10);  // fresh ones are held back
    h.sim.run();
    CHECK(h.progress(job).successful == 100);
}

TEST_CASE("a job without an ended item for stalled_after is stalled", "[driver][stalled]") {
    AttemptingHost h;
    h.answer = [&](auto&, auto&) { return deaf(3h); };
    auto const job = h.processor.start_batch(names(2), {.attempt_timeout = 10h, .stalled_after = 1h});
    h.sim.run_for(59min);
    CHECK(!h.progress(job).stalled);
    h.sim.run_for(2min);
    CHECK(h.progress(job).stalled);
    h.sim.run();
    CHECK(!h.progress(job).stalled);
}

TEST_CASE("limits at all three scopes hold, and waiting_for names the one that refuses", "[driver][limits]") {
    AttemptingHost h{{.max_in_flight = 3}};
    h.answer = [&](auto&, auto&) -> asio::awaitable<Outcome<int>> {
        CHECK(h.running <= 3);
        co_await sleep_for(1s, asio::use_awaitable);
        co_return 1;
    };
    auto const job = h.processor.start_batch(names(50), {.concurrency = 10});
    auto const limited = h.processor.start_batch(names(50), {.rate_limit_per_minute = 6});
    h.sim.run_for(30s);
    CHECK(h.progress(job).successful > 50 / 2);
    CHECK(h.progress(limited).successful <= 6);
    CHECK(h.progress(limited).waiting_for->scope == WaitingFor::Scope::job);
    CHECK(h.progress(limited).waiting_for->reason == WaitingFor::Reason::rate);
    h.sim.run();
    CHECK(h.progress(limited).successful == 50);
}

TEST_CASE("durations as long as they get are obeyed", "[driver][options]") {
    AttemptingHost h;
    int asked = 0;
    h.answer = [&](std::string const& item, auto&) {
        return at_once(item == "1" && ++asked == 1 ? Outcome<int>{Failure::transient("for ever", duration::max())} : Outcome<int>{1});
    };
    auto const longest = duration::max();
    auto const job = h.processor.start_batch(names(3), {.attempt_timeout = longest, .deadline = longest, .stalled_after = longest});
    h.sim.run_for(1h);
    auto const p = h.progress(job);
    CHECK(p.successful + p.waiting == 2);  // nothing starts until then
    CHECK(p.retrying == 1);
    CHECK(!p.finished());
    CHECK(h.processor.cancel(job));
    Answer<ShutdownReport> shutdown;
    h.processor.async_shutdown(ShutdownMode::drain, longest, shutdown.handler());
    h.sim.run_for(1h);
    CHECK(shutdown.calls == 1);
    CHECK(!shutdown.value->deadline_passed);
}
