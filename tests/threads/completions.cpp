// SPDX-License-Identifier: BSL-1.0
//
// Completions called from all sides at once: each call ends once, with one of its answers.
#include "support.hpp"

#include <batchpace/annotators/callback.hpp>

using namespace test;

namespace {

using Done = Completion<int>;
using Called = Callback<int, std::function<void(std::string const&, Attempt const&, Done)>>;

}  // namespace

TEST_CASE("completions are called by several threads at once, twice, late, or never", "[thread]") {
    constexpr int items = 4'000;
    asio::thread_pool elsewhere{2};
    asio::thread_pool pool{3};
    Complaints complaints;
    std::atomic<int> inside = 0;
    std::atomic<std::uint64_t> answers = 0, thrown = 0, dropped = 0;
    auto const answer = [&](Done const& done, int value) {
        ++answers;
        done(value);
    };
    Pooled<Called> processor{pool, Unlimited{}, Called{[&](std::string const& item, Attempt const& attempt, Done done) {
                                 Inside const here{inside};
                                 complaints.expect(here.now() <= 8, "more calls at once than the concurrency");
                                 complaints.expect(item == std::to_string(attempt.index()), "the item of another call");
                                 auto const value = static_cast<int>(attempt.index());
                                 switch (attempt.index() % 6) {
                                     case 0: answer(done, value); break;
                                     case 1: asio::post(pool, [=] { answer(done, value); }); break;
                                     case 2: asio::post(elsewhere, [=] { answer(done, value); }); break;
                                     case 3:  // a race of three, one of them this thread
                                         for (int i = 0; i < 2; ++i) asio::post(elsewhere, [=] { answer(done, value); });
                                         answer(done, value);
                                         break;
                                     case 4:
                                         ++dropped;
                                         asio::post(elsewhere, [held = std::move(done)] {});
                                         break;
                                     default:
                                         asio::post(elsewhere, [=] { answer(done, value); });
                                         ++thrown;
                                         throw std::runtime_error{"thrown"};  // which of the two comes first?
                                 }
                             }},
                             {}, Hooks{}.retry(RetryPolicy{NoBackoff{}})};
    std::uint64_t results = 0;
    processor.on_result([&](JobId const&, auto const& result) {
        ++results;
        if (result.annotation) complaints.expect(*result.annotation == static_cast<int>(result.index), "the answer of another call");
    });
    auto const job = processor.start_batch(names(items), {.concurrency = 8, .max_attempts = 1});
    auto const last = processor.async_wait(job, asio::use_future).get();
    elsewhere.join();
    processor.async_shutdown(ShutdownMode::drain, {}, asio::use_future).get();
    pool.join();
    CHECK(complaints.texts().empty());
    CHECK(adds_up(last));
    CHECK(last.processed() == items);
    CHECK(results == items);
    CHECK(last.successful >= 4 * (items / 6));
    CHECK(last.failed >= items / 6);
    // Whatever was answered or thrown either counted, once for each call that was not dropped, or was one too many.
    CHECK(processor.stats().late_answers == answers + thrown - (items - dropped));
    CHECK(processor.stats().abandoned == 0);
}
