// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/time.hpp>
#include <batchpace/waiting_for.hpp>

#include <optional>

namespace batchpace::engine {

/// A `WaitingFor` on the clock that decides: what the engine reckons with before a snapshot tells people.
struct Refusal {
    WaitingFor::Reason reason = WaitingFor::Reason::rate;
    WaitingFor::Scope scope = WaitingFor::Scope::processor;  ///< where it is refused
    std::optional<time_point> until;  ///< when it is asked again; absent where an event decides, not the clock

    friend bool operator==(Refusal const&, Refusal const&) = default;
};

}  // namespace batchpace::engine
