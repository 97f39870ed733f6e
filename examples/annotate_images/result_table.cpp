// SPDX-License-Identifier: BSL-1.0
#include "result_table.hpp"

#include "terminal_text.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

namespace annotate_images {
namespace {

constexpr std::size_t widest_name = 32;
constexpr std::size_t size_width = 11;  // 12345x12345
constexpr std::size_t colors_shown = 3;
constexpr std::size_t colors_width = colors_shown * 8 - 1;
constexpr std::size_t time_width = 7;
constexpr std::size_t narrowest_text = 24;
constexpr std::string_view gap = "  ";

/// The folder that all paths begin with, its slash included.
std::size_t common_folder(std::vector<std::string> const& paths) {
    if (paths.empty()) return 0;
    auto common = paths.front().rfind('/') + 1;  // npos + 1 is 0
    for (auto const& path : paths) {
        auto const [mine, theirs] =
            std::mismatch(paths.front().begin(), paths.front().begin() + static_cast<std::ptrdiff_t>(common),
                          path.begin(), path.end());
        auto const same = static_cast<std::size_t>(mine - paths.front().begin());
        if (same < common) common = same == 0 ? 0 : paths.front().rfind('/', same - 1) + 1;
    }
    return common;
}

/// The colour's name on the colour itself.
std::string painted(DominantColor const& color) {
    auto const& [red, green, blue] = color.rgb;
    auto const dark = brightness(color.rgb.data()) < 128;
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "\x1b[48;2;%d;%d;%d;%dm%s\x1b[0m", red, green, blue, dark ? 97 : 30,
                  color.hex().c_str());
    return text.data();
}

}  // namespace

ResultTable::ResultTable(std::vector<std::string> const& paths, bool colored, std::size_t width)
    : common_{common_folder(paths)}, colored_{colored} {
    for (auto const& path : paths)
        name_width_ = std::max(name_width_, width_of(printable(std::string_view{path}.substr(common_))));
    name_width_ = std::clamp<std::size_t>(name_width_, 7, widest_name);
    auto const others = name_width_ + size_width + colors_width + time_width + 4 * gap.size();
    text_width_ = std::max(narrowest_text, width > others ? width - others : 0);
}

std::string ResultTable::header() const {
    std::string line;
    line.append(fit("PICTURE", name_width_)).append(gap).append(fit("SIZE", size_width)).append(gap);
    line.append(fit("COLOURS", colors_width))
        .append(gap)
        .append(fit("   TIME", time_width))
        .append(gap)
        .append("TEXT\n");
    return line;
}

std::string ResultTable::row(batchpace::ItemResult<Annotation> const& result) const {
    auto line = cell_of_name(result.item_id).append(gap);
    if (!result.annotation) {
        auto const status =
            std::string{to_string(result.status)} + (result.error.empty() ? "" : ": ") + printable(result.error);
        return line + (colored_ ? "\x1b[31m" + status + "\x1b[0m\n" : status + '\n');
    }
    auto const& annotation = *result.annotation;
    line.append(fit(std::to_string(annotation.width) + 'x' + std::to_string(annotation.height), size_width))
        .append(gap);

    std::string colors;
    auto const shown = std::min(colors_shown, annotation.colors.size());
    for (std::size_t i = 0; i < shown; ++i) {
        if (i > 0) colors += ' ';
        colors += colored_ ? painted(annotation.colors[i]) : annotation.colors[i].hex();
    }
    auto const columns_used = shown == 0 ? 0 : shown * 8 - 1;
    line.append(colors).append(colors_width - columns_used, ' ').append(gap);

    auto const ms = std::to_string(std::chrono::round<std::chrono::milliseconds>(result.took).count()) + " ms";
    line.append(time_width - std::min(time_width, ms.size()), ' ').append(ms).append(gap);

    auto text = annotation.text();
    std::replace(text.begin(), text.end(), '\n', ' ');
    auto cell = fit(printable(text), text_width_);
    cell.erase(cell.find_last_not_of(' ') + 1);
    if (cell.empty()) line.erase(line.find_last_not_of(' ') + 1);
    return line + cell + '\n';
}

std::string ResultTable::cell_of_name(std::string const& path) const {
    auto const name = printable(std::string_view{path}.substr(std::min(common_, path.size())));
    if (width_of(name) <= name_width_) return fit(name, name_width_);
    // The end of a long name tells more than its beginning.
    auto end = std::string_view{name};
    while (width_of(end) >= name_width_) end.remove_prefix(1);
    return fit("\xe2\x80\xa6" + std::string{end}, name_width_);
}

}  // namespace annotate_images
