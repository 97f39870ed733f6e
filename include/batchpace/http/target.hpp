// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace batchpace::http {

/// A request's target, taken apart: "/jobs/a%20b?limit=10" is the segments "jobs" and "a b", and limit = "10".
struct Target {
    Target() = default;

    std::vector<std::string> segments;                       ///< of the path, decoded; "/a/" has a second, empty one
    std::vector<std::pair<std::string, std::string>> query;  ///< in its order, decoded

    /// nullopt for what is no path ("*", a name without a slash), has an escape that is none, a character that does not
    /// belong there, or a zero byte. The absolute form of proxies, "http://host/path", is read as its path.
    static std::optional<Target> parse(std::string_view text) {
        for (std::string_view const scheme : {"http://", "https://"})
            if (text.starts_with(scheme)) {
                text.remove_prefix(scheme.size());
                auto const end_of_host = text.find_first_of("/?");
                text = end_of_host == text.npos ? std::string_view{"/"} : text.substr(end_of_host);
                if (text.starts_with('?')) return parse("/" + std::string{text});
                break;
            }
        if (!text.starts_with('/')) return std::nullopt;
        for (char const c : text)
            if (c <= ' ' || c == '#' || c == '\x7f') return std::nullopt;
        Target target;
        auto const question = text.find('?');
        auto const path = text.substr(1, question == text.npos ? text.npos : question - 1);
        for (std::size_t at = 0; at <= path.size();) {
            auto const end = std::min(path.find('/', at), path.size());
            auto segment = decode(path.substr(at, end - at), false);
            if (!segment) return std::nullopt;
            target.segments.push_back(*std::move(segment));
            at = end + 1;
        }
        if (question == text.npos) return target;
        auto const query = text.substr(question + 1);
        for (std::size_t at = 0; at < query.size();) {
            auto const end = std::min(query.find('&', at), query.size());
            auto const part = query.substr(at, end - at);
            at = end + 1;
            if (part.empty()) continue;
            auto const equals = std::min(part.find('='), part.size());
            auto name = decode(part.substr(0, equals), true);
            auto value = decode(part.substr(std::min(equals + 1, part.size())), true);
            if (!name || !value) return std::nullopt;
            target.query.emplace_back(*std::move(name), *std::move(value));
        }
        return target;
    }

    /// The first parameter of that name.
    std::string const* find(std::string_view name) const noexcept {
        for (auto const& [known, value] : query)
            if (known == name) return &value;
        return nullptr;
    }

private:
    static std::optional<std::string> decode(std::string_view text, bool form) {
        std::string out;
        out.reserve(text.size());
        for (std::size_t i = 0; i < text.size(); ++i) {
            char c = text[i];
            if (c == '%') {
                if (i + 2 >= text.size()) return std::nullopt;
                int const high = digit(text[i + 1]);
                int const low = digit(text[i + 2]);
                if (high < 0 || low < 0) return std::nullopt;
                c = static_cast<char>(high * 16 + low);
                if (c == '\0') return std::nullopt;
                i += 2;
            } else if (c == '+' && form) {
                c = ' ';
            }
            out += c;
        }
        return out;
    }
    static int digit(char c) noexcept {
        return c >= '0' && c <= '9'   ? c - '0'
               : c >= 'a' && c <= 'f' ? c - 'a' + 10
               : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                      : -1;
    }
};

}  // namespace batchpace::http
