// SPDX-License-Identifier: BSL-1.0
//
// What can be done to a job while it runs and after it has finished.
#include "support.hpp"

#include <algorithm>
#include <stdexcept>

using namespace test;

namespace {

// A processor whose attempts take a second each, and do what a test wants before they answer.
struct SteeringHost {
    explicit SteeringHost(ProcessorOptions options = {}, Hooks hooks = fixed_backoff(1s))
        : processor{sim, Unlimited{}, Awaitable{[this](std::string const& item, Attempt const& attempt) { return annotate(item, attempt); }},
                    options, std::move(hooks)} {
        sim.set_lag(0s);
    }

    asio::awaitable<int> annotate(std::string const& item, Attempt const& attempt) {
        ++started;
        ++running;
        most_running = std::max(most_running, running);
        struct Leave {
            int& count;
            ~Leave() { --count; }
        } const leave{running};
        if (deaf) co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        co_await sleep_for(1s, asio::use_awaitable);
        if (failing(item)) throw std::runtime_error{"failed for " + item};
        co_return attempt.number();
    }

    Simulation sim{1};
    std::function<bool(std::string const&)> failing = [](auto&) { return false; };
    bool deaf = false;
    int started = 0;
    int running = 0;
    int most_running = 0;
    Simulated<Awaitable> processor;
};

}  // namespace

TEST_CASE("cancel: nothing starts any more, running attempts are asked to stop, a second one returns false", "[driver][cancel]") {
    SteeringHost h;
    auto const job = h.processor.start_batch(names(20));
    h.sim.run_for(1500ms);
    CHECK(h.started == 10);
    CHECK(h.processor.cancel(job));
    auto const at_once = *h.processor.progress(job);
    CHECK(at_once.status == JobStatus::cancelled);
    CHECK(at_once.stop_reason == StopReason::cancelled);
    CHECK(at_once.running == 5);
    CHECK(at_once.successful == 5);
    CHECK(at_once.cancelled == 10);
    CHECK(!at_once.finished());
    CHECK(!h.processor.cancel(job));
    h.sim.run_for(1ms);
    auto const last = *h.processor.progress(job);
    CHECK(last.finished());
    CHECK(last.successful == 5);
    CHECK(last.cancelled == 15);
    CHECK(last.failed == 0);
    CHECK(h.started == 10);
    CHECK(!h.processor.cancel(job));
    CHECK(!last.waiting_for);
    CHECK(!last.estimated_time_remaining);
}

TEST_CASE("an attempt that answers although its job was cancelled counts as successful", "[driver][cancel]") {
    SteeringHost h;
    h.deaf = true;
    auto const job = h.processor.start_batch(names(20));
    h.sim.run_for(500ms);
    CHECK(h.processor.cancel(job));
    h.sim.run_for(400ms);
    CHECK(!h.processor.progress(job)->finished());
    h.sim.run();
    auto const p = *h.processor.progress(job);
    CHECK(p.finished());
    CHECK(p.status == JobStatus::cancelled);
    CHECK(p.successful == 5);
    CHECK(p.cancelled == 15);
    CHECK(h.started == 5);
}

TEST_CASE("async_cancel, async_pause and async_resume complete with what they found", "[driver][cancel][pause]") {
    SteeringHost h;
    auto const job = h.processor.start_batch(names(20));
    Answer<> pause;
    Answer<> resume;
    Answer<> cancel;
    Answer<> again;
    h.processor.async_pause(job, pause.handler());
    CHECK(h.processor.progress(job)->paused);
    h.processor.async_resume(job, resume.handler());
    h.processor.async_cancel(job, cancel.handler());
    h.processor.async_cancel(job, again.handler());
    CHECK(pause.calls + resume.calls + cancel.calls + again.calls == 0);  // never inside the initiating function
    h.sim.run();
    CHECK(pause.code == std::error_code{});
    CHECK(resume.code == std::error_code{});
    CHECK(cancel.code == std::error_code{});
    CHECK(again.code == error::job_finished);
    for (auto const& [id, code] : {std::pair{job, error::job_finished}, std::pair{JobId::make(1, 2, 3), error::unknown_job}}) {
        Answer<> p;
        Answer<> r;
        Answer<> c;
        h.processor.async_pause(id, p.handler());
        h.processor.async_resume(id, r.handler());
        h.processor.async_cancel(id, c.handler());
        h.sim.run();
        CHECK(p.code == code);
        CHECK(r.code == code);
        CHECK(c.code == code);
    }
}

TEST_CASE("pause: no start after it has returned, running attempts finish, resume goes on", "[driver][pause]") {
    SteeringHost h;
    auto const job = h.processor.start_batch(names(20));
    h.sim.run_for(1500ms);
    CHECK(h.processor.pause(job));
    CHECK(h.processor.pause(job));  // it is paused: nothing to complain about
    auto const started = h.started;
    h.sim.run();  // returns, though the job is not finished
    CHECK(h.started == started);
    auto const p = *h.processor.progress(job);
    CHECK(p.paused);
    CHECK(p.status == JobStatus::processing);
    CHECK(p.running == 0);
    CHECK(p.successful == 10);
    CHECK(p.waiting == 10);
    REQUIRE(p.waiting_for);
    CHECK(p.waiting_for->reason == WaitingFor::Reason::paused);
    CHECK(p.waiting_for->scope == WaitingFor::Scope::job);
    CHECK(!p.estimated_time_remaining);
    h.sim.run_for(3h);
    CHECK(!h.processor.progress(job)->stalled);
    CHECK(h.processor.resume(job));
    h.sim.run();
    CHECK(h.processor.progress(job)->status == JobStatus::completed);
    CHECK(!h.processor.progress(job)->paused);
    CHECK(!h.processor.pause(job));
    CHECK(!h.processor.resume(job));
}

TEST_CASE("a job can be paused before its first attempt, and while it backs off", "[driver][pause]") {
    SteeringHost h;
    int failures = 0;
    h.failing = [&](auto&) { return ++failures <= 5; };
    auto const job = h.processor.start_batch(names(5));
    CHECK(h.processor.pause(job));
    h.sim.run();
    CHECK(h.started == 0);
    CHECK(h.processor.progress(job)->status == JobStatus::pending);
    h.processor.resume(job);
    h.sim.run_for(1500ms);
    CHECK(h.processor.progress(job)->retrying == 5);
    h.processor.pause(job);
    h.sim.run_for(1h);
    CHECK(h.started == 5);
    CHECK(h.processor.progress(job)->retrying == 5);
    h.processor.resume(job);
    h.sim.run_for(1ms);  // their backoff has passed meanwhile
    CHECK(h.started == 10);
    h.sim.run();
    CHECK(h.processor.progress(job)->successful == 5);
}

TEST_CASE("a paused job can be cancelled, and its deadline goes on", "[driver][pause][cancel]") {
    SteeringHost h;
    auto const job = h.processor.start_batch(names(5));
    auto const timed = h.processor.start_batch(names(5), {.deadline = 10s});
    h.processor.pause(job);
    h.processor.pause(timed);
    CHECK(h.processor.cancel(job));
    h.sim.run();
    CHECK(h.processor.progress(job)->finished());
    CHECK(h.processor.progress(timed)->stop_reason == StopReason::deadline);
    CHECK(h.processor.progress(timed)->status == JobStatus::failed);
    CHECK(h.processor.progress(timed)->cancelled == 5);
}

TEST_CASE("pause_tenant holds all jobs of a tenant up, new ones too, and nobody else's", "[driver][pause]") {
    SteeringHost h;
    auto const job = h.processor.start_batch(names(20), {.tenant = "x"});
    auto const other = h.processor.start_batch(names(20), {.tenant = "y"});
    h.sim.run_for(1500ms);
    h.processor.pause_tenant("x");
    h.processor.pause_tenant("x");  // it is paused: nothing to complain about
    auto const late = h.processor.start_batch(names(3), {.tenant = "x"});
    auto const before = h.processor.progress(job)->processed() + h.processor.progress(job)->running;
    h.sim.run();  // returns, though two jobs are not finished
    CHECK(h.processor.progress(other)->finished());
    for (auto const id : {job, late}) {
        auto const p = *h.processor.progress(id);
        REQUIRE(p.waiting_for);
        CHECK(p.waiting_for->reason == WaitingFor::Reason::paused);
        CHECK(p.waiting_for->scope == WaitingFor::Scope::tenant);
        CHECK(!p.waiting_for->until);
        CHECK(!p.paused);  // the job itself is not
        CHECK(!p.stalled);
        CHECK(!p.estimated_time_remaining);
    }
    CHECK(h.processor.progress(job)->successful == before);
    CHECK(h.processor.progress(late)->status == JobStatus::pending);
    h.sim.run_for(3h);
    CHECK(!h.processor.progress(job)->stalled);
    h.processor.resume_tenant("nobody");
    h.processor.resume_tenant("x");
    CHECK(!h.processor.progress(job)->stalled);
    h.sim.run();
    CHECK(h.processor.progress(job)->status == JobStatus::completed);
    CHECK(h.processor.progress(late)->status == JobStatus::completed);
}

TEST_CASE("a tenant that is paused before its first job is not forgotten, and gets its tier", "[driver][pause][tier]") {
    std::vector<std::string> asked;
    SteeringHost h{{}, fixed_backoff(1s).tier_of([&](std::string_view tenant) -> std::optional<Tier> {
                       asked.emplace_back(tenant);
                       return Tier{"small", 2, 0};
                   })};
    h.processor.pause_tenant("x");
    CHECK(asked == std::vector<std::string>{"x"});
    for (int i = 0; i < 300; ++i) h.processor.start_batch(names(1), {.tenant = std::to_string(i)});
    h.sim.run();  // all of them are idle, and dropped
    for (int i = 300; i < 600; ++i) h.processor.start_batch(names(1), {.tenant = std::to_string(i)});
    h.sim.run();
    auto const job = h.processor.start_batch(names(10), {.tenant = "x"});
    h.sim.run();
    CHECK(h.processor.progress(job)->status == JobStatus::pending);
    h.processor.resume_tenant("x");
    h.sim.run_for(500ms);
    CHECK(h.processor.progress(job)->running == 2);
    h.sim.run();
    CHECK(h.processor.progress(job)->finished());
}

TEST_CASE("pause_all lets nothing start before resume_all, and who was paused beside it stays so", "[driver][pause]") {
    SteeringHost h;
    auto const a = h.processor.start_batch(names(20), {.tenant = "x"});
    auto const b = h.processor.start_batch(names(20), {.tenant = "y"});
    auto const c = h.processor.start_batch(names(20), {.tenant = "z"});
    h.processor.pause(b);
    h.processor.pause_tenant("z");
    h.sim.run_for(1500ms);
    h.processor.pause_all();
    auto const started = h.started;
    h.sim.run();
    CHECK(h.started == started);
    CHECK(h.running == 0);
    for (auto const id : {a, b, c}) {
        CHECK(h.processor.progress(id)->waiting_for->reason == WaitingFor::Reason::paused);
        CHECK(h.processor.progress(id)->waiting_for->scope == WaitingFor::Scope::processor);
    }
    h.processor.resume_all();
    h.processor.resume_all();
    h.sim.run();
    CHECK(h.processor.progress(a)->finished());
    CHECK(h.processor.progress(b)->waiting_for->scope == WaitingFor::Scope::job);
    CHECK(h.processor.progress(c)->waiting_for->scope == WaitingFor::Scope::tenant);
    h.processor.resume(b);
    h.processor.resume_tenant("z");
    h.sim.run();
    CHECK(h.processor.progress(b)->finished());
    CHECK(h.processor.progress(c)->finished());
}

TEST_CASE("a paused processor drains at the deadline, by cutting off what waits", "[driver][pause][shutdown]") {
    SteeringHost h;
    auto const job = h.processor.start_batch(names(20));
    h.sim.run_for(500ms);
    h.processor.pause_all();
    Answer<ShutdownReport> end;
    h.processor.async_shutdown(ShutdownMode::drain, 1h, end.handler());
    h.sim.run_for(59min);
    CHECK(end.calls == 0);
    h.sim.run();
    REQUIRE(end.calls == 1);
    CHECK(end.value->jobs_cancelled == 1);
    CHECK(end.value->deadline_passed);
    CHECK(h.processor.progress(job)->successful == 5);
    CHECK(h.started == 5);
}

TEST_CASE("those who watch a paused tenant's job see that with the job's next change", "[driver][pause][watch]") {
    SteeringHost h;
    auto const job = h.processor.start_batch(names(20), {.tenant = "x"});
    h.sim.run_for(500ms);
    h.processor.pause_tenant("x");
    Answer<JobProgress> change;
    h.processor.async_watch(job, h.processor.progress(job)->version, change.handler());
    h.sim.run();
    REQUIRE(change.calls == 1);
    CHECK(change.value->successful > 0);  // the attempts that ran ended
    REQUIRE(change.value->waiting_for);
    CHECK(change.value->waiting_for->reason == WaitingFor::Reason::paused);
}

TEST_CASE("update changes the concurrency of a running job, up and down", "[driver][update]") {
    SteeringHost h;
    auto const job = h.processor.start_batch(names(100), {.concurrency = 2});
    h.sim.run_for(2500ms);
    CHECK(h.running == 2);
    CHECK(h.processor.update(job, {.concurrency = 8}));
    h.sim.run_for(1ms);
    CHECK(h.running == 8);
    CHECK(h.processor.update(job, {.concurrency = 3}));
    CHECK(h.running == 8);  // running ones finish
    h.sim.run_for(1100ms);
    h.most_running = 0;
    h.sim.run_for(5s);
    CHECK(h.most_running == 3);
    h.sim.run();
    CHECK(h.processor.progress(job)->successful == 100);
    CHECK(!h.processor.update(job, {.concurrency = 1}));
}

TEST_CASE("update sets a rate limit on a running job, changes it and takes it away", "[driver][update]") {
    SteeringHost h;
    auto const job = h.processor.start_batch(names(1'000), {.concurrency = 10});
    h.sim.run_for(1500ms);
    auto before = h.started;
    CHECK(h.processor.update(job, {.rate_limit_per_minute = 30}));
    h.sim.run_for(59s);
    CHECK(h.started - before <= 30);
    auto const p = *h.processor.progress(job);
    REQUIRE(p.waiting_for);
    CHECK(p.waiting_for->reason == WaitingFor::Reason::rate);
    CHECK(p.waiting_for->scope == WaitingFor::Scope::job);
    CHECK(p.waiting_for->until);
    CHECK(h.processor.update(job, {.rate_limit_per_minute = 60}));
    before = h.started;
    h.sim.run_for(1ms);
    CHECK(h.started - before == 10);  // as many as its concurrency lets start at once
    CHECK(h.processor.update(job, {.rate_limit_per_minute = 0}));
    before = h.started;
    h.sim.run_for(10s);
    CHECK(h.started - before >= 90);
}

TEST_CASE("update gives a job another share of a cap", "[driver][update]") {
    SteeringHost h{{.max_in_flight = 4}};
    auto const a = h.processor.start_batch(names(400));
    auto const b = h.processor.start_batch(names(400));
    h.sim.run_for(20s);
    auto const even = static_cast<double>(h.processor.progress(a)->successful) / static_cast<double>(h.processor.progress(b)->successful);
    CHECK(even > 0.8);
    CHECK(even < 1.25);
    CHECK(h.processor.update(b, {.priority = 3}));
    auto const done_a = h.processor.progress(a)->successful;
    auto const done_b = h.processor.progress(b)->successful;
    h.sim.run_for(40s);
    auto const more_a = static_cast<double>(h.processor.progress(a)->successful - done_a);
    auto const more_b = static_cast<double>(h.processor.progress(b)->successful - done_b);
    CHECK(more_b / more_a > 2.5);
    CHECK(more_b / more_a < 3.5);
    CHECK(h.most_running == 4);
}

TEST_CASE("an update out of range is refused and names the field", "[driver][update]") {
    SteeringHost h;
    auto const job = h.processor.start_batch(names(3));
    struct Wrong {
        std::string_view field;
        JobUpdate update;
    };
    Wrong const wrong[] = {{"concurrency", {.concurrency = 0}},
                           {"rate_limit_per_minute", {.rate_limit_per_minute = -1}},
                           {"priority", {.priority = 0}},
                           {"priority", {.priority = 1'001}}};
    for (auto const& [field, update] : wrong) {
        auto const thrown = thrown_by([&] { h.processor.update(job, update); });
        CHECK(thrown.code == error::invalid_option);
        CHECK(contains(thrown.what, field));
    }
    auto const tier = thrown_by([&] { h.processor.set_tier("x", Tier{"t", 1, -1}); });
    CHECK(tier.code == error::invalid_option);
    CHECK(contains(tier.what, "per_minute"));
}

TEST_CASE("set_tier turns a tenant's jobs down and up while they run", "[driver][tier]") {
    SteeringHost h;
    auto const job = h.processor.start_batch(names(200), {.concurrency = 8, .tenant = "x"});
    auto const other = h.processor.start_batch(names(200), {.concurrency = 8, .tenant = "y"});
    h.sim.run_for(500ms);
    CHECK(h.running == 16);
    h.processor.set_tier("x", Tier{"small", 2, 0});
    h.sim.run_for(2s);
    CHECK(h.processor.progress(job)->running == 2);
    CHECK(h.processor.progress(other)->running == 8);
    h.processor.set_tier("x", Tier{"rated", 0, 10});
    h.sim.run_for(30s);
    CHECK(h.processor.progress(job)->waiting_for->scope == WaitingFor::Scope::tenant);
    CHECK(h.processor.progress(job)->waiting_for->reason == WaitingFor::Reason::rate);
    h.processor.set_tier("x", Tier{"free for all", 0, 0});
    h.sim.run_for(500ms);
    CHECK(h.processor.progress(job)->running == 8);
    h.sim.run();
    CHECK(h.processor.progress(job)->status == JobStatus::completed);
}

TEST_CASE("retry_failed starts a new job of the failed items, with the same options", "[driver][retry_failed]") {
    SteeringHost h;
    h.failing = [](std::string const& item) { return item.back() == '3'; };
    auto const job = h.processor.start_batch(names(20), {.concurrency = 3, .max_attempts = 2, .tenant = "x", .idempotency_key = "k", .label = "l"});
    CHECK(thrown_by([&] { h.processor.retry_failed(job); }).code == error::job_active);
    h.sim.run();
    auto const first = *h.processor.progress(job);
    CHECK(first.status == JobStatus::completed);
    CHECK(first.failed == 2);
    CHECK(first.error_count == 2);
    REQUIRE(first.errors.size() == 2);
    CHECK(first.errors[0].item_id == "3");
    CHECK(first.errors[0].attempt_number == 2);
    CHECK(first.errors[0].error == "failed for 3");
    CHECK(h.processor.progress(job, 1)->errors.size() == 1);
    CHECK(h.processor.progress(job, 0)->error_count == 2);
    CHECK(first.error_distribution == std::map<std::string, std::uint64_t>{{"failed for 3", 1}, {"failed for 13", 1}});

    h.failing = [](auto&) { return false; };
    auto const again = h.processor.retry_failed(job);
    CHECK(again != job);
    h.sim.run();
    auto const second = *h.processor.progress(again);
    CHECK(second.total == 2);
    CHECK(second.successful == 2);
    CHECK(second.retry_of == job);
    CHECK(second.tenant == "x");
    CHECK(second.label == "l");
    CHECK(thrown_by([&] { h.processor.retry_failed(again); }).code == error::nothing_to_retry);
    std::error_code code;
    h.processor.retry_failed(JobId::make(1, 2, 3), {}, code);
    CHECK(code == error::unknown_job);
}

TEST_CASE("retry_failed takes cancelled items along where it is asked to", "[driver][retry_failed]") {
    SteeringHost h;
    h.failing = [](std::string const& item) { return item == "0"; };
    auto const job = h.processor.start_batch(names(20), {.max_attempts = 1});
    h.sim.run_for(1500ms);
    h.processor.cancel(job);
    CHECK(thrown_by([&] { h.processor.retry_failed(job); }).code == error::job_active);
    h.sim.run();
    auto const p = *h.processor.progress(job);
    CHECK(p.failed == 1);
    CHECK(p.cancelled == 15);
    h.failing = [](auto&) { return false; };
    auto const some = h.processor.retry_failed(job);
    auto const all = h.processor.retry_failed(job, {.include_cancelled = true});
    h.sim.run();
    CHECK(h.processor.progress(some)->successful == 1);
    CHECK(h.processor.progress(all)->successful == 16);
}

TEST_CASE("forget drops a finished job, and no other", "[driver][forget]") {
    SteeringHost h;
    auto const job = h.processor.start_batch(names(5));
    CHECK(!h.processor.forget(job));
    h.sim.run();
    CHECK(h.processor.forget(job));
    CHECK(!h.processor.progress(job));
    CHECK(!h.processor.forget(job));
    h.sim.run();
    CHECK(h.processor.jobs().empty());
    CHECK(h.processor.stats().finished_jobs == 0);
    CHECK(h.processor.stats().successful == 5);
}

TEST_CASE("finished jobs are kept for a while, the latest retain_finished of them", "[driver][retention]") {
    SteeringHost h{{.retain_finished = 2, .retain_for = 1h}};
    std::vector<JobId> jobs;
    for (int i = 0; i < 4; ++i) {
        jobs.push_back(h.processor.start_batch(names(1)));
        h.sim.run();
    }
    h.processor.start_batch(names(1));
    CHECK(h.processor.progress(jobs[0]));  // none sooner than ten minutes after its finish
    h.sim.run_for(11min);
    auto const fifth = h.processor.start_batch(names(1));
    CHECK(!h.processor.progress(jobs[0]));
    CHECK(!h.processor.progress(jobs[1]));
    h.sim.run_for(2h);
    h.processor.start_batch(names(1));
    CHECK(!h.processor.progress(jobs[3]));
    CHECK(!h.processor.progress(fifth));
    CHECK(h.processor.stats().finished_jobs == 0);
}

TEST_CASE("jobs are listed newest first, by status and tenant, page by page", "[driver][jobs]") {
    SteeringHost h;
    auto const done = h.processor.start_batch(names(1), {.tenant = "x"});
    h.sim.run();
    auto const cancelled = h.processor.start_batch(names(1), {.tenant = "y"});
    h.processor.cancel(cancelled);
    h.sim.run();
    auto const running = h.processor.start_batch(names(1), {.tenant = "x"});
    auto const ids = [](std::vector<JobProgress> const& found) {
        std::vector<JobId> list;
        for (auto const& p : found) list.push_back(p.job_id);
        return list;
    };
    auto const list = [&](JobFilter const& filter) { return ids(h.processor.jobs(filter)); };
    using Ids = std::vector<JobId>;
    CHECK(ids(h.processor.jobs()) == Ids{running, cancelled, done});
    CHECK(list({.status = JobStatus::completed}) == Ids{done});
    CHECK(list({.status = JobStatus::failed}).empty());
    CHECK(list({.tenant = "x"}) == Ids{running, done});
    CHECK(list({.status = JobStatus::cancelled, .tenant = "x"}).empty());
    CHECK(list({.limit = 2}) == Ids{running, cancelled});
    CHECK(list({.limit = 0}).empty());
    CHECK(list({.after = cancelled}) == Ids{done});
    CHECK(list({.after = done}).empty());
    CHECK(ids(h.processor.active_jobs()) == Ids{running});
    h.sim.run();
    CHECK(h.processor.active_jobs().empty());
}

TEST_CASE("stats count what the processor has done and does", "[driver][stats]") {
    SteeringHost h;
    h.failing = [](std::string const& item) { return item == "0"; };
    auto const job = h.processor.start_batch(names(10), {.max_attempts = 2});
    h.sim.run_for(500ms);
    auto now = h.processor.stats();
    CHECK(now.active_jobs == 1);
    CHECK(now.in_flight == 5);
    CHECK(now.jobs_started == 1);
    h.sim.run();
    auto const other = h.processor.start_batch(names(10));
    h.processor.cancel(other);
    h.sim.run();
    now = h.processor.stats();
    CHECK(now.active_jobs == 0);
    CHECK(now.finished_jobs == 2);
    CHECK(now.in_flight == 0);
    CHECK(now.jobs_started == 2);
    CHECK(now.successful == 9);
    CHECK(now.failed == 1);
    CHECK(now.cancelled == 10);
    CHECK(now.attempts_failed == 2);
    CHECK(now.abandoned_ever == 0);
    (void)job;
}

TEST_CASE("estimate answers before a start, with and without a tier", "[driver][estimate]") {
    SteeringHost h;
    CHECK(!h.processor.estimate(100).time);  // nothing bounds it and nothing was measured
    CHECK(!h.processor.estimate(0).time);
    auto const limited = h.processor.estimate(100, Tier::free());
    REQUIRE(limited.time);
    CHECK(*limited.time >= 9min);
    CHECK(*limited.time <= 11min);
    CHECK(limited.concurrency == 2);
    CHECK(limited.rate_limit_per_minute == 10);
    CHECK(limited.calls == 100);
    h.processor.start_batch(names(10));
    h.sim.run();
    auto const measured = h.processor.estimate(100, {}, {.concurrency = 10});
    REQUIRE(measured.time);
    CHECK(*measured.time >= 9s);
    CHECK(*measured.time <= 11s);
}

TEST_CASE("an unknown id has an answer from every function", "[driver][unknown]") {
    SteeringHost h;
    auto const unknown = JobId::make(1, 2, 3);
    for (auto const id : {unknown, JobId{}}) {
        CHECK(!h.processor.progress(id));
        CHECK(!h.processor.cancel(id));
        CHECK(!h.processor.pause(id));
        CHECK(!h.processor.resume(id));
        CHECK(!h.processor.update(id, {.concurrency = 1}));
        CHECK(!h.processor.forget(id));
        CHECK(thrown_by([&] { h.processor.results(id, 0, 10); }).code == error::unknown_job);
        CHECK(thrown_by([&] { h.processor.retry_failed(id); }).code == error::unknown_job);
        CHECK(h.processor.jobs({.after = id}).empty());
        Answer<JobProgress> wait;
        Answer<JobProgress> watch;
        h.processor.async_wait(id, wait.handler());
        h.processor.async_watch(id, 0, watch.handler());
        CHECK(wait.calls + watch.calls == 0);
        h.sim.run();
        CHECK(wait.code == error::unknown_job);
        CHECK(watch.code == error::unknown_job);
    }
}

TEST_CASE("a processor that was moved from refuses, the one it went to goes on", "[driver][moved]") {
    SteeringHost h;
    auto const job = h.processor.start_batch(names(3));
    auto live = std::move(h.processor);
    auto& p = h.processor;
    using enum error;
    CHECK(thrown_by([&] { p.start_batch({"a"}); }).code == no_processor);
    CHECK(thrown_by([&] { p.start_batch(from_source([](std::size_t) { return std::vector<std::string>{}; })); }).code == no_processor);
    CHECK(thrown_by([&] { p.retry_failed(job); }).code == no_processor);
    CHECK(thrown_by([&] { p.results(job, 0, 1); }).code == no_processor);
    CHECK(thrown_by([&] { p.estimate(1); }).code == no_processor);
    CHECK(thrown_by([&] { p.set_tier("x", Tier::free()); }).code == no_processor);
    CHECK(thrown_by([&] { p.on_result([](auto&&...) {}); }).code == no_processor);
    CHECK(thrown_by([&] { p.get_executor(); }).code == no_processor);
    std::error_code code;
    p.start_batch(std::vector<std::string>{"a"}, {}, code);
    CHECK(code == no_processor);
    CHECK(!p.progress(job));
    CHECK(!p.cancel(job));
    CHECK(!p.pause(job));
    CHECK(!p.resume(job));
    CHECK(!p.update(job, {.concurrency = 1}));
    CHECK(!p.forget(job));
    CHECK(p.jobs().empty());
    CHECK(p.active_jobs().empty());
    CHECK(p.stats().jobs_started == 0);

    auto const on = [&](auto handler) { return asio::bind_executor(h.sim.get_executor(), std::move(handler)); };
    Answer<JobId> start;
    Answer<JobProgress> wait;
    Answer<JobProgress> watch;
    Answer<> cancel;
    Answer<> pause;
    Answer<> resume;
    Answer<RecoveryReport> recover;
    Answer<ShutdownReport> shutdown;
    p.async_start_batch({"a"}, {}, on(start.handler()));
    p.async_wait(job, on(wait.handler()));
    p.async_watch(job, 0, on(watch.handler()));
    p.async_cancel(job, on(cancel.handler()));
    p.async_pause(job, on(pause.handler()));
    p.async_resume(job, on(resume.handler()));
    p.async_recover(on(recover.handler()));
    p.async_shutdown(ShutdownMode::drain, {}, on(shutdown.handler()));
    CHECK(wait.calls == 0);
    h.sim.run();
    CHECK(start.code == no_processor);
    CHECK(wait.code == no_processor);
    CHECK(watch.code == no_processor);
    CHECK(cancel.code == no_processor);
    CHECK(pause.code == no_processor);
    CHECK(resume.code == no_processor);
    CHECK(recover.code == no_processor);
    CHECK(shutdown.code == no_processor);
    CHECK(live.progress(job)->successful == 3);
    CHECK(live.get_executor() == h.sim.get_executor());
}

TEST_CASE("async_recover finds nothing, since jobs live in memory", "[driver][recover]") {
    SteeringHost h;
    Answer<RecoveryReport> recover;
    h.processor.async_recover(recover.handler());
    CHECK(recover.calls == 0);
    h.sim.run();
    CHECK(recover.code == std::error_code{});
    CHECK(recover.value->jobs + recover.value->items_left + recover.value->jobs_finished == 0);
}

TEST_CASE("results are asked for beyond the end: there is nothing more", "[driver][results]") {
    Simulation sim{1};
    Simulated<Sync> processor{sim, Unlimited{}, Sync{[](std::string const&, Attempt const&) { return 1; }}};
    auto const job = processor.start_batch(names(5));
    sim.run();
    auto const page = processor.results(job, 20, 10);
    CHECK(page.items.empty());
    CHECK(page.ended);
}

TEST_CASE("a text of an error is cut wherever it is kept", "[driver][results]") {
    Simulation sim{1};
    Simulated<SyncOutcome> processor{sim, Unlimited{}, SyncOutcome{[](std::string const&, Attempt const&) -> Outcome<int> {
                                         return Failure::permanent(std::string(20'000, 'x'));
                                     }}};
    auto const job = processor.start_batch(names(2));
    sim.run();
    CHECK(processor.progress(job)->errors.at(0).error.size() < 1'100);
    CHECK(processor.results(job, 0, 10).items.at(0).error.size() < 1'100);
}
