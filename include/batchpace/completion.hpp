// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/asio.hpp>
#include <batchpace/driver/completion_target.hpp>
#include <batchpace/outcome.hpp>

#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>
#include <variant>

namespace batchpace::inline BATCHPACE_FLAVOUR {

/// What an annotator made by `callback<T>(f)` calls when its attempt has ended: with a `T`, or with a `Failure`.
///
/// It may be called inside the annotator's call or after it, and on any thread. The first call of all its copies counts;
/// another one, or one for an attempt that was given up meanwhile, does nothing but count in
/// `ProcessorStats::late_answers`. Where the last copy is destroyed without a call, the attempt has failed for now, and
/// the item is tried again like any other.
///
/// On a thread that runs the processor's executor the call may go on with the next item before it returns: hold no lock
/// then that the annotator takes. From elsewhere it posts. It may be called after the processor and its loop have gone,
/// but not while the loop is being destroyed on another thread.
///
/// Item and `Attempt` live until the first call.
///
/// Thread safety: copies may be called by several threads at once.
///
/// @par Example
/// @code
/// auto annotate = batchpace::callback<Labels>([&](std::string_view id, batchpace::Completion<Labels> done) {
///     vision.async_labels(id, [done](std::error_code fault, Labels labels) {
///         if (fault) return done(batchpace::Failure::transient(fault.message()).with_code(fault));
///         done(std::move(labels));
///     });
/// });
/// @endcode
template <class T>
class Completion {
public:
    using value_type = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

    void operator()(Outcome<T> outcome) const { target_->complete(target_, call_, std::move(outcome)); }
    void operator()() const requires std::is_void_v<T> { target_->complete(target_, call_, std::monostate{}); }

    /// Made by the library, for one call.
    Completion(std::shared_ptr<driver::CompletionTarget<value_type>> target, std::uint64_t call) noexcept
        : target_{std::move(target)}, call_{call} {}

    Completion(Completion const& other) noexcept : target_{other.target_}, call_{other.call_} {
        if (target_) target_->add(call_);
    }
    Completion(Completion&& other) noexcept = default;
    Completion& operator=(Completion other) noexcept {
        std::swap(target_, other.target_);
        std::swap(call_, other.call_);
        return *this;
    }
    ~Completion() {
        if (target_) target_->drop(target_, call_);
    }

private:
    std::shared_ptr<driver::CompletionTarget<value_type>> target_;
    std::uint64_t call_;
};

}  // namespace batchpace::inline BATCHPACE_FLAVOUR
