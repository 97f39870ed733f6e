// SPDX-License-Identifier: BSL-1.0
#include <batchpace/engine/scheduler.hpp>

#include <batchpace/policy/random.hpp>

#include "../catch.hpp"

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

using batchpace::duration;
using batchpace::Permit;
using batchpace::time_point;
using batchpace::WaitingFor;
using batchpace::engine::AnyLimiter;
using batchpace::engine::Scheduler;
using batchpace::engine::Scope;
using namespace std::chrono_literals;
using Reason = WaitingFor::Reason;
using Level = Scope::Level;

namespace {

constexpr auto at_once = time_point::min();
constexpr auto never = time_point::max();

time_point at(duration d) { return time_point{1h} + d; }

// A tree of scopes whose leaves always have something to start, unless said otherwise.
struct Tree {
    Scope root{Level::processor, nullptr};
    Scheduler scheduler{root};
    std::deque<Scope> scopes;

    Scope& tenant(int weight = 1) { return add(Level::tenant, root, weight); }
    Scope& job(Scope& tenant, int weight = 1, time_point wish = at_once) {
        auto& scope = add(Level::job, tenant, weight);
        Scheduler::set_wish(scope, wish);
        return scope;
    }
    Scope& add(Level level, Scope& parent, int weight) {
        auto& scope = scopes.emplace_back(level, &parent);
        scope.weight = weight;
        Scheduler::attach(scope);
        return scope;
    }
    // Grants, stamps, and lets the lane leave again at once.
    Scope* serve(time_point now = at(0s)) {
        auto* const leaf = scheduler.pick(now);
        if (leaf == nullptr) return nullptr;
        Scheduler::stamp(*leaf, now, true);
        Scheduler::release(*leaf, false);
        return leaf;
    }
};

// Counts how often it is asked: that is how often its scope is looked at.
struct Asked {
    int* times;
    time_point opens;
    time_point earliest(time_point now, std::size_t) const {
        ++*times;
        return std::max(now, opens);
    }
    Permit take(time_point now, std::size_t cost) { return {now, cost}; }
    void give_back(Permit) {}
};

}  // namespace

TEST_CASE("without anybody who wants to start there is nothing and no time", "[engine][scheduler]") {
    Tree tree;
    CHECK(tree.scheduler.pick(at(0s)) == nullptr);
    CHECK(tree.scheduler.next_time() == never);
    auto& tenant = tree.tenant();
    auto& job = tree.job(tenant, 1, never);
    CHECK(tree.scheduler.pick(at(0s)) == nullptr);
    CHECK(tree.scheduler.next_time() == never);
    Scheduler::set_wish(job, at(5s));
    CHECK(tree.scheduler.pick(at(1s)) == nullptr);
    CHECK(tree.scheduler.next_time() == at(5s));
    CHECK(tree.scheduler.pick(at(5s)) == &job);
    Scheduler::set_wish(job, never);
    CHECK(tree.scheduler.pick(at(6s)) == nullptr);
    CHECK(tree.scheduler.next_time() == never);
}

TEST_CASE("a pick is charged at every scope, a release gives it back", "[engine][scheduler]") {
    Tree tree;
    auto& tenant = tree.tenant();
    auto& job = tree.job(tenant);
    REQUIRE(tree.scheduler.pick(at(0s)) == &job);
    for (auto* s : {&job, &tenant, &tree.root}) {
        CHECK(s->engaged() == 1);
        CHECK(s->pending() == 1);
    }
    REQUIRE(Scheduler::stamp(job, at(0s), false) == Permit{at(0s), 1});
    CHECK(tree.root.pending() == 0);
    CHECK(job.engaged() == 1);
    Scheduler::release(job, false);
    CHECK(tree.root.engaged() == 0);
    REQUIRE(tree.scheduler.pick(at(0s)) == &job);
    Scheduler::release(job, true);  // it never came
    for (auto* s : {&job, &tenant, &tree.root}) {
        CHECK(s->engaged() == 0);
        CHECK(s->pending() == 0);
    }
}

TEST_CASE("equal children take turns", "[engine][scheduler]") {
    Tree tree;
    auto& tenant = tree.tenant();
    auto& a = tree.job(tenant);
    auto& b = tree.job(tenant);
    auto& c = tree.job(tenant);
    std::vector<Scope*> served;
    for (int i = 0; i < 9; ++i) served.push_back(tree.serve());
    CHECK(served == std::vector<Scope*>{&a, &b, &c, &a, &b, &c, &a, &b, &c});
}

TEST_CASE("a newcomer starts in the next round", "[engine][scheduler]") {
    Tree tree;
    auto& tenant = tree.tenant();
    auto& large = tree.job(tenant, 3);
    for (int i = 0; i < 1'000; ++i) REQUIRE(tree.serve() == &large);
    auto& small = tree.job(tenant);
    int waited = 0;
    while (tree.serve() != &small) REQUIRE(++waited <= 3);
}

TEST_CASE("priorities are shares", "[engine][scheduler]") {
    Tree tree;
    auto& tenant = tree.tenant();
    std::map<Scope*, int> served;
    auto& a = tree.job(tenant, 1);
    auto& b = tree.job(tenant, 5);
    auto& c = tree.job(tenant, 4);
    for (int i = 0; i < 1'000; ++i) ++served[tree.serve()];
    CHECK(served[&a] == 100);
    CHECK(served[&b] == 500);
    CHECK(served[&c] == 400);
}

TEST_CASE("tenants share first, however many jobs each has", "[engine][scheduler]") {
    Tree tree;
    auto& many = tree.tenant();
    auto& one = tree.tenant();
    for (int i = 0; i < 50; ++i) tree.job(many, 10);
    auto& alone = tree.job(one);
    std::map<Scope*, int> served;
    for (int i = 0; i < 1'000; ++i) ++served[tree.serve()];
    CHECK(served[&alone] == 500);
    for (auto const& [job, count] : served)
        if (job != &alone) CHECK(count == 10);
}

TEST_CASE("a cap holds the child back, and the others go on", "[engine][scheduler]") {
    Tree tree;
    auto& tenant = tree.tenant();
    auto& capped = tree.job(tenant);
    auto& other = tree.job(tenant);
    capped.cap = 2;
    other.cap = 3;
    tree.root.cap = 4;
    std::vector<Scope*> served;
    while (auto* leaf = tree.scheduler.pick(at(0s))) served.push_back(leaf);
    CHECK(served == std::vector<Scope*>{&capped, &other, &capped, &other});
    CHECK(tree.scheduler.next_time() == never);
    Scheduler::stamp(capped, at(0s), true);
    Scheduler::release(capped, false);
    CHECK(tree.scheduler.pick(at(0s)) != nullptr);
    CHECK(tree.scheduler.pick(at(0s)) == nullptr);
    tree.root.cap = 0;
    while (tree.scheduler.pick(at(0s)) != nullptr) {}
    CHECK(capped.engaged() == 2);
    CHECK(other.engaged() == 3);
    capped.cap = 3;  // nobody looks by himself
    CHECK(tree.scheduler.pick(at(0s)) == nullptr);
    Scheduler::activate(capped);
    CHECK(tree.scheduler.pick(at(0s)) == &capped);
}

TEST_CASE("a tenant's cap is freed by any of its jobs", "[engine][scheduler]") {
    Tree tree;
    auto& tenant = tree.tenant();
    tenant.cap = 1;
    auto& a = tree.job(tenant);
    auto& b = tree.job(tenant);
    REQUIRE(tree.scheduler.pick(at(0s)) == &a);
    CHECK(tree.scheduler.pick(at(0s)) == nullptr);
    Scheduler::set_wish(a, never);  // it was its last item
    Scheduler::stamp(a, at(0s), true);
    Scheduler::release(a, false);
    CHECK(tree.scheduler.pick(at(0s)) == &b);
}

TEST_CASE("a lane that was granted needs its permit reserved", "[engine][scheduler]") {
    Tree tree;
    auto& tenant = tree.tenant();
    auto& a = tree.job(tenant);
    auto& b = tree.job(tenant);
    tenant.rate.emplace(2, 1min);
    REQUIRE(tree.scheduler.pick(at(0s)) == &a);
    REQUIRE(tree.scheduler.pick(at(0s)) == &b);
    CHECK(tree.scheduler.pick(at(0s)) == nullptr);  // both permits are spoken for
    CHECK(tree.scheduler.next_time() == never);     // what becomes of them is an event
    REQUIRE(Scheduler::stamp(a, at(1s), true));
    CHECK(tree.scheduler.pick(at(1s)) == nullptr);
    CHECK(tree.scheduler.next_time() == at(61s));
    Scheduler::release(b, true);  // it never came: its permit is free
    CHECK(tree.scheduler.pick(at(2s)) != nullptr);
}

TEST_CASE("a stamp takes a permit at every scope or at none", "[engine][scheduler]") {
    Tree tree;
    auto& tenant = tree.tenant();
    auto& job = tree.job(tenant);
    tree.root.rate.emplace(10, 1min);
    tenant.rate.emplace(10, 1min);
    job.rate.emplace(1, 1min);
    REQUIRE(tree.scheduler.pick(at(0s)) == &job);
    tree.root.closed_until = at(30s);  // meanwhile
    CHECK_FALSE(Scheduler::stamp(job, at(0s), true));
    Scheduler::release(job, false);
    for (auto* s : {&job, &tenant, &tree.root}) {
        CHECK(s->rate->used(at(0s)) == 0);
        CHECK(s->engaged() == 0);
        CHECK(s->pending() == 0);
    }
    CHECK(tree.scheduler.pick(at(1s)) == nullptr);
    CHECK(tree.scheduler.next_time() == at(30s));
    REQUIRE(tree.scheduler.pick(at(30s)) == &job);
    auto const permit = Scheduler::stamp(job, at(31s), true);
    REQUIRE(permit == Permit{at(31s), 1});
    for (auto* s : {&job, &tenant, &tree.root}) CHECK(s->rate->used(at(31s)) == 1);
    Scheduler::release(job, false);
    CHECK(tree.scheduler.pick(at(32s)) == nullptr);
    CHECK(tree.scheduler.next_time() == at(91s));
    Scheduler::give_back(job, *permit);  // the call was not made
    for (auto* s : {&job, &tenant, &tree.root}) CHECK(s->rate->used(at(32s)) == 0);
    CHECK(tree.scheduler.pick(at(32s)) == &job);
}

TEST_CASE("a cap that was lowered holds for lanes on their way too", "[engine][scheduler]") {
    Tree tree;
    auto& tenant = tree.tenant();
    auto& job = tree.job(tenant);
    for (int i = 0; i < 3; ++i) REQUIRE(tree.scheduler.pick(at(0s)) == &job);
    tenant.cap = 1;
    for (int i = 0; i < 2; ++i) {
        CHECK_FALSE(Scheduler::stamp(job, at(0s), false));
        Scheduler::release(job, false);
    }
    CHECK(Scheduler::stamp(job, at(0s), false));
}

TEST_CASE("next_time is the earliest that the clock alone decides", "[engine][scheduler]") {
    Tree tree;
    auto& a = tree.tenant();
    auto& b = tree.tenant();
    auto& first = tree.job(a, 1, at(7s));
    auto& second = tree.job(b, 1, at(4s));
    tree.job(b, 1, at(9s)).paused = true;
    CHECK(tree.scheduler.pick(at(0s)) == nullptr);
    CHECK(tree.scheduler.next_time() == at(4s));
    Scheduler::set_wish(first, at(3s));
    CHECK(tree.scheduler.pick(at(1s)) == nullptr);
    CHECK(tree.scheduler.next_time() == at(3s));
    b.closed_until = at(6s);
    Scheduler::activate(b);
    CHECK(tree.serve(at(3s)) == &first);
    Scheduler::set_wish(first, never);
    CHECK(tree.scheduler.pick(at(4s)) == nullptr);
    CHECK(tree.scheduler.next_time() == at(6s));
    CHECK(tree.serve(at(6s)) == &second);
    tree.root.closed_until = at(20s);
    CHECK(tree.scheduler.pick(at(7s)) == nullptr);
    CHECK(tree.scheduler.next_time() == at(20s));
    tree.root.paused = true;
    CHECK(tree.scheduler.pick(at(20s)) == nullptr);
    CHECK(tree.scheduler.next_time() == never);
}

TEST_CASE("a start that will not be taken is somebody's at the next tick", "[engine][scheduler]") {
    Tree tree;
    auto& tenant = tree.tenant();
    auto& job = tree.job(tenant);
    job.cap = 1;
    REQUIRE(tree.scheduler.pick(at(0s)) == &job);
    REQUIRE(tree.scheduler.pick(at(0s)) == nullptr);
    CHECK(tree.scheduler.next_time() == never);
    Scheduler::release(job, true);
    tree.scheduler.ask_again(at(1s));
    CHECK(tree.scheduler.next_time() == at(1s));
    CHECK(tree.scheduler.pick(at(1s)) == &job);
}

TEST_CASE("children that wait cost nothing", "[engine][scheduler]") {
    Tree tree;
    int asked = 0;
    auto& tenant = tree.tenant();
    for (int i = 0; i < 100; ++i)
        tree.job(tenant).limiter = AnyLimiter::wrap(Asked{&asked, at(1h)});  // a time opens them
    for (int i = 0; i < 100; ++i) tree.job(tenant, 1, never).limiter = AnyLimiter::wrap(Asked{&asked, at(0s)});
    auto& ready = tree.job(tenant);
    tree.serve();
    asked = 0;
    for (int i = 0; i < 1'000; ++i) REQUIRE(tree.serve(at(1s)) == &ready);
    CHECK(asked == 0);
    Scheduler::set_wish(ready, never);
    for (int i = 0; i < 1'000; ++i) REQUIRE(tree.scheduler.pick(at(2s)) == nullptr);
    CHECK(asked == 0);
    CHECK(tree.scheduler.next_time() == at(1h));
    // and when their time has come each is looked at once
    int served = 0;
    while (tree.scheduler.pick(at(1h)) != nullptr && served < 100) ++served;
    CHECK(served == 100);
}

TEST_CASE("the refusal is the one with the latest time, ties the outermost", "[engine][scheduler]") {
    Tree tree;
    auto& tenant = tree.tenant();
    auto& job = tree.job(tenant);
    auto const now = at(0s);
    auto const why = [&] { return Scheduler::refusal(job, now); };
    CHECK_FALSE(why());
    job.closed_until = at(5s);
    CHECK(why()->scope == Level::job);
    CHECK(why()->reason == Reason::throttled);
    CHECK(why()->until == at(5s));
    tree.root.closed_until = at(5s);
    CHECK(why()->scope == Level::processor);
    tenant.closed_until = at(6s);
    CHECK(why()->scope == Level::tenant);
    job.rate.emplace(1, 1min);
    job.take(now);
    CHECK(why()->scope == Level::job);
    CHECK(why()->reason == Reason::rate);
    CHECK(why()->until == at(60s));
    job.paused = true;  // no time at all is later than any
    CHECK(why()->reason == Reason::paused);
    CHECK_FALSE(why()->until);
    tree.root.barred = true;
    CHECK(why()->scope == Level::processor);
    CHECK(why()->reason == Reason::abandoned);
}

TEST_CASE("a child that leaves takes nothing along", "[engine][scheduler]") {
    Tree tree;
    auto& a = tree.tenant();
    auto& b = tree.tenant();
    auto& ready = tree.job(a);
    auto& timed = tree.job(a, 1, at(5s));
    auto& blocked = tree.job(b);
    auto& other = tree.job(b);
    blocked.paused = true;
    REQUIRE(tree.serve() == &ready);
    REQUIRE(tree.serve() == &other);
    for (auto* s : {&timed, &ready, &blocked}) Scheduler::detach(*s);
    CHECK_FALSE(a.has_children());
    Scheduler::detach(a);
    for (int i = 0; i < 3; ++i) CHECK(tree.serve(at(6s)) == &other);
    Scheduler::set_wish(other, never);
    CHECK(tree.scheduler.pick(at(7s)) == nullptr);
    CHECK(tree.scheduler.next_time() == never);
}

TEST_CASE("of many that a time opens the earliest is known, whoever leaves", "[engine][scheduler]") {
    Tree tree;
    auto& tenant = tree.tenant();
    batchpace::Random random{3};
    std::map<Scope*, time_point> wishes;
    std::vector<Scope*> jobs;
    for (int i = 0; i < 60; ++i) jobs.push_back(&tree.job(tenant, 1, never));
    for (int step = 0; step < 3'000; ++step) {
        auto* const job = jobs[random.below(jobs.size())];
        if (random.below(3) == 0)
            wishes.erase(job);
        else
            wishes[job] = at(1s + random.below(duration{1h}));
        Scheduler::set_wish(*job, wishes.contains(job) ? wishes[job] : never);
        auto earliest = never;
        for (auto const& [scope, when] : wishes) earliest = std::min(earliest, when);
        REQUIRE(tree.scheduler.pick(at(0s)) == nullptr);
        REQUIRE(tree.scheduler.next_time() <= earliest);  // one that has left may still cost a look
        Scheduler::activate(tenant);
        REQUIRE(tree.scheduler.pick(at(0s)) == nullptr);
        REQUIRE(tree.scheduler.next_time() == earliest);
    }
}

// Ring, heap and places against the obvious: whoever could start is found, and nobody else.
TEST_CASE("whatever changes, whoever may start is found", "[engine][scheduler][random]") {
    for (std::uint64_t seed = 1; seed <= 150; ++seed) {
        INFO("seed " << seed);
        batchpace::Random random{seed};
        Tree tree;
        std::vector<Scope*> tenants;
        std::vector<Scope*> jobs;
        std::vector<Scope*> granted;
        for (int i = 0; i < 3; ++i) tenants.push_back(&tree.tenant(1));
        for (int i = 0; i < 9; ++i)
            jobs.push_back(&tree.job(*tenants[random.below(3)], 1 + static_cast<int>(random.below(4)), never));
        std::map<Scope*, time_point> wish;
        for (auto* job : jobs) wish[job] = never;
        auto now = at(0s);
        for (int step = 0; step < 300; ++step) {
            auto& job = *jobs[random.below(jobs.size())];
            auto& any = random.below(3) == 0 ? tree.root : random.below(2) == 0 ? *job.parent() : job;
            switch (random.below(8)) {
                case 0: {
                    auto const when = random.below(3);
                    wish[&job] = when == 0 ? never : when == 1 ? at_once : now + random.below(duration{20s});
                    Scheduler::set_wish(job, wish[&job]);
                    break;
                }
                case 1: any.paused = random.below(3) == 0; Scheduler::activate(any); break;
                case 2: any.cap = static_cast<int>(random.below(4)); Scheduler::activate(any); break;
                case 3: any.closed_until = now + random.below(duration{5s}); Scheduler::activate(any); break;
                case 4:
                    if (any.rate)
                        any.rate.reset();
                    else
                        any.rate.emplace(1 + static_cast<int>(random.below(5)), 10s);
                    Scheduler::activate(any);
                    break;
                case 5: now += random.below(duration{3s}); break;
                default:
                    if (!granted.empty()) {
                        auto const which = random.below(granted.size());
                        auto& leaf = *granted[which];
                        granted.erase(granted.begin() + static_cast<std::ptrdiff_t>(which));
                        if (random.below(4) == 0) {
                            Scheduler::release(leaf, true);
                        } else {
                            auto const permit = Scheduler::stamp(leaf, now, true);
                            if (permit && random.below(4) == 0) Scheduler::give_back(leaf, *permit);
                            Scheduler::release(leaf, false);
                        }
                    }
            }
            auto const could = [&](Scope& leaf, time_point then) {
                if (wish[&leaf] > then) return false;
                for (auto* s = &leaf; s != nullptr; s = s->parent())
                    if (!s->gate(then).open_at(then)) return false;
                return true;
            };
            for (;;) {
                bool anybody = false;
                for (auto* leaf : jobs) anybody = anybody || could(*leaf, now);
                if (granted.size() > 40) break;
                auto* const leaf = tree.scheduler.pick(now);
                REQUIRE((leaf != nullptr) == anybody);
                if (leaf == nullptr) {
                    // asked at next_time there is somebody or another time: never asked too late
                    auto const next = tree.scheduler.next_time();
                    REQUIRE(next > now);
                    bool missed = false;
                    for (auto* waiting : jobs)
                        for (auto then = now; then < std::min(next, now + 12s); then += 2s)
                            missed = missed || could(*waiting, then);
                    REQUIRE_FALSE(missed);
                    break;
                }
                granted.push_back(leaf);
            }
        }
        while (!granted.empty()) {
            Scheduler::release(*granted.back(), true);
            granted.pop_back();
        }
        for (auto const& scope : tree.scopes) REQUIRE((scope.engaged() == 0 && scope.pending() == 0));
        REQUIRE(tree.root.engaged() == 0);
    }
}
