// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/asio.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace batchpace::http::inline BATCHPACE_FLAVOUR::serving {

/// The way from whoever owes a connection something (the handler its answer, a stream its next piece) back to it, from
/// any thread and at any time: where the connection has gone, nothing happens.
///
/// Connection has `executor()`, `take_inline(turn, Value)`, `take(turn, Value)` and `missed(turn)`.
template <class Connection>
class Gate {
public:
    /// Before anything is owed.
    void open(std::weak_ptr<Connection> connection) { connection_ = std::move(connection); }
    /// Nothing comes through any more when this has returned. Any thread.
    void close() noexcept {
        std::lock_guard const lock{mutex_};
        connection_.reset();
    }

    /// While one exists, what this thread gives is taken inside its call.
    class Calling {
    public:
        explicit Calling(Gate& gate) noexcept : gate_{gate} { gate_.calling_ = std::this_thread::get_id(); }
        ~Calling() { gate_.calling_ = std::thread::id{}; }
        Calling(Calling const&) = delete;
        Calling& operator=(Calling const&) = delete;

    private:
        Gate& gate_;
    };

    template <class Value>
    void give(std::uint64_t turn, Value value) {
        if (calling_ == std::this_thread::get_id()) {
            // Inside a call of the connection, which holds itself.
            if (auto* const connection = unsafe()) connection->take_inline(turn, std::move(value));
            return;
        }
        send([turn, value = std::move(value)](Connection& connection) mutable {
            connection.take(turn, std::move(value));
        });
    }
    void miss(std::uint64_t turn) {
        send([turn](Connection& connection) { connection.missed(turn); });
    }

private:
    Connection* unsafe() {
        std::lock_guard const lock{mutex_};
        return connection_.lock().get();
    }

    template <class Function>
    void send(Function function) {
        std::lock_guard const lock{mutex_};
        auto connection = connection_.lock();
        if (!connection) return;
        auto const executor = connection->executor();
        net::post(executor, [connection = std::move(connection), function = std::move(function)]() mutable {
            function(*connection);
        });
    }

    // Recursive: a loop that is being destroyed drops what is posted to it at once, and the connection with it, whose
    // stream may then give its end.
    std::recursive_mutex mutex_;
    std::weak_ptr<Connection> connection_;
    std::atomic<std::thread::id> calling_{};
};

/// One thing that is owed. The first that is given counts; where it is destroyed with nothing given, the connection is
/// told, so that a client does not wait for what cannot come.
template <class Connection, class Value>
class Ticket {
public:
    Ticket(std::shared_ptr<Gate<Connection>> gate, std::uint64_t turn) noexcept : gate_{std::move(gate)}, turn_{turn} {}
    Ticket(Ticket const&) = delete;
    Ticket& operator=(Ticket const&) = delete;
    ~Ticket() {
        if (void_out()) gate_->miss(turn_);
    }

    void give(Value value) {
        if (void_out()) gate_->give(turn_, std::move(value));
    }
    /// True for the first: from then on nothing can be given.
    bool void_out() noexcept { return !given_.exchange(true, std::memory_order_acq_rel); }

private:
    std::shared_ptr<Gate<Connection>> gate_;
    std::uint64_t turn_;
    std::atomic<bool> given_{false};
};

}  // namespace batchpace::http::inline BATCHPACE_FLAVOUR::serving
