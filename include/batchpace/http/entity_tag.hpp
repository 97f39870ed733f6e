// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/http/fields.hpp>
#include <batchpace/http/request.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <utility>

namespace batchpace::http {

/// The ETag of what a file holds: a browser that has it already is told so, by 304, and is not sent it again.
/// **Threads**: a value.
class EntityTag {
public:
    /// Of a file, by what `fstat` says of it: another one where the file has been changed or replaced.
    static EntityTag of(struct stat const& facts) {
        std::array<char, 64> text{};
        auto const& changed = facts.st_mtim;
        auto const size =
            std::snprintf(text.data(), text.size(), "\"%llx-%llx-%llx\"", static_cast<unsigned long long>(facts.st_ino),
                          static_cast<unsigned long long>(facts.st_size),
                          static_cast<unsigned long long>(changed.tv_sec) * 1'000'000'000ULL +
                              static_cast<unsigned long long>(changed.tv_nsec));
        return EntityTag{std::string{text.data(), static_cast<std::size_t>(size)}};
    }

    /// As the field has it, with its quotes.
    std::string const& text() const noexcept { return text_; }

    /// Whether the request's If-None-Match names it.
    bool is_known_to(Request const& request) const noexcept {
        for (auto const& [field, value] : request.fields) {
            if (!Fields::same(field, "If-None-Match")) continue;
            std::string_view rest = value;
            while (!rest.empty()) {
                auto one = rest.substr(0, rest.find(','));
                rest.remove_prefix(std::min(rest.size(), one.size() + 1));
                while (one.starts_with(' ') || one.starts_with('\t')) one.remove_prefix(1);
                while (one.ends_with(' ') || one.ends_with('\t')) one.remove_suffix(1);
                if (one.starts_with("W/")) one.remove_prefix(2);  // a proxy that compresses says so
                if (one == text_ || one == "*") return true;
            }
        }
        return false;
    }

private:
    explicit EntityTag(std::string text) : text_{std::move(text)} {}

    std::string text_;
};

}  // namespace batchpace::http
