// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/job_id.hpp>
#include <batchpace/time.hpp>

#include <cstdint>
#include <stop_token>
#include <string>
#include <utility>

namespace batchpace {

/// What an annotator may know about the attempt it makes; its second parameter, if it wants one.
/// It lives until the attempt has really ended, also when that is after it was abandoned.
class Attempt {
public:
    Attempt() = default;

    JobId const& job() const noexcept { return job_; }
    /// The item's place in its job, from 0.
    std::uint64_t index() const noexcept { return index_; }
    /// The attempt's number, from 1.
    int number() const noexcept { return number_; }
    /// When it will be asked to stop.
    time_point deadline() const noexcept { return deadline_; }
    /// Asked to stop on cancel, time-out and shutdown. May be polled, or used to register a callback, on any thread.
    std::stop_token const& stop_token() const noexcept { return stop_token_; }
    /// `jobId:index`: the same for every attempt of an item, so that a service can recognise a repeated call.
    std::string idempotency_key() const { return job_.to_string() + ':' + std::to_string(index_); }

    /// For whoever makes attempts: a driver, or a host's test of its own annotator.
    Attempt(JobId job, std::uint64_t index, int number, time_point deadline, std::stop_token token)
        : job_{job}, index_{index}, deadline_{deadline}, stop_token_{std::move(token)}, number_{number} {}

    /// The same place for the next block of items of the same job.
    void next_block(time_point deadline) noexcept { deadline_ = deadline; }

    /// The same place for the next item; no reference count is touched, so that an item costs two stores.
    void next(std::uint64_t index, int number) noexcept {
        index_ = index;
        number_ = number;
    }

private:
    JobId job_;
    std::uint64_t index_ = 0;
    time_point deadline_{};
    std::stop_token stop_token_;
    int number_ = 1;
};

}  // namespace batchpace
