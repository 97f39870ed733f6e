// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/asio.hpp>
#include <batchpace/http/body_stream.hpp>
#include <batchpace/http/rest/event_feed.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

namespace batchpace::http::inline BATCHPACE_FLAVOUR::rest {

/// One client's event stream: what it hears of a job's feed.
template <class Processor>
class EventStream final : public BodyStream {
public:
    /// @param seen  the client has heard all up to this version
    /// @param place what it keeps for as long as it lives: its place among the streams
    EventStream(std::shared_ptr<EventFeed<Processor>> feed, std::uint64_t seen, std::shared_ptr<void> place)
        : feed_{std::move(feed)}, listener_{std::make_shared<Listener>()}, place_{std::move(place)} {
        listener_->seen = seen;
    }
    ~EventStream() override { EventStream::stop(); }
    EventStream(EventStream const&) = delete;
    EventStream& operator=(EventStream const&) = delete;

    void next(Deliver deliver) override { feed_->next(listener_, std::move(deliver)); }
    void finish() override { feed_->close(listener_); }
    void stop() noexcept override {
        if (!stopped_.exchange(true)) feed_->leave(listener_);
    }

private:
    using Listener = typename EventFeed<Processor>::Listener;

    std::shared_ptr<EventFeed<Processor>> feed_;
    std::shared_ptr<Listener> listener_;
    std::shared_ptr<void> place_;
    std::atomic<bool> stopped_ = false;
};

}  // namespace batchpace::http::inline BATCHPACE_FLAVOUR::rest
