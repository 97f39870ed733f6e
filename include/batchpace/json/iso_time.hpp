// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/time.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace batchpace {

/// Times of the wall clock as text: ISO 8601, UTC, milliseconds, "2026-01-02T03:04:05.678Z".
struct IsoTime {
    /// Finer parts than a millisecond are cut off.
    static std::string text(wall_time at) {
        std::string out;
        append(out, at);
        return out;
    }

    static void append(std::string& out, wall_time at) {
        using namespace std::chrono;
        at = std::max(at, time_point_cast<wall_time::duration>(lowest));
        auto const whole = floor<milliseconds>(at);
        auto const day = floor<days>(whole);
        year_month_day const date{day};
        auto const ms = static_cast<std::uint32_t>((whole - day).count());
        // A wall_time has nanoseconds in 64 bits: its years are 1677 to 2262.
        auto const year = static_cast<std::uint32_t>(static_cast<int>(date.year()));
        char text[] = "0000-00-00T00:00:00.000Z";
        digits(text, 4, year);
        digits(text + 5, 2, static_cast<unsigned>(date.month()));
        digits(text + 8, 2, static_cast<unsigned>(date.day()));
        digits(text + 11, 2, ms / 3'600'000);
        digits(text + 14, 2, ms / 60'000 % 60);
        digits(text + 17, 2, ms / 1'000 % 60);
        digits(text + 20, 3, ms % 1'000);
        out.append(text, sizeof text - 1);
    }

    /// Reads what `text` writes, with up to nine digits of a second's fraction. nullopt for anything else: an offset
    /// other than Z, a date that is none, a leap second, a time that `wall_time` cannot hold.
    static std::optional<wall_time> parse(std::string_view text) {
        using namespace std::chrono;
        static constexpr std::string_view shape = "0000-00-00T00:00:00";
        if (text.size() <= shape.size() || text.back() != 'Z') return std::nullopt;
        text.remove_suffix(1);
        for (std::size_t i = 0; i < shape.size(); ++i)
            if (shape[i] == '0' ? !is_digit(text[i]) : text[i] != shape[i]) return std::nullopt;
        auto const fraction = text.substr(shape.size());
        std::int64_t ns = 0;
        if (!fraction.empty()) {
            if (fraction[0] != '.' || fraction.size() < 2 || fraction.size() > 10) return std::nullopt;
            for (std::size_t i = 1; i < 10; ++i) {
                if (i < fraction.size() && !is_digit(fraction[i])) return std::nullopt;
                ns = ns * 10 + (i < fraction.size() ? fraction[i] - '0' : 0);
            }
        }
        year_month_day const date{year{number(text, 0, 4)}, month{static_cast<unsigned>(number(text, 5, 2))},
                                  day{static_cast<unsigned>(number(text, 8, 2))}};
        int const hour = number(text, 11, 2);
        int const minute = number(text, 14, 2);
        int const second = number(text, 17, 2);
        if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
        auto const at = time_point_cast<seconds>(sys_days{date}) + hours{hour} + minutes{minute} + seconds{second};
        if (at < lowest || at > floor<seconds>(wall_time::max())) return std::nullopt;
        auto const whole = time_point_cast<wall_time::duration>(at);
        auto const rest = duration_cast<wall_time::duration>(nanoseconds{ns});
        if (whole > wall_time{} && rest > wall_time::max() - whole) return std::nullopt;
        return whole + rest;
    }

private:
    // The first whole second that `wall_time` can hold: what lies before it could be written, but not read back.
    static constexpr auto lowest = std::chrono::ceil<std::chrono::seconds>(wall_time::min());

    static bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
    static int number(std::string_view text, std::size_t from, std::size_t count) noexcept {
        int value = 0;
        for (auto const c : text.substr(from, count)) value = value * 10 + (c - '0');
        return value;
    }
    static void digits(char* to, int count, std::uint32_t value) noexcept {
        for (int i = count; i-- > 0; value /= 10) to[i] = static_cast<char>('0' + value % 10);
    }
};

}  // namespace batchpace
