// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/batch_processor.hpp>
#include <batchpace/policy/fixed_backoff.hpp>
#include <batchpace/policy/no_backoff.hpp>
#include <batchpace/sleep_for.hpp>
#include <batchpace/testing/simulation.hpp>

#include "catch.hpp"
#include "net.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

// What the driver's tests share: annotators behind std::function, so that a file instantiates few processors.
namespace test {

using namespace std::chrono_literals;
using namespace batchpace;
using batchpace::testing::Simulation;

using Sync = std::function<int(std::string const&, Attempt const&)>;
using SyncOutcome = std::function<Outcome<int>(std::string const&, Attempt const&)>;
using Awaitable = std::function<asio::awaitable<int>(std::string const&, Attempt const&)>;

template <class Annotator>
using Simulated = BatchProcessor<Simulation::executor_type, Unlimited, Annotator>;

/// "0", "1", …
inline std::vector<std::string> names(std::size_t count) {
    std::vector<std::string> items;
    for (std::size_t i = 0; i < count; ++i) items.push_back(std::to_string(i));
    return items;
}

/// No jitter, so that virtual times can be told in advance.
inline Hooks fixed_backoff(duration wait) { return Hooks{}.retry(RetryPolicy{FixedBackoff{wait}}).random_seed(1); }

/// What `f` throws, as a code and a text.
struct Thrown {
    std::error_code code;
    std::string what;
};
template <class F>
Thrown thrown_by(F&& f) {
    try {
        std::forward<F>(f)();
    } catch (std::system_error const& e) {
        return {e.code(), e.what()};
    }
    return {};
}

inline bool contains(std::string const& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// An answer of an asynchronous function: absent until its handler has been called, which it is once.
template <class T = std::monostate>
struct Answer {
    std::optional<net_error_code> code;
    std::optional<T> value;
    int calls = 0;

    auto handler() {
        return [this](net_error_code error, auto&&... rest) {
            code = error;
            if constexpr (sizeof...(rest) > 0) value.emplace(std::forward<decltype(rest)>(rest)...);
            ++calls;
        };
    }
};

/// G1: the snapshot's counts add up.
inline bool adds_up(JobProgress const& p) {
    return p.total == p.waiting + p.running + p.retrying + p.successful + p.failed + p.cancelled;
}

}  // namespace test
