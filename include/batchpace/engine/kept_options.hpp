// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/engine/slim.hpp>
#include <batchpace/job_options.hpp>
#include <batchpace/time.hpp>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string_view>

namespace batchpace::engine {

/// The options of a job as they are kept for as long as it is: its texts are copies, and all of it takes little more
/// than half the room.
class KeptOptions {
public:
    explicit KeptOptions(JobOptions const& options) {
        // All of them by name: an option that is added and not kept does not compile.
        auto const& [of_concurrency, of_rate, of_attempts, of_timeout, of_deadline, of_calls, of_failures,
                     of_failure_rate, of_priority, of_tenant, of_key, of_label, of_duplicates, of_errors, of_results,
                     of_stalled] = options;
        concurrency = of_concurrency;
        rate_limit_per_minute = of_rate;
        max_attempts = of_attempts;
        attempt_timeout = of_timeout;
        deadline = of_deadline;
        max_calls = of_calls;
        stop_after_failures = of_failures;
        stop_at_failure_rate = of_failure_rate;
        priority = of_priority;
        duplicates = of_duplicates;
        keep_errors = of_errors;
        keep_results = of_results;
        stalled_after = of_stalled;
        keep(of_tenant, of_key, of_label);
    }
    KeptOptions(KeptOptions const& other) : KeptOptions{other.get()} {}
    KeptOptions(KeptOptions&&) noexcept = default;
    KeptOptions& operator=(KeptOptions const&) = delete;
    KeptOptions& operator=(KeptOptions&&) = delete;
    ~KeptOptions() = default;

    /// The views are of these texts.
    JobOptions get() const noexcept {
        return {.concurrency = concurrency,
                .rate_limit_per_minute = rate_limit_per_minute,
                .max_attempts = max_attempts,
                .attempt_timeout = attempt_timeout,
                .deadline = deadline,
                .max_calls = max_calls,
                .stop_after_failures = stop_after_failures,
                .stop_at_failure_rate = stop_at_failure_rate,
                .priority = priority,
                .tenant = tenant(),
                .idempotency_key = idempotency_key(),
                .label = label(),
                .duplicates = duplicates,
                .keep_errors = keep_errors,
                .keep_results = keep_results,
                .stalled_after = stalled_after};
    }

    std::string_view tenant() const noexcept { return {texts_.get(), tenant_size_}; }
    std::string_view idempotency_key() const noexcept { return {texts_.get() + tenant_size_, key_size_}; }
    std::string_view label() const noexcept { return {texts_.get() + tenant_size_ + key_size_, label_size_}; }

    // As in `JobOptions`.
    int concurrency;
    int max_attempts;
    int priority;
    Slim<int> rate_limit_per_minute;
    duration attempt_timeout;
    Slim<duration> deadline;
    Slim<std::int64_t> max_calls;
    Slim<std::int64_t> stop_after_failures;
    Slim<double> stop_at_failure_rate;
    std::int64_t keep_errors;
    std::int64_t keep_results;
    duration stalled_after;
    Duplicates duplicates;

private:
    void keep(std::string_view tenant, std::string_view key, std::string_view label) {
        tenant_size_ = size_of(tenant);
        key_size_ = size_of(key);
        label_size_ = size_of(label);
        if (tenant.empty() && key.empty() && label.empty()) return;
        texts_ = std::make_unique_for_overwrite<char[]>(tenant.size() + key.size() + label.size());
        tenant.copy(texts_.get(), tenant.size());
        key.copy(texts_.get() + tenant.size(), key.size());
        label.copy(texts_.get() + tenant.size() + key.size(), label.size());
    }

    static std::uint32_t size_of(std::string_view text) {
        if (text.size() > UINT32_MAX) throw std::length_error{"batchpace: an option's text is longer than 4 GB"};
        return static_cast<std::uint32_t>(text.size());
    }

    std::uint32_t tenant_size_ = 0;
    std::uint32_t key_size_ = 0;
    std::uint32_t label_size_ = 0;
    std::unique_ptr<char[]> texts_;  // the three, one after another; nothing where all are empty
};

}  // namespace batchpace::engine
