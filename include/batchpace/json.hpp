// SPDX-License-Identifier: BSL-1.0
#pragma once

// The vocabulary as JSON (nlohmann's), in the shapes of the REST API: camelCase names, times as
// "2026-01-02T03:04:05.678Z", durations in milliseconds. `nlohmann::json j = progress;` and `j.get<batchpace::JobProgress>()` work; write with
// `batchpace::dump(j)`, which never throws. Needs nlohmann/json 3.11, and no Asio.

#include <batchpace/json/dump.hpp>
#include <batchpace/json/estimate.hpp>
#include <batchpace/json/iso_time.hpp>
#include <batchpace/json/item_error.hpp>
#include <batchpace/json/item_result.hpp>
#include <batchpace/json/job_id.hpp>
#include <batchpace/json/job_options.hpp>
#include <batchpace/json/job_progress.hpp>
#include <batchpace/json/job_update.hpp>
#include <batchpace/json/milestone.hpp>
#include <batchpace/json/names.hpp>
#include <batchpace/json/processor_stats.hpp>
#include <batchpace/json/waiting_for.hpp>
