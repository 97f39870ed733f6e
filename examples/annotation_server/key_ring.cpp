// SPDX-License-Identifier: BSL-1.0
#include "key_ring.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <sys/stat.h>
#include <utility>

namespace annotation_server {
namespace {

std::string whole(std::string const& file) {
    std::ifstream in{file, std::ios::binary};
    std::string text{std::istreambuf_iterator<char>{in}, {}};
    if (!in.is_open() || in.bad()) throw std::runtime_error{"it cannot be read"};
    return text;
}

}  // namespace

KeyRing::KeyRing(std::string file, std::optional<batchpace::Tier> usual)
    : file_{std::move(file)}, usual_{usual}, keys_{read()} {}

std::optional<batchpace::http::Caller> KeyRing::find(std::string_view key) const {
    auto const known = keys();
    auto const found = known->find(sha256(key));
    if (found == known->end()) return std::nullopt;
    return found->second;
}

std::optional<batchpace::http::Caller> KeyRing::find(SessionCookie const& cookie,
                                                     SessionCookie::Clock::time_point now) const {
    auto const known = keys();
    auto const& prefix = cookie.key_prefix();
    Sha256 first{};
    std::copy(prefix.begin(), prefix.end(), first.begin());
    for (auto entry = known->lower_bound(first); entry != known->end(); ++entry) {
        auto const& [digest, caller] = *entry;
        if (!std::equal(prefix.begin(), prefix.end(), digest.begin())) break;
        if (cookie.is_valid(digest, now)) return caller;
    }
    return std::nullopt;
}

std::vector<KeyRing::Change> KeyRing::reload() {
    auto fresh = read();
    auto const tiers = [](Keys const& keys) {
        std::map<std::string, std::optional<batchpace::Tier>> of;
        for (auto const& [digest, caller] : keys) of.emplace(caller.tenant, caller.tier);
        return of;
    };
    auto const before = tiers(*keys());
    std::vector<Change> changes;
    for (auto const& [tenant, tier] : tiers(*fresh))
        if (auto const found = before.find(tenant); found == before.end() || found->second != tier)
            changes.push_back({tenant, tier});
    std::lock_guard const lock{mutex_};
    keys_ = std::move(fresh);
    return changes;
}

std::size_t KeyRing::size() const { return keys()->size(); }

bool KeyRing::file_is_open_to_all() const {
    struct stat status {};
    return ::stat(file_.c_str(), &status) == 0 && (status.st_mode & S_IROTH) != 0;
}

std::shared_ptr<KeyRing::Keys const> KeyRing::read() const try {
    auto fresh = std::make_shared<Keys>();
    for (auto& entry : parse_keys(whole(file_)))
        fresh->emplace(entry.digest,
                       batchpace::http::Caller{std::move(entry.tenant), entry.tier ? entry.tier : usual_});
    return fresh;
} catch (std::runtime_error const& fault) {
    throw std::runtime_error{"the file of keys " + file_ + ": " + fault.what()};
}

std::shared_ptr<KeyRing::Keys const> KeyRing::keys() const {
    std::lock_guard const lock{mutex_};
    return keys_;
}

}  // namespace annotation_server
