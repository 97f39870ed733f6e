// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/http/target.hpp>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace batchpace::http::detail {

/// Which call of the REST API a path names.
struct Route {
    enum class Call : unsigned char {
        none,
        start,
        jobs,
        active,
        stats,
        estimate,
        metrics,
        healthz,
        status,
        results,
        events,
        cancel,
        pause,
        resume,
        retry,
        update,
    };

    Call call = Call::none;
    std::string_view job = {};  ///< looks into the target

    /// Where the API is mounted.
    class Prefix {
    public:
        explicit Prefix(std::string_view text) {
            for (std::size_t at = 0; at < text.size();) {
                auto const end = std::min(text.find('/', at), text.size());
                if (end > at) segments_.emplace_back(text.substr(at, end - at));
                at = end + 1;
            }
        }
        /// How many segments it has; the target's own begin there. SIZE_MAX where the target is not below it.
        std::size_t match(Target const& target) const noexcept {
            if (target.segments.size() <= segments_.size()) return SIZE_MAX;
            bool const below = std::equal(segments_.begin(), segments_.end(), target.segments.begin());
            return below ? segments_.size() : SIZE_MAX;
        }

    private:
        std::vector<std::string> segments_;
    };

    static Route of(Target const& target, Prefix const& prefix) {
        auto const& all = target.segments;
        if (all.size() == 1 && (all[0] == "metrics" || all[0] == "healthz")) return {alone(all[0])};
        auto const from = prefix.match(target);
        if (from == SIZE_MAX) return {};
        if (all.size() == from + 1) return {alone(all[from])};
        if (all.size() == from + 2) return {of_job(all[from + 1]), all[from]};
        return {};
    }

    /// What a call may be asked with, as Allow lists it; HEAD goes wherever GET does.
    std::string_view methods() const noexcept {
        switch (call) {
            case Call::start:
            case Call::cancel:
            case Call::pause:
            case Call::resume:
            case Call::retry:
            case Call::update:
                return "POST, OPTIONS";
            default:
                return "GET, HEAD, OPTIONS";
        }
    }
    bool changes() const noexcept { return methods().starts_with('P'); }

private:
    using Name = std::pair<std::string_view, Call>;

    template <std::size_t N>
    static Call find(Name const (&names)[N], std::string_view name) noexcept {
        auto const found =
            std::find_if(std::begin(names), std::end(names), [&](Name const& n) { return n.first == name; });
        return found == std::end(names) ? Call::none : found->second;
    }
    static Call alone(std::string_view name) noexcept {
        static constexpr Name names[] = {
            {"start", Call::start},     {"jobs", Call::jobs},         {"active", Call::active},
            {"stats", Call::stats},     {"estimate", Call::estimate}, {"metrics", Call::metrics},
            {"healthz", Call::healthz},
        };
        return find(names, name);
    }
    static Call of_job(std::string_view name) noexcept {
        static constexpr Name names[] = {
            {"status", Call::status}, {"results", Call::results}, {"events", Call::events}, {"cancel", Call::cancel},
            {"pause", Call::pause},   {"resume", Call::resume},   {"retry", Call::retry},   {"update", Call::update},
        };
        return find(names, name);
    }
};

}  // namespace batchpace::http::detail
