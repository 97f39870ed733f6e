// SPDX-License-Identifier: BSL-1.0
#include "key_file.hpp"

#include "tier_name.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <stdexcept>
#include <utility>

namespace annotation_server {
namespace {

using nlohmann::json;

constexpr std::string_view blanks = " \t\r";
constexpr std::size_t longest_tenant = 200;

[[noreturn]] void wrong(std::string const& what) { throw std::runtime_error{what}; }

/// What an Authorization field can carry behind "Bearer " (RFC 6750).
bool can_be_sent(std::string_view key) {
    auto const is_fine = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view{"-._~+/="}.find(c) != std::string_view::npos;
    };
    return std::all_of(key.begin(), key.end(), is_fine);
}

std::string text_of(json const& line, char const* field) {
    auto const found = line.find(field);
    if (found == line.end()) wrong(std::string{field} + " is missing");
    if (!found->is_string()) wrong(std::string{field} + " must be a text");
    auto text = found->get<std::string>();
    if (text.empty()) wrong(std::string{field} + " must not be empty");
    return text;
}

KeyEntry entry_of(std::string_view text) {
    auto const line = json::parse(text, nullptr, false);
    if (!line.is_object())
        wrong("it must be a JSON object like {\"key\": \"…\", \"tenant\": \"acme\", \"tier\": \"paid\"}");
    for (auto const& [field, value] : line.items())
        if (field != "key" && field != "tenant" && field != "tier") wrong("there is no field " + field);

    KeyEntry entry;
    auto const key = text_of(line, "key");
    if (!can_be_sent(key)) wrong("key may have letters, digits and -._~+/= only");
    entry.digest = sha256(key);
    entry.tenant = text_of(line, "tenant");
    if (entry.tenant.size() > longest_tenant) wrong("tenant is longer than 200 bytes");
    if (line.contains("tier")) {
        auto const name = text_of(line, "tier");
        entry.tier = tier_named(name);
        if (!entry.tier) wrong("tier must be free or paid, not " + name);
    }
    return entry;
}

}  // namespace

std::vector<KeyEntry> parse_keys(std::string_view text) {
    std::vector<KeyEntry> entries;
    std::set<Sha256> known;
    std::map<std::string, std::optional<batchpace::Tier>> tiers;
    for (std::size_t number = 1; !text.empty(); ++number) {
        auto const end = std::min(text.find('\n'), text.size());
        auto const line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.find_first_not_of(blanks) == std::string_view::npos) continue;
        try {
            auto entry = entry_of(line);
            if (!known.insert(entry.digest).second) wrong("key is that of an earlier line");
            if (auto const [first, is_new] = tiers.emplace(entry.tenant, entry.tier);
                !is_new && first->second != entry.tier)
                wrong("tier is another than that of an earlier line of the same tenant");
            entries.push_back(std::move(entry));
        } catch (std::runtime_error const& fault) {
            wrong("line " + std::to_string(number) + ": " + fault.what());
        }
    }
    if (entries.empty()) wrong("there is no key in it");
    return entries;
}

}  // namespace annotation_server
