// SPDX-License-Identifier: BSL-1.0
//
// What an asynchronous function takes over from its handler: its allocator, and its cancellation slot.
#include "support.hpp"

#include <batchpace/annotators/callback.hpp>

#include <cstddef>
#include <future>
#include <functional>
#include <memory>
#include <stop_token>

using namespace test;

namespace {

// Counts what it has given out; all copies count together.
struct Ledger {
    std::size_t calls = 0;
    std::ptrdiff_t out = 0;
};
template <class T>
struct Counting {
    using value_type = T;
    explicit Counting(Ledger& l) : ledger{&l} {}
    template <class U>
    Counting(Counting<U> const& other) : ledger{other.ledger} {}  // NOLINT(*-explicit-*)
    T* allocate(std::size_t n) {
        ++ledger->calls;
        ++ledger->out;
        return std::allocator<T>{}.allocate(n);
    }
    void deallocate(T* p, std::size_t n) noexcept {
        --ledger->out;
        std::allocator<T>{}.deallocate(p, n);
    }
    template <class U>
    bool operator==(Counting<U> const& other) const { return ledger == other.ledger; }
    Ledger* ledger;
};

// A handler with that allocator, which must hold none of its memory any more when it is called.
struct Handler {
    using allocator_type = Counting<std::byte>;
    allocator_type get_allocator() const noexcept { return allocator_type{*ledger}; }
    template <class... Args>
    void operator()(Args&&...) const {
        ++*calls;
        *held = ledger->out;
    }
    Ledger* ledger;
    int* calls;
    std::ptrdiff_t* held;
};

Sync quick() {
    return Sync{[](std::string const&, Attempt const&) { return 1; }};
}

}  // namespace

TEST_CASE("handlers are kept in memory of their own allocator, and it is given back before they are called", "[driver][wait]") {
    Simulation sim{1};
    Simulated<Sync> processor{sim, Unlimited{}, quick()};
    Ledger ledger;
    int calls = 0;
    std::ptrdiff_t held = -1;
    Handler const handler{&ledger, &calls, &held};
    auto const job = processor.start_batch(names(3));

    SECTION("async_wait") { processor.async_wait(job, handler); }
    SECTION("async_watch") { processor.async_watch(job, 0, handler); }
    SECTION("async_start_batch") { processor.async_start_batch(names(2), {}, handler); }
    SECTION("async_cancel") { processor.async_cancel(job, handler); }
    SECTION("async_recover") { processor.async_recover(handler); }
    SECTION("async_shutdown") { processor.async_shutdown(ShutdownMode::drain, {}, handler); }
    sim.run();
    CHECK(calls == 1);
    CHECK(ledger.calls >= 1);
    CHECK(held == 0);
    CHECK(ledger.out == 0);
}

TEST_CASE("a wait that is never completed gives the memory back too", "[driver][wait]") {
    Ledger ledger;
    int calls = 0;
    std::ptrdiff_t held = -1;
    {
        asio::io_context loop;
        BatchProcessor processor{loop, Unlimited{}, quick()};
        auto const job = processor.start_batch(names(3));
        processor.async_wait(job, Handler{&ledger, &calls, &held});
        CHECK(ledger.out >= 1);
    }
    CHECK(calls == 0);
    CHECK(ledger.out == 0);
}

TEST_CASE("the memory may be part of what the handler keeps alive", "[driver][wait]") {
    // As a session that has room for its own handlers: with the last handler it goes.
    struct Session {
        Ledger ledger;
        alignas(std::max_align_t) std::byte room[4096];
    };
    struct InSession {
        using allocator_type = Counting<std::byte>;
        allocator_type get_allocator() const noexcept { return allocator_type{session->ledger}; }
        void operator()(net_error_code, JobProgress const&) const { ++*calls; }
        std::shared_ptr<Session> const session;  // a copy stays behind wherever it is moved from
        int* calls;
    };
    int calls = 0;
    SECTION("the wait is completed") {
        Simulation sim{1};
        Simulated<Sync> processor{sim, Unlimited{}, quick()};
        processor.async_wait(processor.start_batch(names(3)), InSession{std::make_shared<Session>(), &calls});
        sim.run();
        CHECK(calls == 1);
    }
    SECTION("the loop goes first") {
        auto loop = std::make_unique<asio::io_context>();
        BatchProcessor processor{*loop, Unlimited{}, quick()};
        processor.async_wait(processor.start_batch(names(3)), InSession{std::make_shared<Session>(), &calls});
        loop.reset();
        CHECK(calls == 0);
    }
}

TEST_CASE("who does not want to wait for the end of a shutdown any more need not, and it goes on", "[driver][shutdown]") {
    Simulation sim{1};
    Simulated<Awaitable> processor{sim, Unlimited{}, Awaitable{[](std::string const&, Attempt const&) -> asio::awaitable<int> {
                                       co_await sleep_for(10s, asio::use_awaitable);
                                       co_return 1;
                                   }}};
    auto const job = processor.start_batch(names(3), {.concurrency = 1});
    asio::cancellation_signal signal;
    Answer<ShutdownReport> impatient, patient;
    processor.async_shutdown(ShutdownMode::drain, {}, asio::bind_cancellation_slot(signal.slot(), impatient.handler()));
    processor.async_shutdown(ShutdownMode::drain, {}, patient.handler());
    sim.run_for(1s);
    signal.emit(asio::cancellation_type::all);
    CHECK(impatient.calls == 0);
    sim.run_for(1ms);
    CHECK(impatient.calls == 1);
    CHECK(impatient.code == asio::error::operation_aborted);
    CHECK(patient.calls == 0);
    sim.run();
    CHECK(patient.calls == 1);
    CHECK(!*patient.code);
    CHECK(processor.progress(job)->successful == 3);
    signal.emit(asio::cancellation_type::all);  // too late, and harmless
    CHECK(impatient.calls == 1);
}

TEST_CASE("a shutdown's wait may be cancelled by an attempt that the shutdown asks to stop", "[driver][shutdown]") {
    Simulation sim{1};
    asio::cancellation_signal signal;
    std::optional<std::stop_callback<std::function<void()>>> stop;
    std::optional<Completion<int>> answer;
    using Called = Callback<int, std::function<void(std::string const&, Attempt const&, Completion<int>)>>;
    Simulated<Called> processor{sim, Unlimited{}, Called{[&](std::string const&, Attempt const& attempt, Completion<int> done) {
                                    answer = std::move(done);
                                    stop.emplace(attempt.stop_token(), [&] { signal.emit(asio::cancellation_type::all); });
                                }}};
    processor.start_batch(names(1));
    sim.run_for(1s);
    Answer<ShutdownReport> wait;
    processor.async_shutdown(ShutdownMode::cancel, {}, asio::bind_cancellation_slot(signal.slot(), wait.handler()));
    sim.run_for(1ms);
    CHECK(wait.calls == 1);
    CHECK(wait.code == asio::error::operation_aborted);
    (*answer)(1);
    sim.run();
}

TEST_CASE("any completion token will do", "[driver][wait]") {
    asio::io_context loop;
    BatchProcessor processor{loop, Unlimited{}, quick()};
    auto const job = processor.start_batch(names(3));
    std::future<JobProgress> future = processor.async_wait(job, asio::use_future);
    std::optional<JobProgress> awaited;
    auto body = [&]() -> asio::awaitable<void> { awaited = co_await processor.async_wait(job, asio::use_awaitable); };
    asio::co_spawn(loop, body, asio::detached);
    int called = 0;
    processor.async_wait(job, [&](net_error_code, JobProgress const&) { ++called; });
    loop.run();
    CHECK(future.get().successful == 3);
    CHECK(awaited.value().successful == 3);
    CHECK(called == 1);
}
