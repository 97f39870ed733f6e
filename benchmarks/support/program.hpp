// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "support/harness.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <exception>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace bench {

enum class Bound { at_most, at_least };

struct Row {
    std::string name;
    std::string unit;
    Bound bound = Bound::at_most;
    double budget = 0;
    std::string what;
    std::function<Figures(Effort const&)> measure;
    double tolerance = 0;  ///< a budget of 0 may be missed by so much

    bool met(double measured) const {
        return bound == Bound::at_most ? measured <= budget + tolerance : measured >= budget;
    }
};

// ---- the program
// -----------------------------------------------------------------------------------------------------

/// A benchmark's main: measures the rows that the command line asks for, prints a table and writes JSON.
class Program {
public:
    explicit Program(std::vector<Row> rows) : rows_{std::move(rows)} {}

    int run(int argc, char** argv) try {
        if (!parse(argc, argv)) return 2;
        if (help_) return usage(stdout), 0;
        if (list_) return list(), 0;
        if (!json_name_.empty()) {
            json_.open(json_name_);
            if (!json_) throw Broken{"cannot write " + json_name_};
        }
        bool all_met = true;
        std::printf("%-31s %9s %13s  %-3s %9s %9s %6s  %s\n", "row", "measured", "budget", "met", "median", "min",
                    "rounds", "beside");
        for (auto const& row : rows_) {
            if (!chosen(row)) continue;
            auto const figures = row.measure(effort_);
            if (!(figures.measured > -1e300 && figures.measured < 1e300)) throw Broken{row.name + ": no figure"};
            all_met = row.met(figures.measured) && all_met;
            print(row, figures);
            if (json_.is_open()) write(row, figures);
        }
        json_.flush();
        if (json_.is_open() && !json_) throw Broken{"cannot write " + json_name_};
        return strict_ && !effort_.smoke && !all_met ? 1 : 0;
    } catch (std::exception const& e) {
        std::fflush(stdout);
        std::fprintf(stderr, "broken: %s\n", e.what());
        return 3;
    }

private:
    static void usage(std::FILE* to) {
        std::fputs(
            "options:\n"
            "  --rounds N        counted rounds of each row, after one that warms up (rows have their own default)\n"
            "  --only NAME,...   these rows only\n"
            "  --json FILE       one line a row: name, measured, budget, unit, met, median, min, rounds\n"
            "  --strict          exit code 1 where a budget is missed\n"
            "  --long            as much as the budgets' texts say, where that takes minutes (g12_timer: 10^9 items)\n"
            "  --smoke           a moment, to see that every row gives a figure; the figures mean nothing\n"
            "  --list            the rows and what they measure\n"
            "exit code: 0 measured, 1 a budget missed (--strict), 2 wrong arguments, 3 broken\n",
            to);
    }

    bool parse(int argc, char** argv) {
        for (int i = 1; i < argc; ++i) {
            std::string_view const name = argv[i];
            auto const takes_value = name == "--rounds" || name == "--only" || name == "--json";
            if (takes_value && i + 1 == argc) return complain(std::string{name} + " needs a value");
            std::string_view const value = takes_value ? argv[++i] : "";
            if (name == "--rounds") {
                auto const parsed = std::from_chars(value.data(), value.data() + value.size(), effort_.asked_rounds);
                if (parsed.ec != std::errc{} || parsed.ptr != value.data() + value.size() || effort_.asked_rounds < 1)
                    return complain("--rounds needs a number from 1");
            } else if (name == "--only") {
                if (!choose(value)) return false;
            } else if (name == "--json") {
                json_name_ = value;
            } else if (name == "--smoke") {
                effort_.smoke = true;
            } else if (name == "--long") {
                effort_.longer = true;
            } else if (name == "--strict") {
                strict_ = true;
            } else if (name == "--list") {
                list_ = true;
            } else if (name == "--help" || name == "-h") {
                help_ = true;
            } else {
                return complain("unknown argument " + std::string{name});
            }
        }
        return true;
    }

    static bool complain(std::string const& what) {
        std::fprintf(stderr, "%s\n", what.c_str());
        usage(stderr);
        return false;
    }

    bool choose(std::string_view names) {
        for (;;) {
            auto const comma = names.find(',');
            auto const name = names.substr(0, comma);
            auto const known =
                std::any_of(rows_.begin(), rows_.end(), [&](Row const& row) { return row.name == name; });
            if (!known) return complain("no row named " + std::string{name} + "; see --list");
            only_.emplace_back(name);
            if (comma == std::string_view::npos) return true;
            names.remove_prefix(comma + 1);
        }
    }

    bool chosen(Row const& row) const {
        return only_.empty() || std::find(only_.begin(), only_.end(), row.name) != only_.end();
    }

    void list() const {
        for (auto const& row : rows_)
            std::printf("%-31s %s %g %s: %s\n", row.name.c_str(), sign(row), row.budget, row.unit.c_str(),
                        row.what.c_str());
    }

    static char const* sign(Row const& row) { return row.bound == Bound::at_most ? "<=" : ">="; }

    // Three significant digits, never in scientific notation.
    static std::string number(double value) {
        auto const magnitude = value < 0 ? -value : value;
        return text(magnitude >= 100                     ? "%.0f"
                    : magnitude >= 10                    ? "%.1f"
                    : magnitude >= 0.1 || magnitude == 0 ? "%.2f"
                                                         : "%.4f",
                    value);
    }

    void print(Row const& row, Figures const& f) const {
        auto const budget = std::string{sign(row)} + ' ' + text("%g", row.budget) + ' ' + row.unit;
        std::printf(
            "%-31s %9s %13s  %-3s %9s %9s %6zu  %s\n", row.name.c_str(), number(f.measured).c_str(), budget.c_str(),
            effort_.smoke         ? "-"
            : row.met(f.measured) ? "yes"
                                  : "no",
            number(median(f.rounds)).c_str(), number(minimum(f.rounds)).c_str(), f.rounds.size(), f.beside.c_str());
        std::fflush(stdout);
    }

    void write(Row const& row, Figures const& f) {
        json_ << R"({"name": ")" << row.name << R"(", "measured": )" << text("%.6g", f.measured) << R"(, "budget": )"
              << text("%.6g", row.budget) << R"(, "unit": ")" << row.unit << R"(", "met": )"
              << (row.met(f.measured) ? "true" : "false") << R"(, "median": )" << text("%.6g", median(f.rounds))
              << R"(, "min": )" << text("%.6g", minimum(f.rounds)) << R"(, "rounds": )" << f.rounds.size() << "}\n";
    }

    std::vector<Row> rows_;
    Effort effort_;
    std::vector<std::string> only_;
    std::string json_name_;
    std::ofstream json_;
    bool strict_ = false;
    bool list_ = false;
    bool help_ = false;
};

}  // namespace bench
