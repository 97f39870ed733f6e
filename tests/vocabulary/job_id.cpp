// SPDX-License-Identifier: BSL-1.0
#include <batchpace/job_id.hpp>

#include "../catch.hpp"

#include <cctype>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>

using batchpace::JobId;

namespace {

constexpr std::uint64_t all_ones = ~std::uint64_t{0};

bool refused(std::string_view text) { return !JobId::parse(text); }

}  // namespace

TEST_CASE("a job id is printed as a UUID of version 7", "[vocabulary][job_id]") {
    CHECK(JobId::make(0x0123456789ab, 0, 0).to_string() == "01234567-89ab-7000-8000-000000000000");
    CHECK(JobId::make(0x0123456789ab, all_ones, all_ones).to_string() == "01234567-89ab-7fff-bfff-ffffffffffff");
    CHECK(JobId::make(0, 0xabc, 0x123456789abcdef).to_string() == "00000000-0000-7abc-8123-456789abcdef");
}

TEST_CASE("what was printed is read back, in either case", "[vocabulary][job_id]") {
    for (std::uint64_t i = 0; i < 200; ++i) {
        auto const id = JobId::make(1'700'000'000'000 + i, i * 0x9e3779b97f4a7c15, i * 0xbf58476d1ce4e5b9);
        auto text = id.to_string();
        REQUIRE(JobId::parse(text) == id);
        for (auto& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        REQUIRE(JobId::parse(text) == id);
    }
    CHECK(JobId::parse(JobId{}.to_string()) == JobId{});
}

TEST_CASE("bad text is no job id", "[vocabulary][job_id]") {
    CHECK_FALSE(refused("01234567-89ab-7000-8000-000000000000"));
    CHECK(refused(""));
    CHECK(refused("01234567-89ab-7000-8000-00000000000"));
    CHECK(refused("01234567-89ab-7000-8000-0000000000000"));
    CHECK(refused("0123456789ab70008000000000000000"));
    CHECK(refused("01234567-89ab-7000-8000-00000000000g"));
    CHECK(refused("01234567-89ab-7000-8000-00000000000 "));
    CHECK(refused("01234567x89ab-7000-8000-000000000000"));
    CHECK(refused("0123456-789ab-7000-8000-000000000000"));
    CHECK(refused("{1234567-89ab-7000-8000-00000000000}"));
    CHECK(refused(std::string_view{"01234567-89ab-7000-8000-00000000000\0", 36}));
    // every place and every byte: only a digit where a digit belongs, only a dash where a dash does
    std::string const good = "01234567-89ab-7000-8000-000000000000";
    for (std::size_t i = 0; i < good.size(); ++i) {
        bool const dash = good[i] == '-';
        for (int c = 0; c < 256; ++c) {
            auto text = good;
            text[i] = static_cast<char>(c);
            REQUIRE(refused(text) == !(dash ? c == '-' : std::isxdigit(c) != 0));
        }
    }
}

TEST_CASE("job ids sort by the time of their making", "[vocabulary][job_id]") {
    auto const earlier = JobId::make(1'000, all_ones, all_ones);
    auto const later = JobId::make(1'001, 0, 0);
    CHECK(earlier < later);
    CHECK(earlier.to_string() < later.to_string());
    CHECK(JobId::make(1'000, 1, 2) < JobId::make(1'000, 2, 1));
}

TEST_CASE("only the default-constructed job id is false, and equal ids hash equally", "[vocabulary][job_id]") {
    CHECK_FALSE(JobId{});
    CHECK(JobId::make(0, 0, 0));
    std::unordered_set<JobId> set{JobId::make(1, 2, 3), JobId::make(1, 2, 3), JobId::make(1, 2, 4)};
    CHECK(set.size() == 2);
}
