// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace annotation_server {

/// How long a service asks to be left alone: what its header field Retry-After says, in either form.
///
/// @param retry_after "120", or a date of HTTP
/// @param date        its header field Date: what its own clock shows, by which its dates are read; "" if there is none
/// @param now         what our clock shows, for a date without one to compare it with
/// nullopt for what is neither; at least 0, at most a year.
std::optional<std::chrono::milliseconds> read_retry_after(std::string_view retry_after, std::string_view date,
                                                          std::chrono::system_clock::time_point now);

}  // namespace annotation_server
