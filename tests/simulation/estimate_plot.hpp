// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "estimate_runs.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <utility>
#include <string>
#include <vector>

/// The plot of docs/estimate.md: what was said, all along a job, against the truth and against the naive estimate.
namespace estimates {

class Plot {
public:
    /// Two panels of minutes left over minutes since the start.
    static void write(std::string const& path, std::vector<std::pair<std::string, Told>> const& panels) {
        std::string svg;
        auto const width = 40 + static_cast<int>(panels.size()) * (panel_width + 60);
        svg += "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + std::to_string(width) + " 330\" font-family=\"sans-serif\" "
               "font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
        int x = 50;
        for (auto const& [title, told] : panels) {
            svg += panel(title, told, x);
            x += panel_width + 60;
        }
        svg += "</svg>\n";
        std::ofstream{path} << svg;
    }

private:
    static constexpr int panel_width = 330;
    static constexpr int panel_height = 230;

    static std::string number(double value) {
        char text[32];
        std::snprintf(text, sizeof text, "%.1f", value);
        return text;
    }

    static std::string panel(std::string const& title, Told const& told, int left) {
        auto const minutes = told.took / 60.0;
        auto const px = [&](double at) { return left + at / 60.0 / minutes * panel_width; };
        auto const py = [&](double said) {
            return 50.0 + panel_height - std::clamp(said / 60.0 / (1.15 * minutes), 0.0, 1.0) * panel_height;
        };
        std::string out = "<text x=\"" + std::to_string(left) + "\" y=\"24\" font-weight=\"bold\">" + title + "</text>\n";
        out += "<path d=\"M" + std::to_string(left) + " 50v" + std::to_string(panel_height) + "h" + std::to_string(panel_width) +
               "\" fill=\"none\" stroke=\"#444\"/>\n";
        for (int i = 0; i <= 4; ++i) {
            auto const at = told.took * i / 4.0;
            out += "<text x=\"" + number(px(at)) + "\" y=\"296\" text-anchor=\"middle\">" + std::to_string(static_cast<int>(at / 60.0 + 0.5)) +
                   "</text>\n<text x=\"" + std::to_string(left - 6) + "\" y=\"" + number(py(at) + 4.0) + "\" text-anchor=\"end\">" +
                   std::to_string(static_cast<int>(at / 60.0 + 0.5)) + "</text>\n";
        }
        out += "<text x=\"" + std::to_string(left + panel_width / 2) + "\" y=\"316\" text-anchor=\"middle\">minutes since the start</text>\n";
        out += line("#bbb", 7, told, px, py, [](Sample const& s) { return s.truth; });
        out += line("#c0392b", 1.5, told, px, py, [](Sample const& s) { return s.naive; });
        out += line("#1f5fa8", 2, told, px, py, [](Sample const& s) { return s.said.value_or(0.0); });
        auto const legend = [&](int y, char const* colour, std::string const& text) {
            out += "<text x=\"" + std::to_string(left + panel_width - 4) + "\" y=\"" + std::to_string(y) + "\" text-anchor=\"end\" fill=\"" + colour + "\">" +
                   text + "</text>\n";
        };
        legend(62, "#888", "minutes really left");
        legend(78, "#1f5fa8", "batchpace");
        legend(94, "#c0392b", "elapsed × left ÷ processed");
        return out;
    }

    template <class X, class Y, class Value>
    static std::string line(char const* colour, double width, Told const& told, X px, Y py, Value value) {
        std::string d;
        std::size_t skip = 0;
        double last = -1.0;
        for (auto const& s : told.samples) {
            if (s.done <= 0.0 || s.at - last < told.took / 250.0) continue;  // a point a pixel or so is enough
            last = s.at;
            d += (skip++ == 0 ? "M" : "L") + number(px(s.at)) + " " + number(py(value(s)));
        }
        return "<path d=\"" + d + "\" fill=\"none\" stroke=\"" + colour + "\" stroke-width=\"" + number(width) + "\"/>\n";
    }
};

}  // namespace estimates
