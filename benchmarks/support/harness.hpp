// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <ctime>
#include <functional>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <utility>
#include <vector>

/// What every benchmark needs: rows that are measured in rounds, held against a budget, and printed.
namespace bench {

using clock = std::chrono::steady_clock;

inline double ns_since(clock::time_point begin) {
    return std::chrono::duration<double, std::nano>(clock::now() - begin).count();
}

/// Measures what the calling thread does. In the thread's CPU time, so that other work on the machine does not count;
/// but in real time once the thread has waited for something, so that no wait is left out.
class Stopwatch {
public:
    double ns() const {
        auto const worked = cpu_ns() - cpu_;
        return waits() == waits_ ? worked : ns_since(begin_);
    }
    /// The thread's CPU time.
    static double cpu_ns() {
        timespec time{};
        ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
    }

private:
    static long waits() {
        rusage usage{};
        ::getrusage(RUSAGE_THREAD, &usage);
        return usage.ru_nvcsw;
    }

    long waits_ = waits();
    clock::time_point begin_ = clock::now();
    double cpu_ = cpu_ns();
};

/// The run says nothing about speed: something did not do what was measured.
struct Broken : std::runtime_error {
    using std::runtime_error::runtime_error;
};

inline void require(bool holds, char const* what) {
    if (!holds) throw Broken{what};
}

/// Makes the compiler believe that `value` is needed.
template <class T>
inline void keep(T const& value) {
    asm volatile("" : : "r,m"(value) : "memory");
}

/// printf into a string; only for numbers and short names.
template <class... Args>
std::string text(char const* format, Args... args) {
    char buffer[256];
    auto const length = std::snprintf(buffer, sizeof buffer, format, args...);
    return {buffer, static_cast<std::size_t>(std::clamp(length, 0, static_cast<int>(sizeof buffer) - 1))};
}

// ---- figures
// ---------------------------------------------------------------------------------------------------------

using Samples = std::vector<double>;

inline double minimum(Samples const& samples) { return *std::min_element(samples.begin(), samples.end()); }
inline double maximum(Samples const& samples) { return *std::max_element(samples.begin(), samples.end()); }
inline double median(Samples samples) {
    std::sort(samples.begin(), samples.end());
    auto const half = samples.size() / 2;
    return samples.size() % 2 == 1 ? samples[half] : (samples[half - 1] + samples[half]) / 2;
}

/// Round by round, so that what disturbed both sides of a pair disturbs their ratio less.
inline Samples ratios(Samples const& ours, Samples const& theirs) {
    Samples result;
    for (std::size_t i = 0; i < ours.size(); ++i) result.push_back(ours[i] / theirs[i]);
    return result;
}

/// Calls each of `contenders` (they return a figure) once a round, one after another, beginning with another one each
/// time; the first round warms up and does not count. The answer has the figures of each contender.
template <class... F>
std::vector<Samples> alternate(int rounds, F&&... contenders) {
    std::function<double()> const list[] = {std::ref(contenders)...};
    auto const count = sizeof...(F);
    std::vector<Samples> figures(count);
    for (int round = -1; round < rounds; ++round)
        for (std::size_t i = 0; i < count; ++i) {
            auto const which = (i + static_cast<std::size_t>(round + 1)) % count;
            auto const figure = list[which]();
            if (round >= 0) figures[which].push_back(figure);
        }
    return figures;
}

/// What was asked for on the command line, as far as a row must know it.
struct Effort {
    bool smoke = false;   ///< as little as shows that the row works
    bool longer = false;  ///< as much as the budget's text says, where that takes minutes
    int asked_rounds = 0;

    int rounds(int usual) const { return smoke ? 1 : asked_rounds > 0 ? asked_rounds : usual; }
    std::size_t items(std::size_t usual) const { return smoke ? std::min<std::size_t>(usual, 2'000) : usual; }
};

/// What a row found out.
struct Figures {
    Figures(Samples each, std::string other)
        : rounds{std::move(each)}, beside{std::move(other)}, measured{median(rounds)} {}

    /// What the best round measured: for absolute figures, to which other work on the machine can only add.
    Figures best() && {
        measured = minimum(rounds);
        return std::move(*this);
    }

    Samples rounds;      ///< one figure a round
    std::string beside;  ///< for people: the two sides in nanoseconds, further contenders
    double measured;     ///< what is held against the budget: the median, unless the row says otherwise
};

}  // namespace bench
