// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>
#include <system_error>
#include <type_traits>

namespace batchpace {

/// What a call of the library can be refused with. What happens to single items travels in `Failure` instead.
enum class error {
    /// The batch has no items. Give at least one.
    no_items = 1,
    /// The batch has more items than `max_items_per_job`. Split it, or give the items as a source.
    too_many_items,
    /// Two items of the batch are the same; the exception's text names the first one. Pass `Duplicates::allow` if that is meant.
    duplicate_item,
    /// An option is out of its range; the exception's text names it and the range.
    invalid_option,
    /// A call costs more permits than a limit holds, so it could never start. Raise the limit or lower the cost.
    cost_above_limit,
    /// `max_active_jobs` are active. Try again when one has finished.
    too_many_jobs,
    /// There is no job of that id, or it has been forgotten.
    unknown_job,
    /// The job has finished: it can no longer be cancelled, paused or changed.
    job_finished,
    /// The job has no item that could be tried again.
    nothing_to_retry,
    /// The job is not finished, or an attempt of it is still out.
    job_active,
    /// The processor is being shut down, or has been destroyed. No job is accepted any more.
    shut_down,
    /// The processor was moved from, or never had an engine.
    no_processor,
    /// The host's `tier_of` or `id_generator` threw while a job was being started; `start_batch` lets that exception through.
    hook_failed,
};

namespace detail {

class ErrorCategory final : public std::error_category {
public:
    char const* name() const noexcept override { return "batchpace"; }
    std::string message(int value) const override {
        switch (static_cast<error>(value)) {
            case error::no_items: return "the batch has no items";
            case error::too_many_items: return "the batch has more items than max_items_per_job";
            case error::duplicate_item: return "two items of the batch are the same";
            case error::invalid_option: return "an option is out of its range";
            case error::cost_above_limit: return "a call costs more permits than the limit holds";
            case error::too_many_jobs: return "too many jobs are active";
            case error::unknown_job: return "there is no such job";
            case error::job_finished: return "the job has finished";
            case error::nothing_to_retry: return "the job has no item to try again";
            case error::job_active: return "the job is still active";
            case error::shut_down: return "the processor has been shut down";
            case error::no_processor: return "the processor was moved from";
            case error::hook_failed: return "a hook threw while the job was being started";
        }
        return "unknown batchpace error";
    }
};

}  // namespace detail

/// The category of `error`.
inline std::error_category const& error_category() noexcept {
    static detail::ErrorCategory const category;
    return category;
}

inline std::error_code make_error_code(error value) noexcept { return {static_cast<int>(value), error_category()}; }

}  // namespace batchpace

template <>
struct std::is_error_code_enum<batchpace::error> : std::true_type {};
