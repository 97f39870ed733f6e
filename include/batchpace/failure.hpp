// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/failure_kind.hpp>
#include <batchpace/time.hpp>
#include <batchpace/waiting_for.hpp>

#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace batchpace {

/// Why one attempt did not succeed, and whether another may.
///
/// Made by the named factories: `Failure::transient("connection reset")`,
/// `Failure::throttled("429", std::chrono::seconds{30})`.
///
/// A failure that is throttled, or that names a time (`retry_after`, whatever its kind), asks to be left alone: nothing
/// starts in the scope that it closes until then, and it costs the item no attempt, up to `max_throttles`.
class Failure {
public:
    /// May succeed when tried again (a lost connection, a 500).
    static Failure transient(std::string message, std::optional<duration> retry_after = {}) {
        return {FailureKind::transient, std::move(message), retry_after, {}};
    }
    /// Will never succeed: the item is not tried again (not an image, a 400).
    static Failure permanent(std::string message) { return {FailureKind::permanent, std::move(message), {}, {}}; }
    /// The service asks for less (a 429, a 503); `retry_after` is obeyed in full.
    static Failure throttled(std::string message, std::optional<duration> retry_after = {}) {
        return {FailureKind::throttled, std::move(message), retry_after, {}};
    }
    /// The attempt's time-out passed.
    static Failure timed_out(std::string message) { return {FailureKind::timed_out, std::move(message), {}, {}}; }

    Failure(FailureKind kind, std::string message, std::optional<duration> retry_after, std::error_code code)
        : message_{std::move(message)}, retry_after_{retry_after}, code_{code}, kind_{kind} {}

    /// The text that is shown to people and counted in the error distribution.
    std::string const& message() const noexcept { return message_; }
    FailureKind kind() const noexcept { return kind_; }
    /// How long the service asked to be left alone, if it did.
    std::optional<duration> retry_after() const noexcept { return retry_after_; }
    /// True where the service asks to be left alone for a while: nothing starts meanwhile in `scope`.
    bool asks_to_wait() const noexcept { return kind_ == FailureKind::throttled || retry_after_.has_value(); }
    /// Whom it asks: everybody (the default), the tenant whose quota is used up, or this job.
    WaitingFor::Scope scope() const noexcept { return scope_; }
    /// The code of the exception or of the operation that failed, if there was one.
    std::error_code code() const noexcept { return code_; }

    /// The same failure with a code: `Failure::transient("connect").with_code(ec)`.
    Failure with_code(std::error_code code) && {
        code_ = code;
        return std::move(*this);
    }

    /// The same failure, closing another scope than the processor's where it asks to be left alone:
    /// `Failure::throttled("quota of this customer", 30s).closing(WaitingFor::Scope::tenant)`.
    Failure closing(WaitingFor::Scope scope) && {
        scope_ = scope;
        return std::move(*this);
    }

private:
    std::string message_;
    std::optional<duration> retry_after_;
    std::error_code code_;
    FailureKind kind_ = FailureKind::transient;
    WaitingFor::Scope scope_ = WaitingFor::Scope::processor;
};

}  // namespace batchpace
