// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace batchpace::http {

/// The header fields of a request or a response, in their order. Names are compared without regard to case.
class Fields {
public:
    using Field = std::pair<std::string, std::string>;

    Fields() = default;
    Fields(std::initializer_list<Field> fields) : fields_{fields} {}

    void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }

    /// The first field of that name; nullopt where there is none.
    std::optional<std::string_view> find(std::string_view name) const noexcept {
        for (auto const& [known, value] : fields_)
            if (same(known, name)) return value;
        return std::nullopt;
    }
    /// How many there are of that name: more than one is an error for most.
    std::size_t count(std::string_view name) const noexcept {
        return static_cast<std::size_t>(
            std::count_if(fields_.begin(), fields_.end(), [&](Field const& field) { return same(field.first, name); }));
    }

    auto begin() const noexcept { return fields_.begin(); }
    auto end() const noexcept { return fields_.end(); }
    std::size_t size() const noexcept { return fields_.size(); }

    static bool same(std::string_view one, std::string_view other) noexcept {
        return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                          [](char a, char b) { return lower(a) == lower(b); });
    }

private:
    static constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

    std::vector<Field> fields_;
};

}  // namespace batchpace::http
