// SPDX-License-Identifier: BSL-1.0
#include "shown_target.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace annotation_server {
namespace {

constexpr std::size_t longest = 512;
constexpr std::array<std::string_view, 8> ours{"after",  "contains", "count", "errors",
                                               "follow", "include",  "limit", "status"};

}  // namespace

std::string shown_target(std::string_view target) {
    bool const is_cut = target.size() > longest;
    target = target.substr(0, longest);
    auto const question = std::min(target.find('?'), target.size());
    std::string shown{target.substr(0, question)};
    for (auto at = question; at < target.size();) {
        auto const end = std::min(target.find('&', at + 1), target.size());
        auto const parameter = target.substr(at, end - at);  // with the ? or & in front
        auto const equals = std::min(parameter.find('='), parameter.size());
        bool const is_ours = std::find(ours.begin(), ours.end(), parameter.substr(1, equals - 1)) != ours.end();
        shown += is_ours ? parameter : parameter.substr(0, equals);
        if (!is_ours && equals < parameter.size()) shown += "=…";
        at = end;
    }
    if (is_cut) shown += "…";
    return shown;
}

}  // namespace annotation_server
