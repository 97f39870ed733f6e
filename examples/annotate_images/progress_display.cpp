// SPDX-License-Identifier: BSL-1.0
#include "progress_display.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <string_view>

namespace annotate_images {
namespace {

using namespace std::chrono_literals;

constexpr auto rate_window = 10s;
constexpr auto shortest_between_lines = 1s;
constexpr auto longest_between_lines = 15s;

template <class... Values>
std::string format(char const* pattern, Values... values) {
    std::array<char, 96> text{};
    std::snprintf(text.data(), text.size(), pattern, values...);
    return text.data();
}

std::string bar(int percentage, std::size_t width) {
    auto const full = width * static_cast<std::size_t>(percentage) / 100;
    return '[' + std::string(full, '#') + std::string(width - full, '.') + ']';
}

std::string rate_text(double per_second) {
    return per_second >= 1 ? format("%.1f/s", per_second) : format("%.1f/min", per_second * 60);
}

/// Whole seconds: an estimate's tenths only flicker.
std::string time_left(batchpace::duration time) {
    auto const seconds = std::chrono::ceil<std::chrono::seconds>(time);
    return seconds < 100s ? std::to_string(seconds.count()) + " s" : to_text(seconds);
}

/// What there is to say beside the bar.
std::string figures(batchpace::JobProgress const& progress, double per_second) {
    auto text = std::to_string(progress.processed()) + '/' + std::to_string(progress.total);
    if (progress.failed > 0) text += ", " + std::to_string(progress.failed) + " failed";
    if (progress.retrying > 0) text += ", " + std::to_string(progress.retrying) + " to try again";
    if (per_second > 0) text += ", " + rate_text(per_second);
    if (progress.estimated_time_remaining) text += ", " + time_left(*progress.estimated_time_remaining) + " left";
    if (progress.waiting_for && progress.waiting_for->reason == batchpace::WaitingFor::Reason::rate &&
        progress.running == 0) {
        text += ", waiting for the rate limit";
    }
    return text;
}

}  // namespace

std::string to_text(batchpace::duration time) {
    using std::chrono::milliseconds;
    auto const ms = std::chrono::round<milliseconds>(time).count();
    if (ms < 1'000) return format("%d ms", static_cast<int>(ms));
    if (ms < 99'950) return format("%.1f s", static_cast<double>(ms) / 1000);
    auto const seconds = static_cast<long>((ms + 500) / 1000);
    if (seconds < 3'600) return format("%ld min %02ld s", seconds / 60, seconds % 60);
    auto const minutes = (seconds + 30) / 60;
    return format("%ld h %02ld min", minutes / 60, minutes % 60);
}

double ProgressDisplay::rate_per_second(std::uint64_t processed, batchpace::time_point now) {
    samples_.push_back({now, processed});
    // One sample older than the window stays: the rate is that of a whole window.
    while (samples_.size() > 2 && samples_[1].at <= now - rate_window) samples_.pop_front();
    auto const& first = samples_.front();
    auto const seconds = std::chrono::duration<double>(now - first.at).count();
    return seconds > 0 ? static_cast<double>(processed - first.processed) / seconds : 0;
}

bool ProgressDisplay::line_is_due(batchpace::JobProgress const& progress, batchpace::time_point now) {
    auto const tenth = progress.percentage.value_or(0) / 10;
    if (!last_line_at_) last_line_at_ = now;
    auto const since = now - *last_line_at_;
    if (since < shortest_between_lines || (tenth == last_line_tenth_ && since < longest_between_lines)) return false;
    last_line_at_ = now;
    last_line_tenth_ = tenth;
    return true;
}

void ProgressDisplay::show(batchpace::JobProgress const& progress, batchpace::time_point now) {
    auto const per_second = rate_per_second(progress.processed(), now);
    auto const percentage = progress.percentage.value_or(0);
    if (!console_.errors_are_terminal()) {
        if (line_is_due(progress, now)) {
            console_.note(std::to_string(percentage) + " %: " + figures(progress, per_second));
        }
        return;
    }
    auto const text = format(" %3d %% ", percentage) + figures(progress, per_second);
    auto const columns = console_.width() - 1;  // the last column would wrap on some terminals
    auto const for_bar = columns > text.size() + 12 ? std::min<std::size_t>(columns - text.size() - 2, 40) : 0;
    auto line = (for_bar > 0 ? bar(percentage, for_bar) : std::string{}) + text;
    if (line.size() > columns) line.resize(columns);
    console_.show_bar(std::move(line));
}

}  // namespace annotate_images
