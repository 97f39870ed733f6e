// SPDX-License-Identifier: BSL-1.0
#include <batchpace/engine/registry.hpp>

#include "scripted.hpp"

#include "../catch.hpp"

#include <memory>
#include <string>
#include <vector>

using batchpace::JobId;
using batchpace::engine::Registry;
using namespace scripted;

namespace {

struct Jobs {
    Scope tenant{Scope::Level::tenant, nullptr};
    Registry registry;
    std::uint64_t next = 0;
    time_point now{1h};

    std::shared_ptr<FakeJob> add(JobOptions options = {}) {
        auto job = std::make_shared<FakeJob>(JobId::make(1, 0, ++next), options, tenant, 10);
        registry.add(job);
        return job;
    }
    std::shared_ptr<FakeJob> finished(JobOptions options = {}) {
        auto job = add(options);
        finish(*job);
        return job;
    }
    void finish(FakeJob& job) {
        job.status = JobStatus::completed;
        job.finished = now;
        registry.finished(job);
    }
    std::size_t expire(std::size_t most, duration keep_for, bool over = false) {
        return registry.expire(now, most, keep_for, 10min, over ? 0 : UINT64_MAX).size();
    }
    std::vector<JobId> newest_first() {
        std::vector<JobId> ids;
        registry.newest_first([&](batchpace::engine::Job& job) {
            ids.push_back(job.id);
            return true;
        });
        return ids;
    }
};

}  // namespace

TEST_CASE("jobs are found by id and listed newest first", "[engine][registry]") {
    Jobs jobs;
    auto const a = jobs.add();
    auto const b = jobs.add();
    auto const c = jobs.add();
    CHECK(jobs.registry.find(b->id) == b);
    CHECK(jobs.registry.peek(b->id) == b.get());
    CHECK(jobs.registry.find(JobId{}) == nullptr);
    CHECK(jobs.registry.peek(JobId{}) == nullptr);
    CHECK(jobs.newest_first() == std::vector<JobId>{c->id, b->id, a->id});
    int seen = 0;
    jobs.registry.newest_first([&](auto&) { return ++seen < 2; });
    CHECK(seen == 2);
    CHECK(jobs.registry.active() == 3);
    jobs.finish(*b);
    CHECK(jobs.registry.active() == 2);
    CHECK(jobs.registry.kept() == 1);
    CHECK(jobs.registry.remove(b->id) == b);
    CHECK(jobs.registry.remove(b->id) == nullptr);
    CHECK(jobs.registry.kept() == 0);
    CHECK(jobs.newest_first() == std::vector<JobId>{c->id, a->id});
}

TEST_CASE("an idempotency key belongs to its tenant and goes with its job", "[engine][registry]") {
    Jobs jobs;
    auto const a = jobs.finished({.tenant = "a", .idempotency_key = "k"});
    auto const b = jobs.add({.tenant = "b", .idempotency_key = "k"});
    jobs.add({.tenant = "a"});
    CHECK(jobs.registry.find_key("a", "k") == a);
    CHECK(jobs.registry.find_key("b", "k") == b);
    CHECK(jobs.registry.find_key("a", "") == nullptr);
    CHECK(jobs.registry.find_key("", "ak") == nullptr);
    CHECK(jobs.registry.find_key("c", "k") == nullptr);
    jobs.registry.remove(a->id);
    CHECK(jobs.registry.find_key("a", "k") == nullptr);
    CHECK(jobs.registry.find_key("b", "k") == b);
}

TEST_CASE("retention drops the oldest finished jobs, by number and by age", "[engine][registry]") {
    Jobs jobs;
    auto const active = jobs.add();
    auto const a = jobs.finished();
    jobs.now += 1min;
    auto const b = jobs.finished();
    jobs.now += 1min;
    auto const c = jobs.finished();
    CHECK(jobs.expire(0, 1h) == 0);  // none sooner than ten minutes after its finish
    jobs.now += 8min;
    CHECK(jobs.expire(2, 1h) == 1);
    CHECK(jobs.registry.find(a->id) == nullptr);
    CHECK(jobs.expire(2, 1h) == 0);
    jobs.now += 1h;
    CHECK(jobs.expire(2, 69min) == 1);
    CHECK(jobs.registry.find(b->id) == nullptr);
    CHECK(jobs.registry.find(c->id) == c);
    CHECK(jobs.expire(2, 24h) == 0);
    CHECK(jobs.expire(2, 24h, true) == 0);  // it weighs nothing
    jobs.registry.weigh(*c, 1);
    CHECK(jobs.expire(2, 24h, true) == 1);  // too many bytes
    jobs.registry.weigh(*active, 0);
    CHECK(jobs.registry.find(active->id) == active);
    CHECK(jobs.registry.active() == 1);
    CHECK(jobs.registry.kept() == 0);
}

TEST_CASE("retention drops no more jobs at once than it is told", "[engine][registry]") {
    Jobs jobs;
    for (int i = 0; i < 10; ++i) jobs.finished();
    jobs.now += 1h;
    auto const expire = [&] { return jobs.registry.expire(jobs.now, 3, 24h, 10min, UINT64_MAX, 4); };
    auto const oldest = expire();
    REQUIRE(oldest.size() == 4);
    CHECK(oldest[0]->id == JobId::make(1, 0, 1));
    CHECK(expire().size() == 3);
    CHECK(expire().empty());
    CHECK(jobs.registry.kept() == 3);
}

TEST_CASE("forgotten jobs do not count as kept", "[engine][registry]") {
    Jobs jobs;
    auto const a = jobs.finished();
    auto const b = jobs.finished();
    auto const c = jobs.finished();
    jobs.registry.remove(b->id);
    jobs.now += 1h;
    CHECK(jobs.expire(2, 24h) == 0);
    CHECK(jobs.registry.find(a->id) == a);
    jobs.registry.remove(a->id);
    CHECK(jobs.expire(1, 24h) == 0);
    CHECK(jobs.expire(0, 24h) == 1);
    CHECK(jobs.registry.kept() == 0);
}

TEST_CASE("jobs that come and are forgotten leave nothing behind", "[engine][registry]") {
    Jobs jobs;
    auto const first = jobs.finished();
    for (int i = 0; i < 1'000; ++i) jobs.registry.remove(jobs.finished()->id);
    auto const last = jobs.finished();
    CHECK(jobs.registry.kept() == 2);
    CHECK(jobs.newest_first() == std::vector<JobId>{last->id, first->id});
    jobs.now += 1h;
    CHECK(jobs.expire(0, 24h) == 2);
}

TEST_CASE("a job with an attempt that is still out stays, and holds nobody else up", "[engine][registry]") {
    Jobs jobs;
    auto const hung = jobs.finished();
    auto const done = jobs.finished();
    hung->abandoned_now = 1;
    jobs.now += 48h;
    CHECK(jobs.expire(0, 24h) == 1);
    CHECK(jobs.registry.find(done->id) == nullptr);
    CHECK(jobs.registry.find(hung->id) == hung);
    hung->abandoned_now = 0;
    CHECK(jobs.expire(0, 24h) == 1);
    CHECK(jobs.registry.kept() == 0);
}
