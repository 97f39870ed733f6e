// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/asio.hpp>
#include <batchpace/http/body_stream.hpp>
#include <batchpace/http/rest/event_feed.hpp>
#include <batchpace/http/rest/event_stream.hpp>
#include <batchpace/http/rest_options.hpp>
#include <batchpace/job_id.hpp>
#include <batchpace/time.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace batchpace::http::inline BATCHPACE_FLAVOUR::rest {

/// The feeds of the jobs that somebody listens to. May be called from any thread.
template <class Processor>
class EventFeeds {
public:
    EventFeeds(Processor& processor, RestOptions const& options)
        : processor_{&processor},
          most_{options.max_event_streams},
          interval_{options.event_interval},
          heartbeat_{options.heartbeat} {}

    /// A stream of the events after that version; null where there are too many streams.
    std::shared_ptr<BodyStream> open(JobId job, std::uint64_t seen) {
        if (streams_->fetch_add(1) >= most_) {
            streams_->fetch_sub(1);
            return nullptr;
        }
        std::shared_ptr<void> const place{nullptr, [streams = streams_](void*) { streams->fetch_sub(1); }};
        return std::make_shared<EventStream<Processor>>(feed(job), seen, place);
    }

private:
    using Feed = EventFeed<Processor>;

    std::shared_ptr<Feed> feed(JobId job) {
        std::lock_guard const lock{mutex_};
        auto& known = feeds_[job];
        if (auto feed = known.lock()) return feed;
        auto const made = std::make_shared<Feed>(*processor_, job, interval_, heartbeat_);
        known = made;
        if (feeds_.size() >= sweep_at_) {
            std::erase_if(feeds_, [](auto const& entry) { return entry.second.expired(); });
            sweep_at_ = 2 * feeds_.size() + 16;
        }
        return made;
    }

    Processor* processor_;
    std::size_t most_;
    duration interval_;
    duration heartbeat_;
    std::shared_ptr<std::atomic<std::size_t>> streams_ = std::make_shared<std::atomic<std::size_t>>(0);
    std::mutex mutex_;
    std::unordered_map<JobId, std::weak_ptr<Feed>> feeds_;
    std::size_t sweep_at_ = 16;
};

}  // namespace batchpace::http::inline BATCHPACE_FLAVOUR::rest
