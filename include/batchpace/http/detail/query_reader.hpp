// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/http/field_error.hpp>
#include <batchpace/http/problem.hpp>
#include <batchpace/http/target.hpp>

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace batchpace::http::detail {

/// Reads a request's parameters and collects what is wrong with them. Parameters that nobody asks for are not looked
/// at.
class QueryReader {
public:
    explicit QueryReader(Target const& target) : target_{&target} {}

    std::uint64_t number(std::string_view name, std::uint64_t absent, std::uint64_t least, std::uint64_t most) {
        auto const* text = target_->find(name);
        if (text == nullptr) return absent;
        std::uint64_t value = 0;
        auto const* const end = text->data() + text->size();
        auto const [stop, error] = std::from_chars(text->data(), end, value);
        if (error == std::errc{} && stop == end && value >= least && value <= most) return value;
        fault(name, "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
        return absent;
    }
    bool flag(std::string_view name) {
        auto const* text = target_->find(name);
        if (text == nullptr || *text == "false" || *text == "0") return false;
        if (*text == "true" || *text == "1" || text->empty()) return true;
        fault(name, "must be true or false");
        return false;
    }
    std::string const* text(std::string_view name) const noexcept { return target_->find(name); }
    void fault(std::string_view name, std::string message) {
        errors_.emplace_back(std::string{name}, std::move(message));
    }

    std::optional<Problem> problem() {
        if (errors_.empty()) return std::nullopt;
        Problem p{400, "invalid-query", "A parameter of the request is wrong",
                  errors_.front().field + ' ' + errors_.front().message};
        p.errors = std::move(errors_);
        return p;
    }

private:
    Target const* target_;
    std::vector<FieldError> errors_;
};

}  // namespace batchpace::http::detail
