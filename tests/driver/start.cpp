// SPDX-License-Identifier: BSL-1.0
//
// How jobs come to be, and what starts are refused with.
#include "support.hpp"

#include <array>
#include <concepts>
#include <cstddef>
#include <functional>
#include <limits>
#include <list>
#include <ranges>
#include <stdexcept>
#include <string>
#include <utility>

using namespace test;

namespace {

struct Document {
    int number;
    [[maybe_unused]] friend bool operator==(Document const&, Document const&) = default;
};
std::string item_id(Document const& d) { return "document " + std::to_string(d.number); }

struct Nameless {
    int number;
    [[maybe_unused]] friend bool operator==(Nameless const&, Nameless const&) = default;
};
std::string item_id(Nameless const&) { throw std::runtime_error{"it has no name"}; }

int length(std::string const& item, Attempt const&) { return static_cast<int>(item.size()); }

// A processor of strings, and what it has seen.
struct Strings {
    explicit Strings(ProcessorOptions options = {}, Hooks hooks = {})
        : processor{sim, Unlimited{}, Sync{length}, options, std::move(hooks)} {}
    Simulation sim{1};
    Simulated<Sync> processor;
};

}  // namespace

template <>
struct std::hash<Nameless> {
    std::size_t operator()(Nameless const& item) const noexcept { return static_cast<std::size_t>(item.number); }
};

TEST_CASE("items are given as a vector, a braced list or any range of what an item is made from", "[driver][start]") {
    Strings s;
    std::vector<std::string> moved{"a", "bb", "ccc"};
    moved.push_back("dddd");

    std::vector<JobId> jobs;
    jobs.push_back(s.processor.start_batch(std::move(moved)));
    jobs.push_back(s.processor.start_batch({"a", "b", "c", "d"}, {.concurrency = 2}));
    std::array<std::string_view, 4> const views{"a", "b", "c", "d"};
    jobs.push_back(s.processor.start_batch(views));
    jobs.push_back(s.processor.start_batch(std::list<char const*>{"a", "b", "c", "d"}, {.label = "a list"}));
    jobs.push_back(s.processor.start_batch(std::views::iota(0, 4) | std::views::transform([](int i) { return names(4)[static_cast<std::size_t>(i)]; })));
    std::error_code error = make_error_code(error::no_items);
    jobs.push_back(s.processor.start_batch(views, {}, error));
    CHECK(!error);
    s.sim.run();
    for (auto const job : jobs) {
        auto const p = s.processor.progress(job);
        REQUIRE(p);
        CHECK(p->status == JobStatus::completed);
        CHECK(p->successful == 4);
        CHECK(p->percentage == 100);
    }
    CHECK(s.processor.progress(jobs[3])->label == "a list");
}

TEST_CASE("a moved vector's items are not copied", "[driver][start]") {
    Simulation sim{1};
    char const* seen = nullptr;
    BatchProcessor processor{sim, Unlimited{}, [&](std::string const& item) { seen = item.data(); }};
    std::vector<std::string> items{std::string(1'000, 'x')};
    auto const* const where = items[0].data();
    processor.start_batch(std::move(items));
    sim.run();
    CHECK(seen == where);
}

TEST_CASE("items may be numbers or a host's own type, named by item_id", "[driver][start]") {
    Simulation sim{1};
    SECTION("numbers") {
        BatchProcessor processor{sim, Unlimited{}, [](int i) { return i * 2; }};
        static_assert(std::same_as<decltype(processor)::item_type, int>);
        auto const job = processor.start_batch({4, 5, 6}, {.concurrency = 1});
        sim.run();
        auto const page = processor.results(job, 0, 10);
        REQUIRE(page.items.size() == 3);
        CHECK(page.items[1].item_id == "5");
        CHECK(page.items[1].annotation == 10);
        auto const twice = thrown_by([&] { processor.start_batch({7, 8, 7}); });
        CHECK(twice.code == error::duplicate_item);
        CHECK(contains(twice.what, "7"));
    }
    SECTION("a type of its own") {
        BatchProcessor processor{sim, Unlimited{}, [](Document const& d) { return d.number; }};
        static_assert(std::same_as<decltype(processor)::item_type, Document>);
        // No hash: duplicates are not looked for.
        auto const job = processor.start_batch({Document{1}, Document{2}, Document{1}}, {.concurrency = 1});
        sim.run();
        CHECK(processor.results(job, 0, 10).items.at(1).item_id == "document 2");
    }
}

TEST_CASE("no start is accepted without items, with too many, or with one of them twice", "[driver][start]") {
    Strings s{{.max_items_per_job = 3}};
    auto& p = s.processor;
    CHECK(thrown_by([&] { p.start_batch(std::vector<std::string>{}); }).code == error::no_items);
    CHECK(thrown_by([&] { p.start_batch(std::views::empty<std::string_view>); }).code == error::no_items);

    auto const many = thrown_by([&] { p.start_batch({"a", "b", "c", "d"}); });
    CHECK(many.code == error::too_many_items);
    CHECK(contains(many.what, "4"));
    CHECK(contains(many.what, "3"));

    auto const twice = thrown_by([&] { p.start_batch({"first", "again", "again"}); });
    CHECK(twice.code == error::duplicate_item);
    CHECK(contains(twice.what, "again"));
    CHECK(!contains(twice.what, "first"));

    std::error_code error;
    CHECK(!p.start_batch(std::vector<std::string>{"a", "a"}, {}, error));
    CHECK(error == error::duplicate_item);
    CHECK(p.start_batch(std::vector<std::string>{"a", "a"}, {.duplicates = Duplicates::allow}, error));
    CHECK(!error);
    CHECK(p.stats().jobs_started == 1);
}

TEST_CASE("the first duplicate is the one that is named", "[driver][start]") {
    Strings s;
    auto items = names(5'000);
    items[3'000] = "17";
    items[4'000] = "5";
    CHECK(contains(thrown_by([&] { s.processor.start_batch(items); }).what, "17"));
}

TEST_CASE("an option out of its range is refused, and the text names the field", "[driver][start]") {
    Strings s;
    struct Wrong {
        std::string_view field;
        JobOptions options;
    };
    Wrong const wrong[] = {
        {"concurrency", {.concurrency = 0}},
        {"concurrency", {.concurrency = -5}},
        {"rate_limit_per_minute", {.rate_limit_per_minute = 0}},
        {"rate_limit_per_minute", {.rate_limit_per_minute = -1}},
        {"max_attempts", {.max_attempts = 0}},
        {"attempt_timeout", {.attempt_timeout = 0s}},
        {"deadline", {.deadline = -1s}},
        {"max_calls", {.max_calls = 0}},
        {"stop_after_failures", {.stop_after_failures = 0}},
        {"stop_at_failure_rate", {.stop_at_failure_rate = 0.0}},
        {"stop_at_failure_rate", {.stop_at_failure_rate = 1.5}},
        {"stop_at_failure_rate", {.stop_at_failure_rate = std::numeric_limits<double>::quiet_NaN()}},
        {"priority", {.priority = 0}},
        {"priority", {.priority = 1'001}},
        {"keep_errors", {.keep_errors = -1}},
        {"keep_results", {.keep_results = -1}},
        {"stalled_after", {.stalled_after = 0s}},
    };
    for (auto const& [field, options] : wrong) {
        INFO(field);
        auto const thrown = thrown_by([&] { s.processor.start_batch({"a"}, options); });
        CHECK(thrown.code == error::invalid_option);
        CHECK(contains(thrown.what, field));
        std::error_code code;
        CHECK(!s.processor.start_batch(from_source([](std::size_t) { return std::vector<std::string>{}; }), options, code));
        CHECK(code == error::invalid_option);
        Answer<JobId> answer;
        s.processor.async_start_batch({"a"}, options, answer.handler());
        CHECK(answer.calls == 0);
        s.sim.run();
        CHECK(answer.code == error::invalid_option);
    }
    CHECK(s.processor.stats().jobs_started == 0);
}

TEST_CASE("a processor's option out of its range is refused, and the text names the field", "[driver][start]") {
    Simulation sim{1};
    struct Wrong {
        std::string_view field;
        ProcessorOptions options;
    };
    Wrong const wrong[] = {
        {"tier.max_concurrency", {.tier = Tier{"t", -1, 1}}},
        {"tier.per_minute", {.tier = Tier{"t", 1, -1}}},
        {"max_in_flight", {.max_in_flight = 0}},
        {"max_active_jobs", {.max_active_jobs = 0}},
        {"max_items_per_job", {.max_items_per_job = 0}},
        {"max_items_per_job", {.max_items_per_job = std::int64_t{1} << 32}},
        {"retain_finished", {.retain_finished = -1}},
        {"retain_for", {.retain_for = -1s}},
        {"retain_bytes", {.retain_bytes = -1}},
        {"abandon_grace", {.abandon_grace = -1s}},
        {"max_abandoned", {.max_abandoned = 0}},
        {"max_retrying", {.max_retrying = 0}},
        {"guard_band", {.guard_band = -1s}},
        {"max_throttles", {.max_throttles = -1}},
    };
    for (auto const& [field, options] : wrong) {
        INFO(field);
        auto const thrown = thrown_by([&] { Simulated<Sync>{sim, Unlimited{}, Sync{length}, options}; });
        CHECK(thrown.code == error::invalid_option);
        CHECK(contains(thrown.what, field));
    }
}

TEST_CASE("a second start with a tenant's idempotency key returns the first job", "[driver][start]") {
    Strings s;
    auto& p = s.processor;
    auto const first = p.start_batch({"a"}, {.tenant = "x", .idempotency_key = "k"});
    CHECK(p.start_batch({"b"}, {.tenant = "x", .idempotency_key = "k"}) == first);
    auto const others = p.start_batch({"b"}, {.tenant = "y", .idempotency_key = "k"});
    CHECK(others != first);
    CHECK(p.start_batch({"b"}, {.tenant = "x", .idempotency_key = "another"}) != first);
    CHECK(p.start_batch({"b"}, {.tenant = "x"}) != p.start_batch({"b"}, {.tenant = "x"}));
    s.sim.run();
    CHECK(p.start_batch({"b"}, {.tenant = "x", .idempotency_key = "k"}) == first);  // finished, and still known
    CHECK(p.progress(first)->total == 1);
    CHECK(p.forget(first));
    CHECK(p.start_batch({"b"}, {.tenant = "x", .idempotency_key = "k"}) != first);
}

TEST_CASE("no more jobs than max_active_jobs are active", "[driver][start]") {
    Strings s{{.max_active_jobs = 2}};
    s.processor.start_batch({"a"});
    auto const second = s.processor.start_batch({"b"}, {.idempotency_key = "k"});
    auto const refused = thrown_by([&] { s.processor.start_batch({"c"}); });
    CHECK(refused.code == error::too_many_jobs);
    CHECK(contains(refused.what, "2"));
    CHECK(s.processor.start_batch({"c"}, {.idempotency_key = "k"}) == second);  // it is no new one
    Answer<JobId> answer;
    s.processor.async_start_batch({"c"}, {}, answer.handler());
    s.processor.cancel(second);
    CHECK_NOTHROW(s.processor.start_batch({"c"}));
    s.sim.run();
    CHECK(answer.calls == 1);
    CHECK_NOTHROW(s.processor.start_batch({"d"}));
}

TEST_CASE("async_start_batch checks on the executor and copies its options' views", "[driver][start]") {
    Strings s;
    Answer<JobId> started;
    Answer<JobId> duplicate;
    Answer<JobId> empty;
    {
        std::string tenant = "a tenant whose name is longer than a small string";
        std::string label = "a label that is longer than any small string, too";
        s.processor.async_start_batch(names(10'000), {.tenant = tenant, .label = label}, started.handler());
        auto twice = names(10'000);
        twice.back() = "9000";
        s.processor.async_start_batch(std::move(twice), {.tenant = tenant}, duplicate.handler());
        s.processor.async_start_batch({}, {}, empty.handler());
        tenant.assign(tenant.size(), '#');
        label.assign(label.size(), '#');
    }
    CHECK(started.calls + duplicate.calls + empty.calls == 0);
    s.sim.run();
    REQUIRE(started.calls == 1);
    CHECK(!*started.code);
    auto const p = s.processor.progress(*started.value);
    REQUIRE(p);
    CHECK(p->successful == 10'000);
    CHECK(p->tenant == "a tenant whose name is longer than a small string");
    CHECK(p->label == "a label that is longer than any small string, too");
    CHECK(duplicate.calls == 1);
    CHECK(duplicate.code == error::duplicate_item);
    CHECK(empty.code == error::no_items);
}

TEST_CASE("async_start_batch with explain says in words why it refuses", "[driver][start]") {
    Strings s;
    struct Told {
        Told() = default;
        Told(JobId which, std::string why) : id{which}, text{std::move(why)} {}
        JobId id;
        std::string text;
    };
    Answer<Told> started;
    Answer<Told> duplicate;
    Answer<Told> option;
    Answer<Told> empty;
    auto twice = names(10'000);
    twice.back() = "9000";
    s.processor.async_start_batch(names(3), {}, batchpace::explain, started.handler());
    s.processor.async_start_batch(std::move(twice), {}, batchpace::explain, duplicate.handler());
    s.processor.async_start_batch({"a"}, {.concurrency = 0}, batchpace::explain, option.handler());
    s.processor.async_start_batch({}, {}, batchpace::explain, empty.handler());
    CHECK(started.calls + duplicate.calls + option.calls + empty.calls == 0);
    s.sim.run();
    REQUIRE(started.calls == 1);
    CHECK(!*started.code);
    CHECK(started.value->text.empty());
    CHECK(s.processor.progress(started.value->id)->successful == 3);
    REQUIRE(duplicate.calls == 1);
    CHECK(duplicate.code == error::duplicate_item);
    CHECK(duplicate.value->text == "9000");
    REQUIRE(option.calls == 1);
    CHECK(option.code == error::invalid_option);
    CHECK(contains(option.value->text, "concurrency"));
    REQUIRE(empty.calls == 1);
    CHECK(empty.value->text == batchpace::make_error_code(error::no_items).message());
}

TEST_CASE("a name that cannot be made does not keep a duplicate from being refused", "[driver][start]") {
    batchpace::testing::Simulation sim{1};
    batchpace::BatchProcessor processor{sim, batchpace::Unlimited{}, [](Nameless const&) {}};
    Answer<JobId> plain;
    Answer<JobId> explained;
    processor.async_start_batch({Nameless{1}, Nameless{1}}, {}, plain.handler());
    processor.async_start_batch({Nameless{1}, Nameless{1}}, {}, batchpace::explain,
                                [told = explained.handler()](auto code, JobId id, std::string const&) { told(code, id); });
    CHECK_NOTHROW(sim.run());
    CHECK(plain.code == error::duplicate_item);
    CHECK(explained.code == error::duplicate_item);
}

TEST_CASE("async_start_batch can be awaited", "[driver][start]") {
    Strings s;
    std::optional<JobProgress> last;
    auto body = [&]() -> asio::awaitable<void> {
        std::string label = "kept";
        JobOptions const options{.label = label};
        auto items = names(3);
        auto starting = s.processor.async_start_batch(std::move(items), options, asio::use_awaitable);
        label = "gone";  // the operation is initiated later
        auto const job = co_await std::move(starting);
        last = co_await s.processor.async_wait(job, asio::use_awaitable);
    };
    asio::co_spawn(s.sim.get_executor(), body, asio::detached);
    s.sim.run();
    REQUIRE(last);
    CHECK(last->successful == 3);
    CHECK(last->label == "kept");
}

TEST_CASE("a start's tier comes from tier_of, and the job's concurrency is held below it", "[driver][start]") {
    int asked = 0;
    Strings s{{}, Hooks{}.tier_of([&](std::string_view tenant) -> std::optional<Tier> {
        ++asked;
        if (tenant == "small") return Tier{"small", 0, 2};
        return std::nullopt;
    })};
    auto const limited = s.processor.start_batch({"a", "b", "c"}, {.tenant = "small"});
    auto const free = s.processor.start_batch({"a", "b", "c"}, {.tenant = "large"});
    s.sim.run_for(30s);
    CHECK(asked == 2);
    CHECK(s.processor.progress(limited)->successful == 2);
    CHECK(s.processor.progress(limited)->waiting_for->reason == WaitingFor::Reason::rate);
    CHECK(s.processor.progress(limited)->waiting_for->scope == WaitingFor::Scope::tenant);
    CHECK(s.processor.progress(free)->successful == 3);
    s.sim.run();
    CHECK(s.processor.progress(limited)->finished());
}

TEST_CASE("ids come from the host's generator where it gives one", "[driver][start]") {
    std::uint64_t n = 0;
    Strings s{{}, Hooks{}.id_generator([&] { return (++n, JobId::make(1, n, n)); })};
    CHECK(s.processor.start_batch({"a"}) == JobId::make(1, 1, 1));
    CHECK(s.processor.start_batch({"a"}) == JobId::make(1, 2, 2));
}
