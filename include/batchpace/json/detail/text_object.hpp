// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/job_id.hpp>
#include <batchpace/json/dump.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

namespace batchpace::detail::json {

/// One JSON object that is written as text at once, without a document: a status is asked for far more often than it is
/// looked into. Strings come out as `dump` writes them, whatever bytes they have.
class TextObject {
public:
    explicit TextObject(std::string& out) : out_{&out} { out += '{'; }
    ~TextObject() { *out_ += '}'; }
    TextObject(TextObject const&) = delete;
    TextObject& operator=(TextObject const&) = delete;

    template <class T>
    void member(std::string_view name, T const& value) {
        key(name);
        append(*out_, value);
    }
    template <class Describe>
    void object(std::string_view name, Describe&& describe) {
        key(name);
        TextObject inner{*out_};
        describe(inner);
    }
    template <class List, class Describe>
    void array(std::string_view name, List const& list, Describe&& describe) {
        key(name);
        *out_ += '[';
        bool first = true;
        for (auto const& element : list) {
            if (!first) *out_ += ',';
            first = false;
            TextObject inner{*out_};
            describe(inner, element);
        }
        *out_ += ']';
    }

private:
    void key(std::string_view name) {
        if (!empty_) *out_ += ',';
        empty_ = false;
        append(*out_, name);
        *out_ += ':';
    }

    static void append(std::string& out, std::string_view text) {
        auto const plain = std::all_of(text.begin(), text.end(), [](char c) {
            auto const byte = static_cast<unsigned char>(c);
            return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
        });
        if (plain)
            out.append(1, '"').append(text).append(1, '"');
        else
            out += dump(nlohmann::json(text));
    }
    static void append(std::string& out, JobId const& id) { append(out, id.to_string()); }
    static void append(std::string& out, std::nullptr_t) { out += "null"; }
    template <class T>
    requires std::is_enum_v<T>
    static void append(std::string& out, T value) { append(out, to_string(value)); }
    template <std::integral T>
    static void append(std::string& out, T value) {
        if constexpr (std::same_as<T, bool>) {
            out += value ? "true" : "false";
        } else {
            char digits[24];
            out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
        }
    }

    std::string* out_;
    bool empty_ = true;
};

}  // namespace batchpace::detail::json
