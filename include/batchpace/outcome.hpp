// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/failure.hpp>

#include <type_traits>
#include <utility>
#include <variant>

namespace batchpace {

/// What became of one attempt: a `T`, or a `Failure`.
/// An annotator that returns it tells failures apart without throwing; one that returns plain `T` throws instead.
template <class T>
class Outcome {
public:
    using value_type = T;

    Outcome() requires std::is_default_constructible_v<T> : state_{std::in_place_index<0>} {}
    Outcome(T value) : state_{std::in_place_index<0>, std::move(value)} {}                 // NOLINT(*-explicit-*)
    Outcome(Failure failure) : state_{std::in_place_index<1>, std::move(failure)} {}       // NOLINT(*-explicit-*)

    bool has_value() const noexcept { return state_.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }

    T& value() & { return std::get<0>(state_); }
    T const& value() const& { return std::get<0>(state_); }
    T&& value() && { return std::get<0>(std::move(state_)); }

    Failure& failure() & { return std::get<1>(state_); }
    Failure const& failure() const& { return std::get<1>(state_); }
    Failure&& failure() && { return std::get<1>(std::move(state_)); }

private:
    std::variant<T, Failure> state_;
};

/// An outcome without a value: the annotator did its work elsewhere.
template <>
class Outcome<void> : public Outcome<std::monostate> {
public:
    Outcome() = default;
    Outcome(Failure failure) : Outcome<std::monostate>{std::move(failure)} {}  // NOLINT(*-explicit-*)
};

}  // namespace batchpace
