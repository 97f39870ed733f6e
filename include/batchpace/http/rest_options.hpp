// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/http/caller.hpp>
#include <batchpace/http/origin_options.hpp>
#include <batchpace/http/request.hpp>
#include <batchpace/http/response.hpp>
#include <batchpace/http/start_limits.hpp>
#include <batchpace/job_options.hpp>
#include <batchpace/time.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <variant>

namespace batchpace::http {

/// How a RestApi is mounted, and what it allows its callers. A plain aggregate: name what differs.
struct RestOptions {
    /// Where it is mounted. `/metrics` and `/healthz` are answered without it too.
    std::string prefix = "/api/batch/annotations";
    /// A request's body may be so long; beyond: 413. The server in front may have a limit of its own.
    std::size_t max_body_bytes = std::size_t{16} << 20;
    /// Ids a job, and lengths of ids, labels and keys.
    StartLimits start = {};
    /// What a start gets that does not say otherwise. Its texts are not used.
    JobOptions defaults = {};
    /// What 429 and 503 tell the client to wait.
    std::chrono::seconds retry_after{5};
    /// Event streams at once; beyond: 503.
    std::size_t max_event_streams = 10'000;
    /// No `progress` event comes sooner after the last one.
    duration event_interval = std::chrono::milliseconds{100};
    /// A comment is sent to an idle event stream so often, so that proxies keep it open.
    duration heartbeat = std::chrono::seconds{15};
    OriginOptions origins = {};

    /// Says who asks, or refuses with a response of the host's (401). Called once a request, by any thread; must be
    /// quick. None: everybody is the tenant "".
    std::function<std::variant<Caller, Response>(Request const&)> authorize = {};
    /// What `GET /metrics` is answered with, in Prometheus' text format. None: 404.
    std::function<std::string()> metrics = {};
};

}  // namespace batchpace::http
