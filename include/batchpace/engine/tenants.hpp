// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/engine/scheduler.hpp>
#include <batchpace/engine/scope.hpp>
#include <batchpace/time.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace batchpace::engine {

/// The scopes of tenants, made on first use. One without jobs is dropped once its window holds no start any more:
/// sooner, its limit could be exceeded by going away and coming back. A paused one stays, or it would not be paused.
class Tenants {
public:
    explicit Tenants(Scope& root) noexcept : root_{root} {}

    /// The tenant's scope; `set_up(scope)` is called for a new one.
    template <class SetUp>
    Scope& get(std::string_view name, time_point now, SetUp&& set_up) {
        if (scopes_.size() >= next_sweep_) sweep(now);
        auto found = scopes_.find(name);
        if (found == scopes_.end()) {
            found = scopes_.try_emplace(std::string{name}, Scope::Level::tenant, &root_).first;
            Scheduler::attach(found->second);
            set_up(found->second);
        }
        return found->second;
    }

    /// The tenant's scope where there is one.
    Scope* find(std::string_view name) noexcept {
        auto const found = scopes_.find(name);
        return found == scopes_.end() ? nullptr : &found->second;
    }
    Scope const* find(std::string_view name) const noexcept {
        auto const found = scopes_.find(name);
        return found == scopes_.end() ? nullptr : &found->second;
    }

    std::size_t size() const noexcept { return scopes_.size(); }

private:
    void sweep(time_point now) {
        for (auto it = scopes_.begin(); it != scopes_.end();) {
            auto& scope = it->second;
            if (scope.has_children() || scope.engaged() > 0 || scope.paused || scope.told || scope.closed_until > now ||
                (scope.rate && scope.rate->used(now) > 0)) {
                ++it;
                continue;
            }
            Scheduler::detach(scope);
            it = scopes_.erase(it);
        }
        next_sweep_ = std::max<std::size_t>(64, scopes_.size() * 2);
    }

    Scope& root_;
    std::map<std::string, Scope, std::less<>> scopes_;
    std::size_t next_sweep_ = 64;
};

}  // namespace batchpace::engine
