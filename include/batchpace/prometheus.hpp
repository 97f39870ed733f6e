// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/policy/circuit_breaker.hpp>
#include <batchpace/policy/histogram.hpp>
#include <batchpace/processor_metrics.hpp>
#include <batchpace/waiting_for.hpp>

#include <prometheus/client_metric.h>
#include <prometheus/collectable.h>
#include <prometheus/labels.h>
#include <prometheus/metric_family.h>
#include <prometheus/metric_type.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace batchpace {

/// The metrics of processors for prometheus-cpp: link `batchpace::prometheus`. docs/metrics.md lists their names.
///
/// @code
/// auto collector = std::make_shared<batchpace::PrometheusCollector>();
/// collector->add(processor);
/// exposer.RegisterCollectable(collector);  // which keeps a weak pointer: hold on to the collector
/// @endcode
///
/// Jobs and tenants are no labels: there is no bound to their number, and each would be a time series for ever.
/// **Lifetime**: collector and processors may be destroyed in either order, and processors may be moved; a processor that
/// is gone is left out. Only the loop must outlive a `Collect` that has begun: destroy the exposer first.
/// **Threads**: all functions may be called from any thread.
class PrometheusCollector final : public ::prometheus::Collectable {
public:
    /// Collects this processor's metrics too, under `labels`; give each of several a label of its own
    /// (`{{"processor", "vision"}}`), and put them all into one collector: a name must not be exposed twice.
    template <class Processor>
    void add(Processor const& processor, ::prometheus::Labels const& labels = {}) {
        std::vector<Label> list;
        for (auto const& [name, value] : labels) list.push_back(label(name, value));
        std::lock_guard const lock{mutex_};
        sources_.push_back({processor.metrics_reader(), std::move(list)});
    }

    /// What prometheus-cpp calls, on a thread of its own: takes a processor's mutex for moments only.
    std::vector<::prometheus::MetricFamily> Collect() const override {
        std::vector<Family> families;
        std::lock_guard const lock{mutex_};
        for (auto const& source : sources_)
            if (auto const metrics = source.read()) Sheet{families, source.labels}.write(*metrics);
        return families;
    }

private:
    using Family = ::prometheus::MetricFamily;
    using Metric = ::prometheus::ClientMetric;
    using Label = Metric::Label;
    using Type = ::prometheus::MetricType;

    struct Source {
        std::function<std::optional<ProcessorMetrics>()> read;
        std::vector<Label> labels;
    };

    static Label label(std::string_view name, std::string_view value) {
        Label l;
        l.name = name;
        l.value = value;
        return l;
    }

    // Writes one processor's metrics, each beside those that other processors have under its name.
    class Sheet {
    public:
        Sheet(std::vector<Family>& families, std::vector<Label> const& labels) : families_{families}, labels_{labels} {}

        void write(ProcessorMetrics const& m) {
            auto const outcome = [&](std::string_view name, std::uint64_t value) {
                counter("batchpace_attempts_total", "Attempts that have ended", value, {label("outcome", name)});
            };
            outcome("successful", m.attempts.successful);
            outcome("transient", m.attempts.transient);
            outcome("permanent", m.attempts.permanent);
            outcome("throttled", m.attempts.throttled);
            outcome("timed_out", m.attempts.timed_out);
            outcome("abandoned", m.attempts.abandoned);
            outcome("stopped", m.attempts.stopped);
            auto const ended = [&](std::string_view name, std::uint64_t value) {
                counter("batchpace_items_total", "Items that have ended", value, {label("outcome", name)});
            };
            ended("successful", m.items.successful);
            ended("failed", m.items.failed);
            ended("cancelled", m.items.cancelled);
            counter("batchpace_retries_total", "Further attempts of items that were scheduled", m.retries);
            m.permits.each([&](WaitingFor::Scope scope, ProcessorMetrics::Permits const& p) {
                auto const permits = [&](char const* name, char const* help, std::uint64_t value) {
                    counter(name, help, value, {label("scope", to_string(scope))});
                };
                permits("batchpace_permits_used_total", "Permits of rate limits taken for a start", p.used);
                permits("batchpace_permits_given_back_total", "Permits given back because their call was not made",
                        p.given_back);
                permits("batchpace_permits_refused_total", "Starts asked for while a rate limit was used up or closed",
                        p.refused);
            });
            histogram("batchpace_attempt_duration_seconds",
                      "Durations of attempts that came back, sampled once a burst of fast items", m.attempt_duration);
            counter("batchpace_jobs_started_total", "Jobs that were started", m.jobs_started);
            counter("batchpace_late_answers_total", "Answers that were dropped: of abandoned attempts, and second ones", m.late_answers);
            counter("batchpace_hook_exceptions_total", "Exceptions that hooks threw", m.hook_exceptions);

            m.waiting_for.each([&](WaitingFor::Reason reason, std::uint64_t count) {
                gauge("batchpace_items_waiting", "Items that wait now, by what for", count,
                      {label("reason", to_string(reason))});
            });
            gauge("batchpace_queue_depth", "Items of active jobs that are neither running nor ended", m.queue_depth);
            gauge("batchpace_attempts_in_flight", "Attempts in flight, abandoned ones apart", m.in_flight);
            gauge("batchpace_attempts_abandoned", "Abandoned attempts that are still out", m.abandoned);
            gauge("batchpace_jobs_active", "Jobs that have not finished", m.active_jobs);
            gauge("batchpace_jobs_kept", "Finished jobs that are still kept", m.finished_jobs);
            if (m.circuit_breaker) {
                using State = CircuitBreaker::State;
                auto const state = [&](std::string_view name, State which) {
                    gauge("batchpace_circuit_breaker_state", "1 for the state that the circuit breaker is in",
                          *m.circuit_breaker == which ? 1 : 0, {label("state", name)});
                };
                state("closed", State::closed);
                state("open", State::open);
                state("half_open", State::half_open);
            }
            if (m.retry_budget)
                gauge("batchpace_retry_budget_left", "Retries that the budget would pay for at once", *m.retry_budget);
        }

    private:
        Metric& add(char const* name, char const* help, Type type, std::vector<Label> const& labels) {
            Family* family = nullptr;
            for (auto& f : families_)
                if (f.name == name) family = &f;
            if (family == nullptr) {
                family = &families_.emplace_back();
                family->name = name;
                family->help = help;
                family->type = type;
            }
            auto& metric = family->metric.emplace_back();
            metric.label = labels_;
            metric.label.insert(metric.label.end(), labels.begin(), labels.end());
            return metric;
        }
        void counter(char const* name, char const* help, std::uint64_t value, std::vector<Label> const& labels = {}) {
            add(name, help, Type::Counter, labels).counter.value = static_cast<double>(value);
        }
        void gauge(char const* name, char const* help, std::uint64_t value, std::vector<Label> const& labels = {}) {
            add(name, help, Type::Gauge, labels).gauge.value = static_cast<double>(value);
        }
        void histogram(char const* name, char const* help, Histogram const& h) {
            auto& to = add(name, help, Type::Histogram, {}).histogram;
            to.sample_count = h.count();
            to.sample_sum = h.sum().count();
            std::uint64_t below = 0;
            for (std::size_t i = 0; i < Histogram::buckets; ++i) {
                auto& bucket = to.bucket.emplace_back();
                bucket.cumulative_count = below += h.count(i);
                bucket.upper_bound = i + 1 < Histogram::buckets
                                         ? std::chrono::duration<double>{Histogram::upper_bound(i)}.count()
                                         : std::numeric_limits<double>::infinity();
            }
        }

        std::vector<Family>& families_;
        std::vector<Label> const& labels_;
    };

    mutable std::mutex mutex_;
    std::vector<Source> sources_;
};

}  // namespace batchpace
