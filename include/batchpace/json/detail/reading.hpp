// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/json/iso_time.hpp>
#include <batchpace/time.hpp>

#include <nlohmann/json.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

// What every from_json needs. nlohmann's own conversions cut numbers off (2^40 as an int, -1 as unsigned, 1.5) and take
// `true` for 1: here such a value throws `nlohmann::json::type_error` 302 and says which member it is.
namespace batchpace::detail::json {

[[noreturn]] inline void refuse(std::string_view what, nlohmann::json const& found) {
    throw nlohmann::json::type_error::create(302, std::string{what}, &found);
}
[[noreturn]] inline void refuse_type(std::string_view expected, nlohmann::json const& found) {
    refuse(std::string{expected} + " is expected, not " + found.type_name(), found);
}

inline void read(nlohmann::json const& j, bool& value) {
    if (!j.is_boolean()) refuse_type("true or false", j);
    value = j.get<bool>();
}

template <std::integral Int>
void read(nlohmann::json const& j, Int& value) {
    if (!j.is_number_integer()) refuse_type("an integer", j);
    auto const fits = j.is_number_unsigned() ? std::in_range<Int>(j.get<std::uint64_t>())
                                             : std::in_range<Int>(j.get<std::int64_t>());
    if (!fits)
        refuse("an integer from " + std::to_string(std::numeric_limits<Int>::min()) + " to " +
                   std::to_string(std::numeric_limits<Int>::max()) + " is expected, not " + j.dump(),
               j);
    value = j.is_number_unsigned() ? static_cast<Int>(j.get<std::uint64_t>()) : static_cast<Int>(j.get<std::int64_t>());
}

inline void read(nlohmann::json const& j, std::string& value) {
    if (!j.is_string()) refuse_type("a string", j);
    value = j.get_ref<std::string const&>();
}
/// Looks into `j`, which must live as long as the view.
inline void read(nlohmann::json const& j, std::string_view& value) {
    if (!j.is_string()) refuse_type("a string", j);
    value = j.get_ref<std::string const&>();
}

inline void read(nlohmann::json const& j, wall_time& value) {
    if (!j.is_string()) refuse_type("a time", j);
    auto const& text = j.get_ref<std::string const&>();
    auto const at = IsoTime::parse(text);
    if (!at) refuse("a time such as \"2026-01-02T03:04:05.678Z\" is expected, not \"" + text + '"', j);
    value = *at;
}

inline void read(nlohmann::json const& j, duration& value) {
    std::int64_t ms = 0;
    read(j, ms);
    using std::chrono::milliseconds;
    auto const most = std::chrono::floor<milliseconds>(duration::max()).count();
    if (ms < -most || ms > most) refuse("a number of milliseconds is expected, not " + j.dump(), j);
    value = milliseconds{ms};
}

/// A type with a from_json of its own.
template <class T>
void read(nlohmann::json const& j, T& value) {
    j.get_to(value);
}

inline nlohmann::json const& object(nlohmann::json const& j) {
    if (!j.is_object()) refuse_type("an object", j);
    return j;
}

/// The member `name`, which must be there.
template <class T>
void member(nlohmann::json const& j, char const* name, T& value) {
    auto const found = object(j).find(name);
    if (found == j.end()) refuse(std::string{"member "} + name + " is missing", j);
    try {
        read(*found, value);
    } catch (nlohmann::json::type_error const& e) {
        // Its text begins with "[json.exception.type_error.302] ".
        std::string_view text{e.what()};
        if (auto const end = text.find("] "); end != text.npos) text.remove_prefix(end + 2);
        refuse(std::string{name} + ": " + std::string{text}, *found);
    }
}
/// The member `name`, which must be there and an object.
inline nlohmann::json const& object_member(nlohmann::json const& j, char const* name) {
    auto const found = object(j).find(name);
    if (found == j.end()) refuse(std::string{"member "} + name + " is missing", j);
    if (!found->is_object()) refuse_type(std::string{name} + ": an object", *found);
    return *found;
}
/// The member `name`, if it is there and not null.
template <class T>
void member(nlohmann::json const& j, char const* name, std::optional<T>& value) {
    auto const found = object(j).find(name);
    value.reset();
    if (found != j.end() && !found->is_null()) member(j, name, value.emplace());
}
/// The member `name`; `value` stays as it is where it is absent or null.
template <class T>
void member_or(nlohmann::json const& j, char const* name, T& value) {
    auto const found = object(j).find(name);
    if (found != j.end() && !found->is_null()) member(j, name, value);
}

/// An enumerator by the name that `to_string` gives it.
template <class Enum>
void read_name(nlohmann::json const& j, std::string_view what, Enum& value) {
    if (!j.is_string()) refuse_type(std::string{"the name of a "} + std::string{what}, j);
    auto const& text = j.get_ref<std::string const&>();
    std::string known;
    for (int i = 0;; ++i) {
        auto const name = to_string(static_cast<Enum>(i));
        if (name == "unknown") break;
        if (name == text) {
            value = static_cast<Enum>(i);
            return;
        }
        known += (known.empty() ? "" : ", ") + std::string{name};
    }
    refuse("unknown " + std::string{what} + " \"" + text + "\", known are " + known, j);
}

/// Whole milliseconds, up: a time left is never shown as none.
inline std::int64_t ms_up(duration span) { return std::chrono::ceil<std::chrono::milliseconds>(span).count(); }
/// Whole milliseconds, the nearest.
inline std::int64_t ms(duration span) { return std::chrono::round<std::chrono::milliseconds>(span).count(); }

}  // namespace batchpace::detail::json
