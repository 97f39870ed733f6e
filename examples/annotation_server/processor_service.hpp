// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "service.hpp"

#include <batchpace/batch_processor.hpp>
#include <batchpace/http/rest_api.hpp>
#include <batchpace/policy/unlimited.hpp>
#include <batchpace/processor_options.hpp>
#include <batchpace/prometheus.hpp>

#include <cstdint>
#include <memory>
#include <prometheus/text_serializer.h>
#include <utility>

namespace annotation_server {

/// What the command line says of a processor.
inline batchpace::ProcessorOptions processor_options(CommandLine const& line) {
    batchpace::ProcessorOptions options;
    if (line.rate_per_minute > 0) options.tier = batchpace::Tier{"server", 0, line.rate_per_minute};
    options.max_in_flight = line.max_concurrency;
    options.max_active_jobs = line.max_jobs;
    options.max_items_per_job = static_cast<std::int64_t>(line.max_items);
    return options;
}

/// The service of one kind of annotator on one kind of executor.
template <class Executor, class Annotator, class RateLimiter = batchpace::Unlimited>
class ProcessorService final : public Service {
public:
    /// `context` is what the executor belongs to, where that shall live just as long.
    ProcessorService(std::shared_ptr<void> context, Executor executor, Annotator annotate,
                     batchpace::ProcessorOptions const& options, ServiceParts parts, RateLimiter limiter = {})
        : context_{std::move(context)},
          processor_{std::move(executor), std::move(limiter), std::move(annotate), options, std::move(parts.hooks)},
          api_{processor_, with_metrics(std::move(parts.rest), processor_)} {}

    void answer(batchpace::http::Request request, batchpace::http::Respond respond) const override {
        api_(std::move(request), std::move(respond));
    }
    bool owns(std::string_view target) const override { return api_.owns(target); }
    void set_tier(std::string_view tenant, batchpace::Tier const& tier) override { processor_.set_tier(tenant, tier); }
    void shut_down(batchpace::ShutdownMode mode, std::optional<batchpace::duration> deadline, Ended ended) override {
        processor_.async_shutdown(
            mode, deadline,
            [ended = std::move(ended)](batchpace::net_error_code, batchpace::ShutdownReport const& report) {
                ended(report);
            });
    }

private:
    using Processor = batchpace::BatchProcessor<Executor, RateLimiter, Annotator>;

    static batchpace::http::RestOptions with_metrics(batchpace::http::RestOptions options, Processor const& processor) {
        auto const collector = std::make_shared<batchpace::PrometheusCollector>();
        collector->add(processor);
        options.metrics = [collector] { return prometheus::TextSerializer{}.Serialize(collector->Collect()); };
        return options;
    }

    std::shared_ptr<void> context_;
    Processor processor_;
    batchpace::http::RestApi<Processor> api_;
};

}  // namespace annotation_server
