// SPDX-License-Identifier: BSL-1.0
#include <batchpace/engine/tenants.hpp>

#include "../catch.hpp"

#include <chrono>
#include <memory>
#include <string>

using batchpace::duration;
using batchpace::time_point;
using batchpace::engine::Scheduler;
using batchpace::engine::Scope;
using batchpace::engine::Tenants;
using namespace std::chrono_literals;

namespace {

struct World {
    Scope& get(std::string const& name) {
        return tenants.get(name, now, [&](Scope& scope) {
            ++made;
            scope.rate.emplace(5, 1min);
        });
    }
    Scope root{Scope::Level::processor, nullptr};
    Tenants tenants{root};
    time_point now{1h};
    int made = 0;
};

}  // namespace

TEST_CASE("a tenant's scope is made once", "[engine][tenants]") {
    auto const world = std::make_unique<World>();
    auto& a = world->get("a");
    CHECK(&world->get("a") == &a);
    CHECK(&world->get("b") != &a);
    CHECK(world->made == 2);
    CHECK(a.parent() == &world->root);
    CHECK(a.level() == Scope::Level::tenant);
    CHECK(world->root.has_children());
}

TEST_CASE("tenants without jobs, lanes or starts in their window are dropped, unless they are paused", "[engine][tenants]") {
    auto const world = std::make_unique<World>();
    auto& with_job = world->get("job");
    Scope job{Scope::Level::job, &with_job};
    Scheduler::attach(job);
    auto& with_start = world->get("start");
    with_start.take(world->now);
    auto& with_lane = world->get("lane");
    Scheduler scheduler{world->root};
    Scope gone{Scope::Level::job, &with_lane};
    Scheduler::attach(gone);
    Scheduler::set_wish(gone, time_point::min());
    REQUIRE(scheduler.pick(world->now) == &gone);
    Scheduler::detach(gone);

    for (int i = 0; i < 1'000; ++i) world->get("tenant " + std::to_string(i));
    CHECK(world->tenants.size() <= 64);
    auto const before = world->made;
    CHECK(&world->get("job") == &with_job);
    CHECK(&world->get("start") == &with_start);
    CHECK(&world->get("lane") == &with_lane);
    CHECK(world->made == before);

    world->get("paused").paused = true;
    for (int i = 0; i < 1'000; ++i) world->get("tenant " + std::to_string(i));
    REQUIRE(world->tenants.find("paused") != nullptr);
    CHECK(world->tenants.find("paused")->paused);
    CHECK(world->tenants.find("nobody") == nullptr);

    Scheduler::release(gone, true);
    Scheduler::detach(job);
    world->now += 1min;
    for (int i = 0; i < 100; ++i) world->get("tenant " + std::to_string(i));
    world->made = 0;
    for (auto const* name : {"job", "start", "lane"}) world->get(name);
    CHECK(world->made == 3);
}
