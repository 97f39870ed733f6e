// SPDX-License-Identifier: BSL-1.0
#include "result_line.hpp"

#include "annotation_json.hpp"
#include "rounded.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <ctime>

namespace annotate_images {
namespace {

using Json = nlohmann::ordered_json;  // a reader finds the item first

std::string to_hex(std::string_view bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (auto const signed_byte : bytes) {
        auto const byte = static_cast<unsigned char>(signed_byte);
        text += digits[byte >> 4];
        text += digits[byte & 0xf];
    }
    return text;
}

std::optional<std::string> from_hex(std::string_view text) {
    std::string bytes;
    for (; text.size() >= 2; text.remove_prefix(2)) {
        unsigned value = 0;
        if (std::from_chars(text.data(), text.data() + 2, value, 16).ptr != text.data() + 2) return std::nullopt;
        bytes += static_cast<char>(value);
    }
    if (!text.empty()) return std::nullopt;
    return bytes;
}

bool is_utf8(std::string const& text) {
    try {
        (void)nlohmann::json(text).dump();
        return true;
    } catch (nlohmann::json::type_error const&) {
        return false;
    }
}

/// ISO 8601 in UTC with milliseconds.
std::string to_iso8601(batchpace::wall_time at) {
    using namespace std::chrono;
    auto const whole = floor<milliseconds>(at);
    auto const seconds = system_clock::to_time_t(floor<std::chrono::seconds>(whole));
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::array<char, 32> date{}, text{};
    std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &parts);
    std::snprintf(text.data(), text.size(), "%.19s.%03dZ", date.data(),
                  static_cast<int>(whole.time_since_epoch().count() % 1000));
    return text.data();
}

}  // namespace

std::string to_json_line(batchpace::ItemResult<Annotation> const& result) {
    using batchpace::ItemStatus;
    Json line{{"itemId", result.item_id}};
    if (!is_utf8(result.item_id)) line["itemIdBytes"] = to_hex(result.item_id);
    line["status"] = to_string(result.status);
    if (result.annotation) line["annotation"] = *result.annotation;
    if (result.status != ItemStatus::successful && !result.error.empty()) line["error"] = result.error;
    if (result.status == ItemStatus::failed) line["kind"] = to_string(result.kind);
    line["attempts"] = result.attempts;
    line["durationMs"] = rounded(std::chrono::duration<double, std::milli>(result.took).count(), 1000);
    line["finishedAt"] = to_iso8601(result.finished_at);
    return line.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::optional<ResultLine> parse_json_line(std::string_view text) {
    auto const line = nlohmann::json::parse(text, nullptr, false);
    if (!line.is_object()) return std::nullopt;
    auto const string_at = [&](char const* key) -> std::optional<std::string> {
        auto const found = line.find(key);
        if (found == line.end() || !found->is_string()) return std::nullopt;
        return found->get<std::string>();
    };
    auto path = string_at("itemId");
    auto const status = string_at("status");
    if (!path || !status) return std::nullopt;
    if (auto const bytes = string_at("itemIdBytes")) {
        path = from_hex(*bytes);
        if (!path) return std::nullopt;
    }
    return ResultLine{std::move(*path), *status == "successful"};
}

}  // namespace annotate_images
