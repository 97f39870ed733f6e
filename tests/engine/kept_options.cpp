// SPDX-License-Identifier: BSL-1.0
#include <batchpace/engine/kept_options.hpp>

#include "../catch.hpp"

#include <chrono>
#include <string>
#include <utility>

using batchpace::Duplicates;
using batchpace::JobOptions;
using batchpace::engine::KeptOptions;
using namespace std::chrono_literals;

namespace {
void check_same(JobOptions const& a, JobOptions const& b) {
    CHECK(a.concurrency == b.concurrency);
    CHECK(a.rate_limit_per_minute == b.rate_limit_per_minute);
    CHECK(a.max_attempts == b.max_attempts);
    CHECK(a.attempt_timeout == b.attempt_timeout);
    CHECK(a.deadline == b.deadline);
    CHECK(a.max_calls == b.max_calls);
    CHECK(a.stop_after_failures == b.stop_after_failures);
    CHECK(a.stop_at_failure_rate == b.stop_at_failure_rate);
    CHECK(a.priority == b.priority);
    CHECK(a.tenant == b.tenant);
    CHECK(a.idempotency_key == b.idempotency_key);
    CHECK(a.label == b.label);
    CHECK(a.duplicates == b.duplicates);
    CHECK(a.keep_errors == b.keep_errors);
    CHECK(a.keep_results == b.keep_results);
    CHECK(a.stalled_after == b.stalled_after);
}
}  // namespace

TEST_CASE("options are kept as they were given, their texts as copies", "[engine][kept_options]") {
    check_same(KeptOptions{{}}.get(), {});

    std::string tenant{"tenant"}, key{"k"}, label{"a label that is longer than any small string"};
    JobOptions const given{.concurrency = 1,
                           .rate_limit_per_minute = 2,
                           .max_attempts = 3,
                           .attempt_timeout = 4s,
                           .deadline = 5s,
                           .max_calls = 6,
                           .stop_after_failures = 7,
                           .stop_at_failure_rate = 0.8,
                           .priority = 9,
                           .tenant = tenant,
                           .idempotency_key = key,
                           .label = label,
                           .duplicates = Duplicates::allow,
                           .keep_errors = 10,
                           .keep_results = 11,
                           .stalled_after = 12s};
    KeptOptions kept{given};
    check_same(kept.get(), given);
    auto const was = std::pair{key, label};
    for (auto* text : {&tenant, &key, &label}) text->assign(text->size(), '*');
    CHECK(kept.tenant() == "tenant");
    CHECK(kept.idempotency_key() == was.first);
    CHECK(kept.label() == was.second);

    KeptOptions const copy{kept};
    check_same(copy.get(), kept.get());
    CHECK(copy.label().data() != kept.label().data());
    KeptOptions const moved{std::move(kept)};
    check_same(moved.get(), copy.get());
    CHECK(KeptOptions{{.label = "only a label"}}.label() == "only a label");
    CHECK(KeptOptions{{.label = "only a label"}}.tenant().empty());
}
