// SPDX-License-Identifier: BSL-1.0
#include <batchpace/error.hpp>

#include "../catch.hpp"

#include <set>
#include <string>
#include <system_error>

using batchpace::error;

namespace {

constexpr int first = static_cast<int>(error::no_items);
constexpr int last = static_cast<int>(error::hook_failed);

// Its switch names every enumerator: where one is added, -Wswitch asks for it here.
constexpr bool is_listed(error value) {
    switch (value) {
        case error::no_items:
        case error::too_many_items:
        case error::duplicate_item:
        case error::invalid_option:
        case error::cost_above_limit:
        case error::too_many_jobs:
        case error::unknown_job:
        case error::job_finished:
        case error::nothing_to_retry:
        case error::job_active:
        case error::shut_down:
        case error::no_processor:
        case error::hook_failed: return true;
    }
    return false;
}

}  // namespace

TEST_CASE("each error has a text of its own", "[vocabulary][error]") {
    std::set<std::string> texts;
    for (int value = first; value <= last; ++value) {
        CAPTURE(value);
        REQUIRE(is_listed(static_cast<error>(value)));
        std::error_code const code = static_cast<error>(value);
        CHECK(code.message().find("unknown batchpace") == std::string::npos);
        CHECK_FALSE(code.message().empty());
        CHECK(texts.insert(code.message()).second);
    }
    CHECK_FALSE(is_listed(static_cast<error>(last + 1)));
    CHECK(batchpace::error_category().message(last + 1) == "unknown batchpace error");
    CHECK(batchpace::error_category().message(0) == "unknown batchpace error");
}

TEST_CASE("an error is an error_code of the library's category", "[vocabulary][error]") {
    std::error_code const code = error::unknown_job;
    CHECK(code);  // 0 would be no error
    CHECK(code == error::unknown_job);
    CHECK(code != error::shut_down);
    CHECK(code.category() == batchpace::error_category());
    CHECK(std::string{code.category().name()} == "batchpace");
    CHECK(code != std::error_code{static_cast<int>(error::unknown_job), std::generic_category()});
}
