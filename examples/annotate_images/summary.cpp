// SPDX-License-Identifier: BSL-1.0
#include "summary.hpp"

#include "progress_display.hpp"
#include "terminal_text.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <utility>
#include <vector>

namespace annotate_images {

std::string pictures(std::uint64_t count) { return std::to_string(count) + (count == 1 ? " picture" : " pictures"); }

std::string summary(batchpace::JobProgress const& job, std::uint64_t already_done, batchpace::duration took) {
    auto text = std::to_string(job.successful) + " of " + pictures(job.total) + " annotated in " + to_text(took);
    auto const seconds = std::chrono::duration<double>(took).count();
    if (job.processed() > 1 && seconds > 0) {
        std::array<char, 32> rate{};
        std::snprintf(rate.data(), rate.size(), " (%.1f/s)", static_cast<double>(job.processed()) / seconds);
        text += rate.data();
    }
    text += ", " + std::to_string(job.failed) + " failed";
    if (job.cancelled > 0) text += ", " + std::to_string(job.cancelled) + " left undone";
    if (already_done > 0) text += "; " + std::to_string(already_done) + " were done before";

    std::vector<std::pair<std::string, std::uint64_t>> errors{job.error_distribution.begin(),
                                                              job.error_distribution.end()};
    std::stable_sort(errors.begin(), errors.end(), [](auto const& a, auto const& b) { return a.second > b.second; });
    for (auto const& [error, count] : errors) {
        auto const number = std::to_string(count);
        text +=
            '\n' + std::string(6 - std::min<std::size_t>(6, number.size()), ' ') + number + " x " + printable(error);
    }
    return text;
}

}  // namespace annotate_images
