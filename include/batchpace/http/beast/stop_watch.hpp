// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/asio.hpp>
#include <batchpace/driver/any_completion.hpp>
#include <batchpace/http/beast/hub.hpp>

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <memory>
#include <utility>

namespace batchpace::http::inline BATCHPACE_FLAVOUR::serving {

/// A stop that is under way: cuts off what is not done at the deadline, and tells its caller the end. It lives in its
/// timer's wait, so a loop that is destroyed takes it along.
class StopWatch final : public HubWatch, public std::enable_shared_from_this<StopWatch> {
public:
    StopWatch(net::any_io_executor const& executor, std::shared_ptr<Hub> hub, AnyCompletion<net_error_code> done)
        : hub_{std::move(hub)}, done_{std::move(done)}, timer_{net::any_io_executor{net::make_strand(executor)}} {}

    void start(std::chrono::nanoseconds deadline) {
        auto const now = std::chrono::steady_clock::now();
        auto const longest = std::chrono::steady_clock::time_point::max() - now;
        timer_.expires_at(now + std::min<std::chrono::nanoseconds>(longest, deadline));
        wait();
        hub_->stop(shared_from_this());
    }

    void hub_is_empty() override {
        net::post(timer_.get_executor(), [self = shared_from_this()] {
            self->done_.complete(self->was_cut_ ? net_error_code{net::error::timed_out} : net_error_code{});
            self->over_ = true;
            self->timer_.cancel();
        });
    }

private:
    void wait() {
        timer_.async_wait([self = shared_from_this()](net_error_code) { self->on_timer(); });
    }
    void on_timer() {
        if (over_ || was_cut_) return;
        was_cut_ = true;
        timer_.expires_at(std::chrono::steady_clock::time_point::max());
        wait();
        hub_->abort();
    }

    std::shared_ptr<Hub> hub_;
    AnyCompletion<net_error_code> done_;
    net::steady_timer timer_;
    bool was_cut_ = false;
    bool over_ = false;
};

}  // namespace batchpace::http::inline BATCHPACE_FLAVOUR::serving
