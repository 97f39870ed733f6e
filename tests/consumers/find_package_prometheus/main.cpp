// SPDX-License-Identifier: BSL-1.0
//
// It has nothing but what the target batchpace::prometheus gives it.
#include <batchpace/batch_processor.hpp>
#include <batchpace/prometheus.hpp>

#include <asio/io_context.hpp>
#include <prometheus/text_serializer.h>

#include <string>
#include <string_view>

int main() {
    asio::io_context loop;
    batchpace::BatchProcessor processor{loop, batchpace::Unlimited{}, [](std::string_view item) { return item.size(); }};
    batchpace::PrometheusCollector collector;
    collector.add(processor);
    processor.start_batch({"one", "two", "three"}, {.concurrency = 2});
    loop.run();
    auto const families = collector.Collect();
    auto const text = prometheus::TextSerializer{}.Serialize(families);
    return text.find("batchpace_items_total{outcome=\"successful\"} 3") != std::string::npos ? 0 : 1;
}
