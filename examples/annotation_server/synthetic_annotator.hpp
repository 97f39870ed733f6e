// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "synthetic_annotation.hpp"

#include <batchpace/asio.hpp>
#include <batchpace/attempt.hpp>
#include <batchpace/outcome.hpp>

#include <chrono>
#include <memory>
#include <string_view>

namespace annotation_server {

/// Stands for a service at the other end of a network, for load tests and demonstrations: waits on the loop, holds no
/// thread, then answers. What an id begins with decides what becomes of it:
///
/// | bad       | "Invalid image", for good            |
/// | slow      | takes 30 s                           |
/// | flaky     | fails at the first attempt           |
/// | throttled | is asked once to come back in 1 s    |
///
/// Any other attempt fails with the given probability. Asked to stop, it stops at once.
class SyntheticAnnotator {
public:
    struct Behaviour {
        std::chrono::milliseconds latency{}, jitter{};
        double failure_rate = 0;
    };

    explicit SyntheticAnnotator(Behaviour behaviour);

    batchpace::net::awaitable<batchpace::Outcome<SyntheticAnnotation>> operator()(
        std::string_view id, batchpace::Attempt const& attempt) const;

private:
    class Throttled;

    std::chrono::milliseconds latency_of(std::string_view id) const;
    batchpace::Outcome<SyntheticAnnotation> answer(std::string_view id, batchpace::Attempt const& attempt,
                                                   std::chrono::milliseconds latency) const;

    Behaviour behaviour_;
    std::shared_ptr<Throttled> throttled_;
};

}  // namespace annotation_server
