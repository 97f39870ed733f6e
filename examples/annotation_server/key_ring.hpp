// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "key_file.hpp"
#include "session_cookie.hpp"

#include <batchpace/http/caller.hpp>
#include <batchpace/tier.hpp>

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annotation_server {

/// Whose key is it? Keys are known by their SHA-256 alone, so that how long a look takes tells nothing of them.
/// May be asked by any thread, also while the file is read again.
class KeyRing {
public:
    /// Reads the file. `usual` is the tier of who has none there.
    /// Throws `std::runtime_error`; the text names the file, and line and field where that is what is wrong.
    KeyRing(std::string file, std::optional<batchpace::Tier> usual);

    /// nullopt where nobody has that key.
    std::optional<batchpace::http::Caller> find(std::string_view key) const;
    /// nullopt where the cookie is forged, has expired, or is of a key that is nobody's any more.
    std::optional<batchpace::http::Caller> find(SessionCookie const& cookie,
                                                SessionCookie::Clock::time_point now) const;

    /// A tenant that is new or has another tier than before; no tier is one without limits.
    struct Change {
        std::string tenant;
        std::optional<batchpace::Tier> tier;
    };
    /// Reads the file again: from then on the new keys count. Throws as the constructor does; then the old ones stay.
    std::vector<Change> reload();

    std::size_t size() const;
    /// True where every user of the machine may read the file.
    bool file_is_open_to_all() const;

private:
    using Keys = std::map<Sha256, batchpace::http::Caller>;

    std::shared_ptr<Keys const> read() const;
    std::shared_ptr<Keys const> keys() const;

    std::string file_;
    std::optional<batchpace::Tier> usual_;
    mutable std::mutex mutex_;
    std::shared_ptr<Keys const> keys_;
};

}  // namespace annotation_server
