// SPDX-License-Identifier: BSL-1.0
//
// Every function of the processor from several threads at once: nothing races, every snapshot adds up.
#include "support.hpp"

#include <map>
#include <stdexcept>

using namespace test;

namespace {

constexpr int most_in_flight = 6;

// One thread's random calls, on jobs that all threads share.
template <class Processor>
class Hammer {
public:
    Hammer(Processor& processor, Complaints& complaints, std::uint64_t seed)
        : processor_{processor}, complaints_{complaints}, random_{seed} {}

    void operator()() {
        for (int i = 0; i < 400; ++i) {
            try {
                call();
            } catch (std::system_error const& e) {
                auto const known = e.code() == error::job_active || e.code() == error::nothing_to_retry || e.code() == error::unknown_job;
                complaints_.expect(known, e.what());
            }
        }
    }

private:
    // One of the latest jobs, whoever started it.
    JobId some() {
        auto const listed = processor_.jobs({.limit = 12});
        for (auto const& p : listed) check(p);
        return listed.empty() ? JobId{} : listed[static_cast<std::size_t>(random_.below(std::uint64_t{listed.size()}))].job_id;
    }

    void check(JobProgress const& p) {
        complaints_.expect(adds_up(p), "the counts do not add up");
        complaints_.expect(p.running <= 8, "more running than the concurrency");
        auto& seen = processed_[p.job_id];
        complaints_.expect(p.processed() >= seen, "processed went back");
        seen = p.processed();
        auto& version = versions_[p.job_id];
        complaints_.expect(p.version >= version, "the version went back");
        version = p.version;
        complaints_.expect((p.percentage == 100) == (p.processed() == p.total), "100 % and not done, or the other way round");
    }

    void call() {
        auto const id = some();
        switch (random_.below(std::uint64_t{16})) {
            case 0:
            case 1: processor_.start_batch(names(200), {.concurrency = 1 + static_cast<int>(random_.below(std::uint64_t{8}))}); break;
            case 2:
                if (random_.below(std::uint64_t{4}) == 0) processor_.cancel(id);
                break;
            case 3: processor_.pause(id); break;
            case 4:
            case 5: processor_.resume(id); break;
            case 6: processor_.update(id, {.concurrency = 1 + static_cast<int>(random_.below(std::uint64_t{8}))}); break;
            case 7: processor_.update(id, {.rate_limit_per_minute = random_.below(std::uint64_t{2}) == 0 ? 100'000 : 0, .priority = 2}); break;
            case 8: {
                auto const page = processor_.results(id, 0, 50);
                complaints_.expect(page.items.size() <= 50, "a page too long");
                break;
            }
            case 9: processor_.retry_failed(id, {.include_cancelled = true}); break;
            case 10:
                processor_.async_watch(id, versions_[id], [](auto, auto const&) {});
                break;
            case 11: processor_.stats(); break;
            case 12: processor_.set_tier("", random_.below(std::uint64_t{2}) == 0 ? Tier{"tight", 2, 0} : Tier{"wide", 0, 0}); break;
            case 13: processor_.estimate(100); break;
            case 14: {
                JobOptions const options{.duplicates = Duplicates::allow};
                processor_.async_start_batch(names(50), options, asio::use_future).get();
                break;
            }
            default:
                if (auto const p = processor_.progress(id)) check(*p);
        }
    }

    Processor& processor_;
    Complaints& complaints_;
    Random random_;
    std::map<JobId, std::uint64_t> processed_;
    std::map<JobId, std::uint64_t> versions_;
};

template <class Annotator>
void hammer() {
    asio::thread_pool pool{4};
    Complaints complaints;
    std::atomic<int> inside = 0;
    std::atomic<std::uint64_t> answered = 0;
    auto const call = [&](std::string const& item, Attempt const&) {
        Inside const in{inside};
        complaints.expect(in.now() <= most_in_flight, "more attempts in flight than max_in_flight");
        if (item.back() == '7') throw std::runtime_error{"seven"};
        ++answered;
        return 1;
    };
    std::atomic<std::uint64_t> results = 0;
    Pooled<Annotator> processor{pool, Unlimited{}, annotator_of<Annotator>(call), {.max_in_flight = most_in_flight},
                                Hooks{}.retry(RetryPolicy{NoBackoff{}}).on_event([](Event const&) {})};
    processor.on_result([&](auto const&, ItemResult<int> const& r) { results += r.status == ItemStatus::successful ? 1U : 0U; });
    std::vector<std::thread> threads;
    for (std::uint64_t seed = 1; seed <= 3; ++seed)
        threads.emplace_back(Hammer<Pooled<Annotator>>{processor, complaints, seed});
    for (auto& t : threads) t.join();
    processor.set_tier("", Tier{"wide", 0, 0});
    for (auto const& p : processor.active_jobs()) {
        processor.update(p.job_id, {.rate_limit_per_minute = 0});
        processor.resume(p.job_id);
    }
    shut_down(processor, ShutdownMode::drain);
    CHECK(inside == 0);
    CHECK(complaints.texts().empty());
    std::uint64_t successful = 0;
    for (auto const& p : processor.jobs()) {
        CHECK(adds_up(p));
        CHECK(p.finished());
        CHECK(p.running + p.waiting + p.retrying == 0);
        successful += p.successful;
    }
    CHECK(successful == answered);
    CHECK(results == answered);
    CHECK(processor.stats().successful == answered);
    CHECK(processor.stats().in_flight == 0);
    pool.join();
}

}  // namespace

TEST_CASE("synchronous annotators: all functions from all threads", "[threads][hammer]") { hammer<Sync>(); }
TEST_CASE("awaitable annotators: all functions from all threads", "[threads][hammer]") { hammer<Awaitable>(); }
