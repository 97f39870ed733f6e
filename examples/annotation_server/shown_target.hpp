// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>
#include <string_view>

namespace annotation_server {

/// A request's target for the log: cut where it is long, and with `…` for the values of parameters that are not ours,
/// which may be a key that somebody has put into a URL.
std::string shown_target(std::string_view target);

}  // namespace annotation_server
