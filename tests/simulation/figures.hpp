// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace batchpace_tests {

/// Jain's index of fairness: 1 where all shares are equal, 1/n where one has everything.
inline double jain(std::vector<double> const& shares) {
    double sum = 0, squares = 0;
    for (auto const share : shares) {
        sum += share;
        squares += share * share;
    }
    return squares > 0 ? sum * sum / (static_cast<double>(shares.size()) * squares) : 1;
}

/// What many runs have measured; printed where BATCHPACE_FIGURES is set.
class Figures {
public:
    explicit Figures(std::string of) : of_{std::move(of)} {}
    Figures(Figures const&) = delete;
    Figures& operator=(Figures const&) = delete;
    ~Figures() {
        if (std::getenv("BATCHPACE_FIGURES") == nullptr) return;
        std::printf("%s: %zu systems, %llu events, %llu starts, up to %zu tenants and %zu jobs\n", of_.c_str(), systems,
                    static_cast<unsigned long long>(events), static_cast<unsigned long long>(starts), most_tenants, most_jobs);
        line("utilisation", utilisation, true);
        line("Jain's index over tenants", jain_of_tenants, true);
        line("Jain's index over jobs by priority", jain_of_jobs, true);
        line("rounds that one is ahead of another", rounds_ahead, false);
        line("wait for a job's first start, as a share of what it may be", waits_for_start, false);
        line("error of the estimates, |estimate - truth| / truth", estimate_errors, false);
        line("error of the estimates in jobs of 50 items and more, from 5 % on", steady_estimate_errors, false);
    }

    std::size_t systems = 0;
    std::uint64_t events = 0;
    std::uint64_t starts = 0;
    std::size_t most_tenants = 0;
    std::size_t most_jobs = 0;
    std::vector<double> utilisation;
    std::vector<double> jain_of_tenants;
    std::vector<double> jain_of_jobs;
    std::vector<double> rounds_ahead;
    std::vector<double> waits_for_start;
    std::vector<double> estimate_errors;
    std::vector<double> steady_estimate_errors;

private:
    static void line(char const* name, std::vector<double>& values, bool low_is_bad) {
        if (values.empty()) return;
        std::sort(values.begin(), values.end());
        auto const at = [&](double q) { return values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1))]; };
        std::printf("  %s (%zu): ", name, values.size());
        if (low_is_bad) {
            std::printf("least %.6f, 1 %% below %.6f, median %.6f\n", values.front(), at(0.01), at(0.5));
        } else {
            auto const within = std::upper_bound(values.begin(), values.end(), 0.1) - values.begin();
            std::printf("median %.4f, 90 %% below %.4f, 99 %% below %.4f, most %.4f; %.1f %% are up to 0.1\n", at(0.5), at(0.9),
                        at(0.99), values.back(), 100.0 * static_cast<double>(within) / static_cast<double>(values.size()));
        }
    }

    std::string of_;
};

}  // namespace batchpace_tests
