// SPDX-License-Identifier: BSL-1.0
#include "synthetic_annotator.hpp"

#include <batchpace/sleep_for.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <random>
#include <string>
#include <unordered_set>

namespace annotation_server {
namespace {

using namespace std::chrono_literals;
using batchpace::Failure;
using batchpace::Outcome;

std::mt19937_64& random_bits() {
    thread_local std::mt19937_64 bits{std::random_device{}()};
    return bits;
}

/// FNV-1a: ids that differ in one letter get other annotations.
std::uint64_t hash_of(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (auto const c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return hash ^ (hash >> 32);
}

constexpr std::array<std::string_view, 8> labels{"bicycle", "bridge",   "cat",  "coffee",
                                                 "dog",     "mountain", "page", "tree"};

}  // namespace

/// Which items have been sent away once. A throttle costs no attempt, so the attempt's number does not tell.
class SyntheticAnnotator::Throttled {
public:
    /// True the first time.
    bool send_away(std::string const& item) {
        std::lock_guard const lock{mutex_};
        if (items_.erase(item) == 1) return false;
        if (items_.size() >= most) items_.clear();  // those of jobs that were cancelled meanwhile
        items_.insert(item);
        return true;
    }

private:
    static constexpr std::size_t most = 100'000;

    std::mutex mutex_;
    std::unordered_set<std::string> items_;
};

SyntheticAnnotator::SyntheticAnnotator(Behaviour behaviour)
    : behaviour_{behaviour}, throttled_{std::make_shared<Throttled>()} {}

batchpace::net::awaitable<Outcome<SyntheticAnnotation>> SyntheticAnnotator::operator()(
    std::string_view id, batchpace::Attempt const& attempt) const {
    auto const latency = latency_of(id);
    if (latency > 0ms) co_await batchpace::sleep_for(latency, batchpace::net::use_awaitable);
    co_return answer(id, attempt, latency);
}

std::chrono::milliseconds SyntheticAnnotator::latency_of(std::string_view id) const {
    if (id.starts_with("slow")) return 30s;
    auto const jitter = behaviour_.jitter.count();
    std::uniform_int_distribution<long> either_way{-jitter, jitter};
    return std::max(0ms, behaviour_.latency + std::chrono::milliseconds{either_way(random_bits())});
}

Outcome<SyntheticAnnotation> SyntheticAnnotator::answer(std::string_view id, batchpace::Attempt const& attempt,
                                                        std::chrono::milliseconds latency) const {
    if (id.starts_with("bad")) return Failure::permanent("Invalid image");
    if (id.starts_with("flaky") && attempt.number() == 1) return Failure::transient("the connection was reset");
    if (id.starts_with("throttled") && throttled_->send_away(attempt.idempotency_key()))
        return Failure::throttled("429 Too Many Requests", 1s);
    if (std::bernoulli_distribution{behaviour_.failure_rate}(random_bits()))
        return Failure::transient("the service answered 503");
    auto const hash = hash_of(id);
    SyntheticAnnotation annotation;
    annotation.label = labels[hash % labels.size()];
    annotation.confidence = 0.5 + static_cast<double>(hash / labels.size() % 501) / 1000;
    annotation.latency_ms = static_cast<std::uint64_t>(latency.count());
    return annotation;
}

}  // namespace annotation_server
