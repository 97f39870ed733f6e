// SPDX-License-Identifier: BSL-1.0
#include "retry_after.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <cstdint>
#include <ctime>
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

/// In the three forms of RFC 9110, 5.6.7.
std::optional<system_clock::time_point> date_of(std::string_view text) {
    // Each begins with the name of a day; curl_getdate reads much else too.
    if (text.size() < 20 || text.size() > 40 || (text[0] >= '0' && text[0] <= '9')) return std::nullopt;
    auto const time = curl_getdate(std::string{text}.c_str(), nullptr);
    if (time < 0) return std::nullopt;
    return system_clock::from_time_t(time);
}

}  // namespace

std::optional<milliseconds> read_retry_after(std::string_view retry_after, std::string_view date,
                                             system_clock::time_point now) {
    auto const text = without_blanks(retry_after);
    if (is_number(text)) return seconds_of(text);
    auto const until = date_of(text);
    if (!until) return std::nullopt;
    auto const since = date_of(without_blanks(date)).value_or(now);
    // Rounded up: not a moment too early.
    auto const wait = std::chrono::ceil<milliseconds>(std::min(*until, since + longest) - since);
    return std::max(wait, milliseconds::zero());
}

}  // namespace annotation_server
