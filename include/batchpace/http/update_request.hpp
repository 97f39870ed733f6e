// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/http/body.hpp>
#include <batchpace/http/detail/body_field.hpp>
#include <batchpace/http/detail/object_reader.hpp>
#include <batchpace/http/parsed.hpp>
#include <batchpace/job_update.hpp>

#include <utility>

namespace batchpace::http {

/// Reads and checks the body of `POST /:id/update`, `{concurrency?, rateLimitPerMinute?, priority?}`, as `parse_start`
/// does; a rate limit of 0 takes it away. An empty object is an update that changes nothing.
inline Parsed<JobUpdate> parse_update(Body body) {
    JobUpdate u;
    detail::BodyField const fields[] = {
        {.name = "concurrency", .into = &u.concurrency},
        {.name = "rateLimitPerMinute", .into = &u.rate_limit_per_minute, .least = 0},
        {.name = "priority", .into = &u.priority, .most = 1'000},
    };
    auto error = detail::ObjectReader::read(std::move(body), fields);
    if (error) return std::move(*error);
    return u;
}

}  // namespace batchpace::http
