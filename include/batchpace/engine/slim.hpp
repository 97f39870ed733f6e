// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <limits>
#include <optional>

namespace batchpace::engine {

/// An optional number or time that is no larger than T. What stands for none is the lowest value there is, of unsigned
/// numbers the highest.
template <class T>
class Slim {
public:
    constexpr Slim() = default;
    constexpr Slim(T value) noexcept : value_{value} {}                                           // NOLINT(*-explicit-*)
    constexpr Slim(std::optional<T> const& value) noexcept : value_{value ? *value : none()} {}  // NOLINT(*-explicit-*)

    constexpr bool has_value() const noexcept { return value_ != none(); }
    constexpr explicit operator bool() const noexcept { return has_value(); }
    constexpr T const& operator*() const noexcept { return value_; }
    constexpr operator std::optional<T>() const noexcept {  // NOLINT(*-explicit-*)
        return has_value() ? std::optional<T>{value_} : std::nullopt;
    }
    friend constexpr bool operator==(Slim const&, Slim const&) = default;

private:
    static constexpr T none() noexcept {
        if constexpr (requires { T::min(); })
            return T::min();  // a time
        else
            return std::numeric_limits<T>::is_signed ? std::numeric_limits<T>::lowest() : std::numeric_limits<T>::max();
    }

    T value_ = none();
};

}  // namespace batchpace::engine
