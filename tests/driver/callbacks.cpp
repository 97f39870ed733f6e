// SPDX-License-Identifier: BSL-1.0
//
// Annotators that answer by a completion: inside the call or after it, here or on another thread, twice, or never.
#include "support.hpp"

#include <batchpace/annotators/callback.hpp>

#include <memory>
#include <stdexcept>
#include <thread>

using namespace test;

namespace {

using Done = Completion<int>;
using ByCompletion = std::function<void(std::string const&, Attempt const&, Done)>;
using Called = Callback<int, ByCompletion>;

// A processor whose calls are kept until the test answers them.
struct Kept {
    Simulation sim{1};
    std::vector<Done> calls;
    std::vector<Attempt> attempts;
    Simulated<Called> processor{sim, Unlimited{}, Called{[this](std::string const&, Attempt const& attempt, Done done) {
                                    attempts.push_back(attempt);
                                    calls.push_back(std::move(done));
                                }},
                                {}, fixed_backoff(1s)};
};

}  // namespace

TEST_CASE("an annotator may answer by a completion, before it returns", "[callback]") {
    Simulation sim{1};
    Simulated<Called> processor{sim, Unlimited{}, Called{[](std::string const& item, Attempt const&, Done done) {
                                    if (item == "1") return done(Failure::permanent("one"));
                                    done(item[0] - '0');
                                }}};
    auto const job = processor.start_batch(names(3));
    sim.run();
    auto const p = processor.progress(job).value();
    CHECK(p.successful == 2);
    REQUIRE(p.errors.size() == 1);
    CHECK(p.errors[0].item_id == "1");
    CHECK(p.errors[0].error == "one");
    auto const page = processor.results(job, 0, 10);
    REQUIRE(page.items.size() == 3);
    CHECK(page.items[2].annotation == 2);
}

TEST_CASE("or long after", "[callback]") {
    Kept k;
    auto const job = k.processor.start_batch(names(3), {.concurrency = 2});
    k.sim.run_for(1s);
    REQUIRE(k.calls.size() == 2);
    CHECK(k.processor.progress(job)->running == 2);
    k.calls[1](7);
    k.sim.run_for(1s);
    CHECK(k.processor.progress(job)->successful == 1);
    REQUIRE(k.calls.size() == 3);
    k.calls[0](Failure::permanent("no"));
    k.calls[2](8);
    k.sim.run();
    auto const p = k.processor.progress(job).value();
    CHECK(p.status == JobStatus::completed);
    CHECK(p.successful == 2);
    CHECK(p.failed == 1);
}

TEST_CASE("the first answer counts, whichever copy gives it, and others are counted apart", "[callback]") {
    Kept k;
    auto const job = k.processor.start_batch(names(2), {.concurrency = 1});
    k.sim.run_for(1s);
    auto const copy = k.calls.at(0);
    copy(1);
    k.calls[0](Failure::permanent("changed my mind"));
    k.sim.run_for(1s);
    copy(3);  // while the lane is at its next item
    REQUIRE(k.calls.size() == 2);
    CHECK(k.processor.progress(job)->running == 1);
    k.calls[1](2);
    k.sim.run();
    CHECK(k.processor.progress(job)->successful == 2);
    CHECK(k.processor.stats().late_answers == 2);
}

TEST_CASE("a completion that is destroyed without a call is a failure for now", "[callback]") {
    Kept k;
    auto const job = k.processor.start_batch(names(1), {.max_attempts = 2});
    k.sim.run_for(100ms);
    {
        auto const copy = k.calls.at(0);
        k.calls.clear();
        k.sim.run_for(100ms);
        CHECK(k.processor.progress(job)->running == 1);  // the copy may still answer
    }
    k.sim.run_for(100ms);
    CHECK(k.processor.progress(job)->retrying == 1);
    k.sim.run_for(2s);
    k.calls.clear();
    k.sim.run();
    auto const p = k.processor.progress(job).value();
    REQUIRE(p.errors.size() == 1);
    CHECK(p.errors[0].attempt_number == 2);
    CHECK(p.errors[0].error == "the completion was destroyed without being called");
}

TEST_CASE("what the annotator throws counts if it has not answered before", "[callback]") {
    Simulation sim{1};
    Simulated<Called> processor{sim, Unlimited{}, Called{[](std::string const& item, Attempt const&, Done done) {
                                    if (item == "0") done(5);
                                    throw std::runtime_error{"thrown"};
                                }}};
    auto const job = processor.start_batch(names(2), {.max_attempts = 1});
    sim.run();
    auto const p = processor.progress(job).value();
    CHECK(p.successful == 1);
    REQUIRE(p.errors.size() == 1);
    CHECK(p.errors[0].item_id == "1");
    CHECK(p.errors[0].error == "thrown");
}

TEST_CASE("one that never answers is asked to stop, given up, and its answer is not taken any more", "[callback]") {
    Kept k;
    auto const job = k.processor.start_batch(names(1), {.max_attempts = 1, .attempt_timeout = 10s});
    k.sim.run_for(11s);
    REQUIRE(k.attempts.size() == 1);
    CHECK(k.attempts[0].stop_token().stop_requested());
    CHECK(k.processor.progress(job)->abandoned == 0);
    k.sim.run_for(6s);
    auto p = k.processor.progress(job).value();
    CHECK(p.abandoned == 1);
    CHECK(p.failed == 1);
    CHECK(p.status == JobStatus::failed);
    k.calls.at(0)(1);
    k.sim.run();
    p = k.processor.progress(job).value();
    CHECK(p.abandoned == 0);
    CHECK(p.successful == 0);
    CHECK(k.processor.stats().late_answers == 1);
}

TEST_CASE("a cancelled job asks by the stop token, and a late success still counts", "[callback]") {
    Kept k;
    auto const job = k.processor.start_batch(names(5), {.concurrency = 1});
    k.sim.run_for(1s);
    CHECK(k.processor.cancel(job));
    CHECK(k.attempts.at(0).stop_token().stop_requested());
    k.calls.at(0)(1);
    k.sim.run();
    auto const p = k.processor.progress(job).value();
    CHECK(p.status == JobStatus::cancelled);
    CHECK(p.successful == 1);
    CHECK(p.cancelled == 4);
    CHECK(k.calls.size() == 1);
}

TEST_CASE("completions outlive the processor, and its loop", "[callback]") {
    std::vector<Done> calls;
    auto const keep = [&](std::string const&, Attempt const&, Done done) { calls.push_back(std::move(done)); };
    SECTION("the processor goes first") {
        asio::io_context loop;
        {
            BatchProcessor processor{loop, Unlimited{}, Called{keep}};
            processor.start_batch(names(3), {.concurrency = 3});
            loop.poll();
        }
        REQUIRE(calls.size() == 3);
        calls[0](1);
        calls[1](Failure::transient("late"));
        calls.pop_back();
        loop.poll();
    }
    SECTION("the loop goes first") {
        auto loop = std::make_unique<asio::io_context>();
        BatchProcessor processor{*loop, Unlimited{}, Called{keep}};
        processor.start_batch(names(3), {.concurrency = 3});
        loop->poll();
        REQUIRE(calls.size() == 3);
        loop.reset();
        calls[0](1);
        calls[1](Failure::transient("late"));
        std::thread{[&] { calls.pop_back(); }}.join();
    }
    SECTION("inside of the call") {
        asio::io_context loop;
        using Processor = BatchProcessor<asio::io_context::executor_type, Unlimited, Called>;
        std::unique_ptr<Processor> processor;
        processor = std::make_unique<Processor>(loop.get_executor(), Unlimited{}, Called{[&](auto&, auto&, Done done) {
                                                    processor.reset();
                                                    done(1);
                                                }});
        processor->start_batch(names(3), {.concurrency = 1});
        loop.run();
        CHECK(processor == nullptr);
    }
    calls.clear();
}

TEST_CASE("completions that call one another do not pile up on the stack", "[callback]") {
    // Each call answers the one before: inside of one another, ten thousand lanes would take megabytes of stack.
    Simulation sim{1};
    std::optional<Done> before;
    int depth = 0, deepest = 0;
    Simulated<Called> processor{sim, Unlimited{}, Called{[&](std::string const&, Attempt const&, Done done) {
                                    deepest = std::max(deepest, ++depth);
                                    auto const answer = std::exchange(before, std::move(done));
                                    if (answer) (*answer)(1);
                                    --depth;
                                }}};
    auto const job = processor.start_batch(names(20'000), {.concurrency = 10'000});
    sim.run_for(1s);
    CHECK(processor.progress(job)->successful == 19'999);
    (*before)(1);
    sim.run();
    CHECK(processor.progress(job)->successful == 20'000);
    CHECK(deepest == 1);
}

TEST_CASE("with a completion too, items may be anything, and annotations nothing or only movable", "[callback]") {
    Simulation sim{1};
    SECTION("void") {
        BatchProcessor processor{sim, Unlimited{}, callback<void>([](std::string_view item, Completion<void> done) {
                                     if (item == "1") return done(Failure::permanent("one"));
                                     done();
                                 })};
        auto const job = processor.start_batch(names(3));
        sim.run();
        CHECK(processor.progress(job)->successful == 2);
        STATIC_REQUIRE(std::is_same_v<decltype(processor)::annotation_type, std::monostate>);
    }
    SECTION("numbers, and an annotation that cannot be copied") {
        using Only = std::unique_ptr<int>;
        BatchProcessor processor{sim, Unlimited{}, callback<Only>([](int item, Attempt const& attempt, Completion<Only> done) {
                                     done(std::make_unique<int>(item + attempt.number()));
                                 })};
        STATIC_REQUIRE(std::is_same_v<decltype(processor)::item_type, int>);
        int sum = 0;
        processor.on_result([&](JobId const&, auto const& result) { sum += **result.annotation; });
        processor.start_batch({10, 20});
        sim.run();
        CHECK(sum == 32);
    }
    SECTION("a template, with its items named") {
        BatchProcessor processor{sim, Unlimited{},
                                 callback<int>(annotates<long>([](auto const& item, Completion<int> done) {
                                     done(static_cast<int>(item));
                                 }))};
        STATIC_REQUIRE(std::is_same_v<decltype(processor)::item_type, long>);
        auto const job = processor.start_batch({1L, 2L});
        sim.run();
        CHECK(processor.progress(job)->successful == 2);
    }
}

TEST_CASE("an annotation whose move throws is a failure of its attempt", "[callback]") {
    struct Heavy {
        explicit Heavy(int* moves) : left{moves} {}
        Heavy(Heavy const&) = default;
        Heavy(Heavy&& other) : left{other.left} {
            if (--*left == 0) throw std::runtime_error{"too heavy"};
        }
        Heavy& operator=(Heavy const&) = default;
        int* left;
    };
    // Wherever on its way up to where it is kept.
    for (int moves = 1; moves <= 6; ++moves) {
        Simulation sim{1};
        int left = 0;
        BatchProcessor processor{sim, Unlimited{}, callback<Heavy>([&](std::string_view, Completion<Heavy> done) {
                                     left = moves;
                                     Heavy const heavy{&left};
                                     Outcome<Heavy> outcome{heavy};
                                     done(std::move(outcome));
                                 }),
                                 {}, Hooks{}.retry(RetryPolicy{NoBackoff{}})};
        auto const job = processor.start_batch(names(1), {.max_attempts = 2, .keep_results = 0});
        CHECK_NOTHROW(sim.run());
        CHECK(processor.progress(job)->processed() == 1);
    }
}

TEST_CASE("an answer from another thread brings the lane home", "[callback]") {
    asio::io_context loop;
    std::vector<std::thread> threads;
    std::thread::id const home = std::this_thread::get_id();
    int elsewhere = 0;
    BatchProcessor processor{loop, Unlimited{}, Called{[&](std::string const& item, Attempt const&, Done done) {
                                 elsewhere += std::this_thread::get_id() != home;
                                 threads.emplace_back([done, item] { done(static_cast<int>(item.size())); });
                             }}};
    auto const job = processor.start_batch(names(20), {.concurrency = 2});
    bool told = false;
    processor.async_wait(job, [&](net_error_code, JobProgress p) {
        told = true;
        CHECK(p.successful == 20);
    });
    loop.run();  // returns: nothing is left
    CHECK(told);
    CHECK(elsewhere == 0);
    for (auto& thread : threads) thread.join();
}
