// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/http/body.hpp>
#include <batchpace/http/detail/body_field.hpp>
#include <batchpace/http/detail/body_reader.hpp>
#include <batchpace/http/detail/string_list.hpp>
#include <batchpace/http/request_error.hpp>
#include <batchpace/time.hpp>

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace batchpace::http::detail {

/// Reads a body that is one flat JSON object of known members, as it is parsed: no document is built, and pieces of the
/// body are freed on the way. Names every member that is wrong.
class ObjectReader {
public:
    static constexpr int max_depth = 16;
    static constexpr std::size_t max_errors = 100;

    /// nullopt where all is well. What the fields point to has been filled then, and is of no use otherwise.
    /// At most 32 fields.
    static std::optional<RequestError> read(Body body, std::span<BodyField const> fields) {
        ObjectReader reader{std::move(body), fields};
        return reader.run();
    }

    // ---- what nlohmann's parser calls; false stops it -----------------------------------------------------------

    bool null() { return replayed() || refuse_type("null"); }
    bool boolean(bool value) { return replayed() || take_boolean(value); }
    bool number_integer(std::int64_t value) { return replayed() || take_integer(value); }
    bool number_unsigned(std::uint64_t value) {
        return replayed() || (std::in_range<std::int64_t>(value) ? take_integer(static_cast<std::int64_t>(value))
                                                                 : refuse_type(std::to_string(value)));
    }
    bool number_float(double, std::string const& text) {
        return replayed() || refuse_type(text.size() > 32 ? "a number of " + std::to_string(text.size()) + " characters"
                                                          : text);
    }
    bool string(std::string& value) { return replayed() || take_string(value); }
    bool binary(nlohmann::json::binary_t&) { return false; }  // there is none in text

    bool start_object(std::size_t) {
        if (replayed()) return true;
        if (depth_ > 0 && !refuse_type("an object")) return false;
        return enter(false);
    }
    bool key(std::string& name) {
        if (replayed() || depth_ != 1) return true;
        name_ = shortened(name);
        field_ = nullptr;
        for (auto const& field : fields_)
            if (field.name == name) field_ = &field;
        if (field_ == nullptr) {
            wrong(name_, "is not known");
            return true;
        }
        auto const bit = std::uint32_t{1} << (field_ - fields_.data());
        if ((seen_ & bit) != 0) {
            wrong(name_, "is there more than once");
            field_ = nullptr;
        }
        seen_ |= bit;
        return true;
    }
    bool end_object() {
        if (replayed()) return true;
        --depth_;
        return true;
    }
    bool start_array(std::size_t) {
        if (replayed()) return true;
        if (auto* const list = list_at(1)) {
            in_list_ = true;
            elements_ = 0;
            list->begin(body_.left());
        } else if (!refuse_type("an array")) {
            return false;
        }
        return enter(true);
    }
    bool end_array() {
        if (replayed()) return true;
        --depth_;
        if (depth_ == 1 && std::exchange(in_list_, false) && elements_ == 0)
            wrong(name_, "must not be empty");
        return true;
    }

    bool parse_error(std::size_t position, std::string const&, nlohmann::json::exception const& e) {
        constexpr int number_overflow = 406;
        if (e.id == number_overflow) {
            // A number beyond any double is JSON, but the parser stops there. What follows must be read all the same.
            if (refuse_type("a number beyond all bounds")) resume(position);
            return false;
        }
        std::string_view what{e.what()};
        if (auto const reason = what.find("syntax error"); reason != what.npos) what.remove_prefix(reason);
        what = what.substr(0, what.find("; last read"));  // it may be long, and no UTF-8
        auto const byte = static_cast<std::ptrdiff_t>(position) + origin_;
        stop(RequestError::Kind::malformed, "not JSON, at byte " + std::to_string(byte) + ": " + std::string{what});
        return false;
    }

private:
    ObjectReader(Body body, std::span<BodyField const> fields) : body_{std::move(body)}, fields_{fields} {}

    std::optional<RequestError> run() {
        do {
            resumed_ = false;
            nlohmann::json::sax_parse(body_.begin(), body_.end(), this);
        } while (resumed_);
        if (stopped_) return std::move(error_);
        for (std::size_t i = 0; i < fields_.size(); ++i)
            if (fields_[i].required && (seen_ >> i & 1U) == 0) wrong(fields_[i].name, "is missing");
        if (error_.error_count == 0) return std::nullopt;
        error_.kind = RequestError::Kind::invalid;
        error_.detail = error_.error_count == 1 ? "one field is wrong: "
                                                : std::to_string(error_.error_count) + " fields are wrong, the first: ";
        error_.detail += error_.errors.front().field + ' ' + error_.errors.front().message;
        return std::move(error_);
    }

    // ---- values ---------------------------------------------------------------------------------------------------

    bool take_boolean(bool value) {
        if (auto* const into = target<std::optional<bool>>()) {
            *into = value;
            return true;
        }
        return refuse_type(value ? "true" : "false");
    }

    bool take_integer(std::int64_t value) {
        auto* const number = target<std::optional<int>>();
        auto* const time = target<std::optional<duration>>();
        if ((number == nullptr && time == nullptr) || value < field_->least || value > field_->most)
            return refuse_type(std::to_string(value));
        if (number != nullptr) *number = static_cast<int>(value);
        if (time != nullptr) *time = std::chrono::milliseconds{value};
        return true;
    }

    bool take_string(std::string const& value) {
        if (auto* const list = list_at(2)) {
            if (!next_element(*list)) return false;
            if (auto const fault = fault_of(value, 1, list->max_length()); !fault.empty())
                wrong(element(), fault);
            else if (error_.error_count == 0)
                list->add(value, body_.left());
            return true;
        }
        if (auto* const into = target<std::optional<std::string>>()) {
            auto const fault = fault_of(value, field_->least, static_cast<std::size_t>(field_->most));
            if (fault.empty())
                *into = value;
            else
                wrong(name_, fault);
            return true;
        }
        return refuse_type("a string");
    }

    static std::string fault_of(std::string_view text, std::int64_t least, std::size_t most) {
        if (text.empty() && least > 0) return "must not be empty";
        if (text.size() > most)
            return "must be at most " + std::to_string(most) + " bytes long, not " + std::to_string(text.size());
        for (std::size_t i = 0; i < text.size(); ++i) {
            auto const byte = static_cast<unsigned char>(text[i]);
            // U+0080 to U+009F are control characters too; in UTF-8 they begin with 0xC2.
            if (byte < 0x20 || byte == 0x7f || (byte == 0xc2 && static_cast<unsigned char>(text[i + 1]) < 0xa0))
                return "must not hold control characters";
        }
        return {};
    }

    // A value of a type, or a number, that has no place here. What lies inside a refused value is not looked at.
    bool refuse_type(std::string const& found) {
        if (depth_ == 0) return stop(RequestError::Kind::malformed, "an object is expected, not " + found);
        if (auto* const list = list_at(2)) {
            if (!next_element(*list)) return false;
            wrong(element(), "must be a string, not " + found);
        } else if (depth_ == 1 && field_ != nullptr) {
            wrong(name_, "must be " + expected() + ", not " + found);
        }
        return true;
    }
    std::string expected() const {
        if (std::holds_alternative<std::optional<bool>*>(field_->into)) return "true or false";
        if (std::holds_alternative<std::optional<std::string>*>(field_->into)) return "a string";
        if (std::holds_alternative<StringList*>(field_->into)) return "an array of strings";
        return "an integer from " + std::to_string(field_->least) + " to " + std::to_string(field_->most);
    }

    // ---- where it is ------------------------------------------------------------------------------------------------

    template <class T>
    T* target() const noexcept {
        if (depth_ != 1 || field_ == nullptr) return nullptr;
        auto* const into = std::get_if<T*>(&field_->into);
        return into != nullptr ? *into : nullptr;
    }
    // The list that is the value of the present member, at depth 1, or that the value belongs to, at depth 2.
    StringList* list_at(int depth) const noexcept {
        if (depth_ != depth || field_ == nullptr || (depth == 2 && !in_list_)) return nullptr;
        auto* const into = std::get_if<StringList*>(&field_->into);
        return into != nullptr ? *into : nullptr;
    }
    std::string element() const { return name_ + '[' + std::to_string(elements_ - 1) + ']'; }

    bool next_element(StringList& list) {
        if (++elements_ <= list.max_items()) return true;
        list.drop();
        return stop(RequestError::Kind::too_many_items,
                    name_ + " has more than " + std::to_string(list.max_items()) + " items");
    }

    bool enter(bool array) {
        if (depth_ == max_depth)
            return stop(RequestError::Kind::malformed, "nested deeper than " + std::to_string(max_depth));
        arrays_ = array ? arrays_ | 1U << depth_ : arrays_ & ~(1U << depth_);
        ++depth_;
        return true;
    }

    // ---- faults -----------------------------------------------------------------------------------------------------

    void wrong(std::string_view field, std::string_view message) {
        if (error_.error_count++ == 0)
            for (auto const& known : fields_)
                if (auto* const list = std::get_if<StringList*>(&known.into)) (*list)->drop();
        if (error_.errors.size() < max_errors) error_.errors.emplace_back(std::string{field}, std::string{message});
    }
    bool stop(RequestError::Kind kind, std::string detail) {
        error_ = RequestError{kind, std::move(detail)};
        stopped_ = true;
        return false;
    }

    // A client's name, to be shown to it: valid UTF-8, since the parser has checked that, and cut off as such.
    static std::string shortened(std::string_view name) {
        constexpr std::size_t most = 100;
        if (name.size() <= most) return std::string{name};
        auto end = most;
        while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xc0) == 0x80) --end;
        return std::string{name.substr(0, end)} + "…";
    }

    // ---- going on after a number that stopped the parser -----------------------------------------------------------

    // A second parser gets the brackets that are open and a null for the number, then what is left.
    void resume(std::size_t position) {
        std::string text;
        replay_ = 1;
        for (int i = 0; i < depth_; ++i) {
            auto const array = (arrays_ >> i & 1U) != 0;
            text += array ? "[" : "{\"\":";
            replay_ += array ? 1 : 2;
        }
        text += "null";
        // The parser has looked at the byte after the number, if there was one.
        auto const consumed = static_cast<std::ptrdiff_t>(body_.consumed());
        auto const looked = consumed > static_cast<std::ptrdiff_t>(position) + origin_;
        if (looked) text += body_.last();
        origin_ = consumed - static_cast<std::ptrdiff_t>(text.size());
        body_.put_back(std::move(text));
        resumed_ = true;
    }
    bool replayed() noexcept {
        if (replay_ == 0) return false;
        --replay_;
        return true;
    }

    BodyReader body_;
    std::span<BodyField const> fields_;
    RequestError error_;
    std::string name_;                  // of the present member, as shown
    BodyField const* field_ = nullptr;  // that member, if its value is wanted
    std::size_t elements_ = 0;          // of the list, so far
    std::ptrdiff_t origin_ = 0;         // where the parser's first byte lies in the body
    std::uint32_t seen_ = 0;            // members
    std::uint32_t arrays_ = 0;          // which of the open brackets are square
    int depth_ = 0;                     // open brackets
    int replay_ = 0;                    // calls that only repeat what is known
    bool in_list_ = false;
    bool stopped_ = false;
    bool resumed_ = false;
};

}  // namespace batchpace::http::detail
