// SPDX-License-Identifier: BSL-1.0
#include "event_log.hpp"

#include <batchpace/event.hpp>
#include <batchpace/job_progress.hpp>

#include <nlohmann/json.hpp>

#include <string>

namespace annotation_server {

batchpace::Hooks log_events(Log const& log) {
    using batchpace::Event;
    using Json = nlohmann::ordered_json;
    return batchpace::Hooks{}
        .on_event([&log](Event const& event) {
            bool const is_usual = event.type == Event::Type::started || event.type == Event::Type::finished;
            auto const level = is_usual ? LogLevel::info : LogLevel::warning;
            if (!log.wants(level)) return;
            Json line{{"jobId", event.job.to_string()}};
            if (event.item) line["item"] = *event.item;
            if (!event.text.empty()) line["text"] = event.text;
            log.write(level, "job." + std::string{to_string(event.type)}, line);
        })
        .on_stalled([&log](batchpace::JobProgress const& job) {
            Json line{{"jobId", job.job_id.to_string()}, {"processed", job.processed()}, {"total", job.total}};
            if (job.waiting_for) line["waitingFor"] = to_string(job.waiting_for->reason);
            log.write(LogLevel::warning, "job.stalled", line);
        });
}

}  // namespace annotation_server
