// SPDX-License-Identifier: BSL-1.0
#include "retry_after.hpp"

#include <algorithm>
#include <cstdint>
#include <curl/curl.h>
#include <string>

namespace annotation_server {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::system_clock;

constexpr seconds longest = std::chrono::hours{24 * 365};

std::string_view without_blanks(std::string_view text) {
    auto const first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool is_number(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

seconds seconds_of(std::string_view digits) {
    std::int64_t count = 0;
    for (auto const digit : digits) count = std::min<std::int64_t>(count * 10 + (digit - '0'), longest.count());
    return seconds{count};
}

/// In milliseconds: the year 9999 has too many nanoseconds.
using Time = std::chrono::time_point<system_clock, milliseconds>;

/// In the three forms of RFC 9110, 5.6.7.
std::optional<Time> date_of(std::string_view text) {
    // Each begins with the name of a day; curl_getdate reads much else too.
    if (text.size() < 20 || text.size() > 40 || (text[0] >= '0' && text[0] <= '9')) return std::nullopt;
    auto const time = curl_getdate(std::string{text}.c_str(), nullptr);
    if (time < 0) return std::nullopt;
    return Time{seconds{time}};
}

}  // namespace

std::optional<milliseconds> read_retry_after(std::string_view retry_after, std::string_view date,
                                             system_clock::time_point now) {
    auto const text = without_blanks(retry_after);
    if (is_number(text)) return seconds_of(text);
    auto const until = date_of(text);
    if (!until) return std::nullopt;
    // Rounded down, so that the wait is not a moment too short.
    auto const since = date_of(without_blanks(date)).value_or(std::chrono::floor<milliseconds>(now));
    return std::clamp<milliseconds>(*until - since, milliseconds::zero(), longest);
}

}  // namespace annotation_server
