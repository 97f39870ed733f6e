// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/time.hpp>

#include <optional>
#include <string_view>

namespace batchpace {

/// Why a job that has items left starts none right now.
struct WaitingFor {
    enum class Reason : unsigned char {
        rate,         ///< a rate limit is used up
        concurrency,  ///< a cap on attempts in flight is reached
        backoff,      ///< only items that wait for their next attempt are left
        paused,       ///< the job, or a scope above it, is paused
        throttled,    ///< the service asked to be left alone
        breaker,      ///< the circuit breaker is open, or waits for its probes
        abandoned,    ///< `max_abandoned` attempts have not come back
        source,       ///< the item source is being asked for more
        fairness,     ///< a limit that it shares is used up, and others' turn comes first when it opens
        store,        ///< a durable store has not recorded it yet
    };
    enum class Scope : unsigned char { processor, tenant, job };

    Reason reason = Reason::rate;
    Scope scope = Scope::processor;   ///< where it is refused
    std::optional<wall_time> until;  ///< when it is asked again; absent where an event decides, not the clock

    friend bool operator==(WaitingFor const&, WaitingFor const&) = default;
};

constexpr std::string_view to_string(WaitingFor::Reason reason) noexcept {
    switch (reason) {
        case WaitingFor::Reason::rate: return "rate";
        case WaitingFor::Reason::concurrency: return "concurrency";
        case WaitingFor::Reason::backoff: return "backoff";
        case WaitingFor::Reason::paused: return "paused";
        case WaitingFor::Reason::throttled: return "throttled";
        case WaitingFor::Reason::breaker: return "breaker";
        case WaitingFor::Reason::abandoned: return "abandoned";
        case WaitingFor::Reason::source: return "source";
        case WaitingFor::Reason::fairness: return "fairness";
        case WaitingFor::Reason::store: return "store";
    }
    return "unknown";
}

constexpr std::string_view to_string(WaitingFor::Scope scope) noexcept {
    switch (scope) {
        case WaitingFor::Scope::processor: return "processor";
        case WaitingFor::Scope::tenant: return "tenant";
        case WaitingFor::Scope::job: return "job";
    }
    return "unknown";
}

}  // namespace batchpace
