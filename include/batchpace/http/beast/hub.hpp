// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/asio.hpp>
#include <batchpace/http/beast_options.hpp>
#include <batchpace/http/handler.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

namespace batchpace::http::inline BATCHPACE_FLAVOUR::serving {

/// What the hub can do to a listener or a connection. Each is called from any thread.
class Guest {
public:
    virtual ~Guest() = default;
    /// To end as soon as what it does is done.
    virtual void begin_stop() = 0;
    /// To end now.
    virtual void abort() = 0;
    /// To ask nobody for anything any more; what is owed is no longer waited for.
    virtual void detach() noexcept = 0;
};

/// Waits for a hub to be empty.
class HubWatch {
public:
    virtual ~HubWatch() = default;
    /// Any thread; perhaps more than once.
    virtual void hub_is_empty() = 0;
};

/// What a server's connections share. It holds none of them: they live in the operations that they wait for, so that a
/// loop which is destroyed takes them along.
class Hub {
public:
    Hub(Handler the_handler, BeastOptions the_options)
        : handler{std::move(the_handler)}, options{std::move(the_options)} {}

    Handler const handler;
    BeastOptions const options;

    bool stopping() const noexcept { return stopping_.load(std::memory_order_relaxed); }

    /// False where no guest is let in any more.
    bool enter(std::shared_ptr<Guest> const& guest) {
        std::lock_guard const lock{mutex_};
        if (stopping()) return false;
        guests_.emplace(guest.get(), guest);
        return true;
    }
    void leave(Guest const& guest) noexcept {
        std::vector<std::shared_ptr<HubWatch>> told;
        {
            std::lock_guard const lock{mutex_};
            if (guests_.erase(&guest) == 0 || !guests_.empty()) return;
            told = locked(watches_);
        }
        for (auto const& watch : told) watch->hub_is_empty();
    }

    enum class Place { none, served, refused };
    /// Finds a place for a connection; whoever gets one gives it back.
    Place take_place() noexcept {
        std::lock_guard const lock{mutex_};
        if (served_ < options.max_connections) return ++served_, Place::served;
        if (refused_ < options.max_refused) return ++refused_, Place::refused;
        return Place::none;
    }
    void give_back(Place place) noexcept {
        std::lock_guard const lock{mutex_};
        if (place == Place::served) --served_;
        if (place == Place::refused) --refused_;
    }
    std::size_t served() const noexcept {
        std::lock_guard const lock{mutex_};
        return served_;
    }

    /// Lets nobody in any more and asks those who are there to end; `watch` is told when they have.
    void stop(std::shared_ptr<HubWatch> const& watch) {
        std::vector<std::shared_ptr<Guest>> guests;
        {
            std::lock_guard const lock{mutex_};
            stopping_ = true;
            watches_.push_back(watch);
            guests = locked_guests();
        }
        if (guests.empty()) watch->hub_is_empty();
        for (auto const& guest : guests) guest->begin_stop();
    }
    void abort() {
        for (auto const& guest : close_door()) guest->abort();
    }
    /// As `abort`, for a host that goes away.
    void detach() noexcept {
        auto const guests = close_door();
        for (auto const& guest : guests) guest->detach();
        for (auto const& guest : guests) guest->abort();
    }

private:
    template <class Type>
    static std::vector<std::shared_ptr<Type>> locked(std::vector<std::weak_ptr<Type>> const& weak) {
        std::vector<std::shared_ptr<Type>> all;
        for (auto const& one : weak)
            if (auto strong = one.lock()) all.push_back(std::move(strong));
        return all;
    }
    std::vector<std::shared_ptr<Guest>> locked_guests() const {
        std::vector<std::shared_ptr<Guest>> all;
        for (auto const& [address, weak] : guests_)
            if (auto strong = weak.lock()) all.push_back(std::move(strong));
        return all;
    }
    std::vector<std::shared_ptr<Guest>> close_door() {
        std::lock_guard const lock{mutex_};
        stopping_ = true;
        return locked_guests();
    }

    mutable std::mutex mutex_;
    std::atomic<bool> stopping_{false};
    std::unordered_map<Guest const*, std::weak_ptr<Guest>> guests_;
    std::vector<std::weak_ptr<HubWatch>> watches_;
    std::size_t served_ = 0;
    std::size_t refused_ = 0;
};

}  // namespace batchpace::http::inline BATCHPACE_FLAVOUR::serving
