// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace batchpace::detail::json {

/// One JSON object of a document that is being built. What is said here of a value's members, `TextObject` writes as
/// text: a shape is described once, for either.
class TreeObject {
public:
    explicit TreeObject(nlohmann::json& into) : into_{&into} { into = nlohmann::json::object(); }

    template <class T>
    void member(std::string_view name, T const& value) {
        (*into_)[std::string{name}] = value;
    }
    /// `describe` is given the object that is the member's value.
    template <class Describe>
    void object(std::string_view name, Describe&& describe) {
        TreeObject inner{(*into_)[std::string{name}]};
        describe(inner);
    }
    /// An array of objects: `describe` is given each and its element.
    template <class List, class Describe>
    void array(std::string_view name, List const& list, Describe&& describe) {
        auto& array = (*into_)[std::string{name}] = nlohmann::json::array();
        for (auto const& element : list) {
            TreeObject inner{array.emplace_back()};
            describe(inner, element);
        }
    }

private:
    nlohmann::json* into_;
};

}  // namespace batchpace::detail::json
