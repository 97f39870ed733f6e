// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace batchpace {

/// Names a job: a UUID of version 7 (RFC 9562), so ids sort by the time of their making and cannot be guessed.
/// A plain value of 16 bytes; a default-constructed one names no job.
class JobId {
public:
    constexpr JobId() noexcept = default;

    /// Makes the id of a millisecond (since 1970) from 74 bits of the two random words.
    static constexpr JobId make(std::uint64_t unix_ms, std::uint64_t random_a, std::uint64_t random_b) noexcept {
        JobId id;
        id.high_ = (unix_ms << 16) | 0x7000U | (random_a & 0x0fffU);
        id.low_ = (std::uint64_t{0b10} << 62) | (random_b & ((std::uint64_t{1} << 62) - 1));
        return id;
    }

    /// Reads the form that `to_string` writes (36 characters, either case); nullopt for anything else.
    static constexpr std::optional<JobId> parse(std::string_view text) noexcept {
        if (text.size() != 36) return std::nullopt;
        std::uint64_t words[2] = {0, 0};
        int digits = 0;
        for (std::size_t i = 0; i < text.size(); ++i) {
            char const c = text[i];
            if (i == 8 || i == 13 || i == 18 || i == 23) {
                if (c != '-') return std::nullopt;
                continue;
            }
            int const digit = c >= '0' && c <= '9'   ? c - '0'
                              : c >= 'a' && c <= 'f' ? c - 'a' + 10
                              : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                     : -1;
            if (digit < 0) return std::nullopt;
            auto& word = words[digits++ / 16];
            word = (word << 4) | static_cast<std::uint64_t>(digit);
        }
        JobId id;
        id.high_ = words[0];
        id.low_ = words[1];
        return id;
    }

    std::string to_string() const {
        static constexpr char hex[] = "0123456789abcdef";
        std::string text(36, '-');
        int digit = 0;
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (i == 8 || i == 13 || i == 18 || i == 23) continue;
            auto const word = digit < 16 ? high_ : low_;
            text[i] = hex[(word >> (60 - 4 * (digit % 16))) & 0xf];
            ++digit;
        }
        return text;
    }

    /// False for the default-constructed id.
    explicit constexpr operator bool() const noexcept { return high_ != 0 || low_ != 0; }

    friend constexpr auto operator<=>(JobId const&, JobId const&) noexcept = default;

private:
    friend struct std::hash<JobId>;
    std::uint64_t high_ = 0;
    std::uint64_t low_ = 0;
};

}  // namespace batchpace

template <>
struct std::hash<batchpace::JobId> {
    /// The low word is random already: no mixing needed.
    std::size_t operator()(batchpace::JobId const& id) const noexcept { return static_cast<std::size_t>(id.low_); }
};
