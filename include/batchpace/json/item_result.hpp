// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/item_result.hpp>
#include <batchpace/json/detail/reading.hpp>
#include <batchpace/json/iso_time.hpp>
#include <batchpace/json/names.hpp>

#include <nlohmann/json.hpp>

#include <concepts>
#include <type_traits>
#include <variant>

namespace batchpace {

/// A line of results: {itemId, status, annotation?, error?, kind?, attempts, durationMs, finishedAt}.
/// `annotation` is what T's own to_json makes of it, absent for an annotator that returns nothing (`std::monostate`);
/// `error` and `kind` are the last failure's, of an item that failed, `error` also of a cancelled one that had failed
/// before.
template <class T>
    requires(std::same_as<T, std::monostate> || std::constructible_from<nlohmann::json, T const&>)
void to_json(nlohmann::json& j, ItemResult<T> const& r) {
    j = nlohmann::json::object();
    j["itemId"] = r.item_id;
    j["status"] = r.status;
    if constexpr (!std::is_same_v<T, std::monostate>)
        if (r.annotation) j["annotation"] = *r.annotation;
    auto const failed = r.status == ItemStatus::failed;
    if (failed || !r.error.empty()) j["error"] = r.error;
    if (failed) j["kind"] = r.kind;
    j["attempts"] = r.attempts;
    j["durationMs"] = detail::json::ms(r.took);
    j["finishedAt"] = IsoTime::text(r.finished_at);
}

/// Reads a line back; its place in the job (`index`) is not in it.
template <class T>
void from_json(nlohmann::json const& j, ItemResult<T>& r) {
    using detail::json::member;
    r = ItemResult<T>{};
    member(j, "itemId", r.item_id);
    member(j, "status", r.status);
    if constexpr (!std::is_same_v<T, std::monostate>) {
        // An annotation may be null itself.
        if (auto const found = j.find("annotation"); found != j.end()) r.annotation = found->template get<T>();
    } else if (r.status == ItemStatus::successful) {
        r.annotation.emplace();
    }
    detail::json::member_or(j, "error", r.error);
    detail::json::member_or(j, "kind", r.kind);
    member(j, "attempts", r.attempts);
    member(j, "durationMs", r.took);
    member(j, "finishedAt", r.finished_at);
}

}  // namespace batchpace
