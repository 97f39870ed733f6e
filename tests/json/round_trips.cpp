// SPDX-License-Identifier: BSL-1.0
// Whatever a snapshot holds: it is written without a throw, what is written is valid JSON, and it comes back.
#include <batchpace/json.hpp>

#include "../catch.hpp"
#ifdef BATCHPACE_HAS_RAPIDCHECK
#include <rapidcheck/catch.h>
#endif

#include <chrono>
#include <string>
#include <vector>

#ifdef BATCHPACE_HAS_RAPIDCHECK

using namespace batchpace;
using nlohmann::json;

namespace {

std::uint64_t number() { return *rc::gen::arbitrary<std::uint64_t>(); }
bool coin() { return *rc::gen::arbitrary<bool>(); }

/// Valid UTF-8 with all that JSON escapes, and characters of every length.
std::string nasty() {
    static std::vector<std::string> const parts{
        "a", "\"", "\\", "/", std::string(1, '\0'), "\n", "\x1f", "\x7f", "é", "\xc2\x80", "€", "\xed\x9f\xbf",
        "\xef\xbf\xbf", "😀", "\xf4\x8f\xbf\xbf", "\\u0000", "\xe2\x80\xa8", "</script>", "{}", "[", "null"};
    std::string text;
    for (auto const& part : *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(parts))) text += part;
    return text;
}
/// Any bytes.
std::string bytes() {
    std::string text;
    for (auto const byte : *rc::gen::arbitrary<std::vector<std::uint8_t>>()) text += static_cast<char>(byte);
    return coin() ? text : nasty() + text;
}

wall_time time() {
    constexpr std::int64_t most = 9'223'372'036'000;
    return wall_time{} + std::chrono::milliseconds{*rc::gen::inRange<std::int64_t>(-most, most)};
}
template <class Enum>
Enum any(Enum last) {
    return static_cast<Enum>(*rc::gen::inRange(0, static_cast<int>(last) + 1));
}
JobId id() { return JobId::make(number(), number(), number()); }

JobProgress progress(std::string (*text)()) {
    JobProgress p;
    p.job_id = id();
    p.status = any(JobStatus::cancelled);
    p.stop_reason = any(StopReason::shut_down);
    for (auto* count : {&p.version, &p.total, &p.waiting, &p.running, &p.retrying, &p.successful, &p.failed,
                        &p.cancelled, &p.abandoned, &p.error_count})
        *count = number();
    for (auto* flag : {&p.total_known, &p.paused, &p.stalled}) *flag = coin();
    if (coin()) p.percentage = *rc::gen::inRange(0, 101);
    if (coin())
        p.estimated_time_remaining = std::chrono::milliseconds{*rc::gen::inRange<std::int64_t>(1, 9'000'000'000'000)};
    if (coin()) {
        p.waiting_for.emplace();
        p.waiting_for->reason = any(WaitingFor::Reason::store);
        p.waiting_for->scope = any(WaitingFor::Scope::job);
        if (coin()) p.waiting_for->until = time();
    }
    p.created_at = time();
    if (coin()) p.started_at = time();
    if (coin()) p.finished_at = time();
    p.label = text();
    if (coin()) p.retry_of = id();
    for (int i = *rc::gen::inRange(0, 5); i > 0; --i) p.milestones.push_back({25 * i, number(), number(), 0, time()});
    for (int i = *rc::gen::inRange(0, 5); i > 0; --i) {
        p.errors.emplace_back(text(), text(), *rc::gen::arbitrary<int>(), any(FailureKind::timed_out), time());
        p.error_distribution[text()] = number();
    }
    return p;
}

}  // namespace

TEST_CASE("a status comes back from JSON as it was", "[json][status]") {
    rc::prop("text and back", [] {
        auto const p = progress(nasty);
        auto const written = dump(p);
        auto const q = json::parse(written).get<JobProgress>();
        RC_ASSERT(q.job_id == p.job_id);
        RC_ASSERT(q.status == p.status);
        RC_ASSERT(q.stop_reason == p.stop_reason);
        RC_ASSERT(q.version == p.version);
        RC_ASSERT(q.total == p.total);
        RC_ASSERT(q.waiting == p.waiting);
        RC_ASSERT(q.running == p.running);
        RC_ASSERT(q.retrying == p.retrying);
        RC_ASSERT(q.successful == p.successful);
        RC_ASSERT(q.failed == p.failed);
        RC_ASSERT(q.cancelled == p.cancelled);
        RC_ASSERT(q.abandoned == p.abandoned);
        RC_ASSERT(q.total_known == p.total_known);
        RC_ASSERT(q.percentage == p.percentage);
        RC_ASSERT(q.estimated_time_remaining == p.estimated_time_remaining);
        RC_ASSERT(q.waiting_for == p.waiting_for);
        RC_ASSERT(q.paused == p.paused);
        RC_ASSERT(q.stalled == p.stalled);
        RC_ASSERT(q.created_at == p.created_at);
        RC_ASSERT(q.started_at == p.started_at);
        RC_ASSERT(q.finished_at == p.finished_at);
        RC_ASSERT(q.label == p.label);
        RC_ASSERT(q.retry_of == p.retry_of);
        RC_ASSERT(q.milestones == p.milestones);
        RC_ASSERT(q.errors == p.errors);
        RC_ASSERT(q.error_count == p.error_count);
        RC_ASSERT(q.error_distribution == p.error_distribution);
        RC_ASSERT(dump(q) == written);
        RC_ASSERT(json::parse(written) == json(p));
    });
}

TEST_CASE("a status of any bytes is valid JSON", "[json][dump]") {
    rc::prop("any bytes", [] {
        auto const p = progress(bytes);
        auto const written = json::parse(dump(p));
        // Texts that differ in what is no UTF-8 only are the same name then.
        if (written["errorDistribution"].size() == p.error_distribution.size())
            RC_ASSERT(written == json::parse(dump(json(p))));
        RC_ASSERT(written["errors"].size() == p.errors.size());
        RC_ASSERT(written["errorCount"] == p.error_count);
        written.get<JobProgress>();
    });
}

TEST_CASE("a line of results comes back as it was", "[json][results]") {
    rc::prop("text and back", [] {
        ItemResult<std::string> r;
        r.item_id = nasty();
        r.status = any(ItemStatus::cancelled);
        if (r.status == ItemStatus::successful)
            r.annotation = nasty();
        else
            r.error = nasty();
        if (r.status == ItemStatus::failed) r.kind = any(FailureKind::timed_out);
        r.attempts = *rc::gen::arbitrary<int>();
        r.took = std::chrono::milliseconds{*rc::gen::inRange<std::int64_t>(0, 1'000'000'000)};
        r.finished_at = time();
        auto const written = dump(r);
        RC_ASSERT(written.find('\n') == written.npos);  // it is one line
        auto const q = json::parse(written).get<ItemResult<std::string>>();
        RC_ASSERT(q.item_id == r.item_id);
        RC_ASSERT(q.status == r.status);
        RC_ASSERT(q.annotation == r.annotation);
        RC_ASSERT(q.error == r.error);
        RC_ASSERT(q.kind == r.kind);
        RC_ASSERT(q.attempts == r.attempts);
        RC_ASSERT(q.took == r.took);
        RC_ASSERT(q.finished_at == r.finished_at);
    });
}

#endif
