// SPDX-License-Identifier: BSL-1.0
//
// What a Prometheus server reads: names, types, labels and values of a processor whose history is known.
#include "../driver/support.hpp"

#include <batchpace/prometheus.hpp>

#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <memory>
#include <set>
#include <sstream>

using namespace test;

namespace {

// The exposition, a line an entry.
std::vector<std::string> lines(PrometheusCollector const& collector) {
    auto const families = collector.Collect();
    std::istringstream text{prometheus::TextSerializer{}.Serialize(families)};
    std::vector<std::string> found;
    for (std::string line; std::getline(text, line);) found.push_back(line);
    return found;
}
bool has(std::vector<std::string> const& all, std::string const& line) {
    return std::find(all.begin(), all.end(), line) != all.end();
}

struct Host {
    explicit Host(Hooks hooks = fixed_backoff(1h))
        : processor{sim, Unlimited{}, Awaitable{[this](std::string const& item, Attempt const&) { return annotate(item); }},
                    ProcessorOptions{}, std::move(hooks)} {
        sim.set_lag(0s);
    }
    asio::awaitable<int> annotate(std::string item) {
        co_await sleep_for(300ms, asio::use_awaitable);
        if (item == "3") throw std::runtime_error{"failed"};
        co_return 1;
    }
    Simulation sim{1};
    Simulated<Awaitable> processor;
};

}  // namespace

TEST_CASE("a collector exposes what has happened and what is now", "[prometheus]") {
    Host h;
    PrometheusCollector collector;
    collector.add(h.processor);
    h.processor.start_batch(names(20), {.concurrency = 10, .rate_limit_per_minute = 10});
    auto const paused = h.processor.start_batch(names(7));
    h.processor.pause(paused);
    h.sim.run_for(1s);

    auto const text = lines(collector);
    for (auto const* type : {"batchpace_attempts_total counter", "batchpace_items_total counter",
                             "batchpace_retries_total counter", "batchpace_permits_used_total counter",
                             "batchpace_permits_given_back_total counter", "batchpace_permits_refused_total counter",
                             "batchpace_attempt_duration_seconds histogram", "batchpace_jobs_started_total counter",
                             "batchpace_late_answers_total counter", "batchpace_hook_exceptions_total counter",
                             "batchpace_items_waiting gauge", "batchpace_queue_depth gauge",
                             "batchpace_attempts_in_flight gauge", "batchpace_attempts_abandoned gauge",
                             "batchpace_jobs_active gauge", "batchpace_jobs_kept gauge"}) {
        CAPTURE(type);
        CHECK(std::count(text.begin(), text.end(), std::string{"# TYPE "} + type) == 1);
    }
    for (auto const* line :
         {"batchpace_attempts_total{outcome=\"successful\"} 9", "batchpace_attempts_total{outcome=\"transient\"} 1",
          "batchpace_attempts_total{outcome=\"permanent\"} 0", "batchpace_attempts_total{outcome=\"throttled\"} 0",
          "batchpace_attempts_total{outcome=\"timed_out\"} 0", "batchpace_attempts_total{outcome=\"abandoned\"} 0",
          "batchpace_attempts_total{outcome=\"stopped\"} 0", "batchpace_items_total{outcome=\"successful\"} 9",
          "batchpace_items_total{outcome=\"failed\"} 0", "batchpace_items_total{outcome=\"cancelled\"} 0",
          "batchpace_retries_total 1", "batchpace_permits_used_total{scope=\"job\"} 10",
          "batchpace_permits_used_total{scope=\"tenant\"} 0", "batchpace_permits_given_back_total{scope=\"job\"} 0",
          "batchpace_attempt_duration_seconds_count 10", "batchpace_attempt_duration_seconds_bucket{le=\"0.256\"} 0",
          "batchpace_attempt_duration_seconds_bucket{le=\"0.512\"} 10",
          "batchpace_attempt_duration_seconds_bucket{le=\"131.072\"} 10",
          "batchpace_attempt_duration_seconds_bucket{le=\"+Inf\"} 10", "batchpace_jobs_started_total 2",
          "batchpace_items_waiting{reason=\"rate\"} 10", "batchpace_items_waiting{reason=\"paused\"} 7",
          "batchpace_items_waiting{reason=\"backoff\"} 1", "batchpace_items_waiting{reason=\"concurrency\"} 0",
          "batchpace_queue_depth 18", "batchpace_attempts_in_flight 0", "batchpace_jobs_active 2",
          "batchpace_jobs_kept 0"}) {
        CAPTURE(line);
        CHECK(has(text, line));
    }
    for (auto const& line : text) {
        if (line.starts_with("batchpace_attempt_duration_seconds_sum ")) {
            CHECK(std::stod(line.substr(line.find(' '))) == Approx(3.0));
        }
        CHECK(!contains(line, "circuit_breaker"));  // there is none
        CHECK(!contains(line, "retry_budget"));
    }
}

TEST_CASE("names follow Prometheus's conventions", "[prometheus]") {
    Host h{Hooks{}.circuit_breaker(CircuitBreaker{}).retry_budget(RetryBudget{0.1, 60, 5})};
    PrometheusCollector collector;
    collector.add(h.processor);
    std::set<std::string> seen;
    for (auto const& family : collector.Collect()) {
        CAPTURE(family.name);
        CHECK(seen.insert(family.name).second);
        CHECK(family.name.starts_with("batchpace_"));
        CHECK(family.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string::npos);
        CHECK((family.type == prometheus::MetricType::Counter) == family.name.ends_with("_total"));
        CHECK(!family.help.empty());
        CHECK(!family.metric.empty());
        for (auto const& metric : family.metric)
            for (auto const& label : metric.label)
                CHECK((label.name == "outcome" || label.name == "scope" || label.name == "reason" || label.name == "state"));
    }
    auto const text = lines(collector);
    CHECK(has(text, "batchpace_circuit_breaker_state{state=\"closed\"} 1"));
    CHECK(has(text, "batchpace_circuit_breaker_state{state=\"open\"} 0"));
    CHECK(has(text, "batchpace_circuit_breaker_state{state=\"half_open\"} 0"));
    CHECK(has(text, "batchpace_retry_budget_left 5"));
}

TEST_CASE("several processors share a collector, moved and destroyed ones too", "[prometheus]") {
    auto const collector = std::make_shared<PrometheusCollector>();
    Simulation sim{1};
    auto const sync = Sync{[](std::string const&, Attempt const&) { return 1; }};
    auto vision = std::make_unique<Simulated<Sync>>(sim, Unlimited{}, sync);
    auto pages = std::make_unique<Simulated<Sync>>(sim, Unlimited{}, sync);
    collector->add(*vision, {{"processor", "vision"}});
    collector->add(*pages, {{"processor", "pages"}});
    pages->start_batch(names(3));
    sim.run();
    auto text = lines(*collector);
    CHECK(has(text, "batchpace_items_total{processor=\"vision\",outcome=\"successful\"} 0"));
    CHECK(has(text, "batchpace_items_total{processor=\"pages\",outcome=\"successful\"} 3"));
    CHECK(std::count(text.begin(), text.end(), "# TYPE batchpace_items_total counter") == 1);

    auto moved = std::move(*pages);
    pages.reset();
    vision.reset();
    text = lines(*collector);
    CHECK(has(text, "batchpace_items_total{processor=\"pages\",outcome=\"successful\"} 3"));
    for (auto const& line : text) CHECK(!contains(line, "vision"));
}

TEST_CASE("a collector outlives the loop", "[prometheus]") {
    PrometheusCollector collector;
    {
        Host h;
        collector.add(h.processor);
        h.processor.start_batch(names(3));
        CHECK(!collector.Collect().empty());
    }
    CHECK(collector.Collect().empty());
}
