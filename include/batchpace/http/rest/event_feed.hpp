// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/asio.hpp>
#include <batchpace/http/body_stream.hpp>
#include <batchpace/http/detail/answers.hpp>
#include <batchpace/http/server_sent_event.hpp>
#include <batchpace/job_id.hpp>
#include <batchpace/job_progress.hpp>
#include <batchpace/json/dump.hpp>
#include <batchpace/json/milestone.hpp>
#include <batchpace/milestone.hpp>
#include <batchpace/time.hpp>
#include <batchpace/timer_for.hpp>

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace batchpace::http::inline BATCHPACE_FLAVOUR::rest {

/// One job's changes for all of its event streams: however many listen, the processor is asked once, and at most once
/// an interval. A listener pulls: one that does not read misses intermediate snapshots, no milestone and not the
/// finish, and costs no memory.
///
/// Everything happens on a strand of the processor's executor; every function may be called from any thread.
template <class Processor>
class EventFeed : public std::enable_shared_from_this<EventFeed<Processor>> {
public:
    using Strand = net::strand<net::any_io_executor>;

    /// Whoever hears the events. The feed's strand alone touches what is in it.
    struct Listener {
        Listener() = default;

        std::uint64_t seen = 0;  ///< all up to this version has been said
        BodyStream::Deliver owed;
        bool closing = false;
        bool ended = false;
        std::uint64_t place = 0;  ///< among the feed's listeners; 0: not there
    };

    EventFeed(Processor& processor, JobId job, duration interval, duration heartbeat)
        : processor_{&processor},
          job_{job},
          interval_{interval},
          heartbeat_{heartbeat},
          strand_{net::any_io_executor{processor.get_executor()}},
          pause_{strand_},
          beat_{strand_} {}

    /// The listener asks for its next piece; with the first it begins to listen.
    void next(std::shared_ptr<Listener> listener, BodyStream::Deliver deliver) {
        net::post(strand_, [self = this->shared_from_this(), listener = std::move(listener),
                            deliver = std::move(deliver)]() mutable {
            listener->owed = std::move(deliver);
            self->join(listener);
            self->serve(*listener);
        });
    }
    /// The listener is told that the server closes, after what it has not heard yet.
    void close(std::shared_ptr<Listener> listener) {
        net::post(strand_, [self = this->shared_from_this(), listener = std::move(listener)] {
            listener->closing = true;
            self->look_for_finish();
            self->serve(*listener);
        });
    }
    /// The listener has gone.
    void leave(std::shared_ptr<Listener> listener) {
        net::post(strand_, [self = this->shared_from_this(), listener = std::move(listener)] {
            self->end(*listener);
            if (auto const owed = std::exchange(listener->owed, nullptr)) owed({});
        });
    }

private:
    static constexpr std::size_t slice = 64;  // listeners served between two yields

    void join(std::shared_ptr<Listener> const& listener) {
        if (listener->place != 0 || listener->ended) return;
        listener->place = ++last_place_;
        listeners_.emplace(listener->place, listener);
        if (!watching_ && !pausing_ && !over_) watch();
        if (!beating_ && !over_) beat();
    }

    // ---- the job ------------------------------------------------------------------------------------------------

    void watch() {
        watching_ = true;
        auto changed = [self = this->shared_from_this()](net_error_code error, JobProgress progress) {
            self->watching_ = false;
            self->changed(error, std::move(progress));
        };
        processor_->async_watch(
            job_, version_,
            net::bind_cancellation_slot(stop_watching_.slot(), net::bind_executor(strand_, std::move(changed))));
    }

    // A job may have finished since the last snapshot was told. Then that is what is said last, not that the server
    // closes.
    void look_for_finish() {
        if (over_) return;
        auto progress = processor_->progress(job_);
        if (!progress || !progress->finished()) return;
        std::erase_if(progress->milestones, [this](Milestone const& m) { return m.version <= version_; });
        changed({}, *std::move(progress));
    }

    void changed(net_error_code error, JobProgress progress) {
        if (over_) return;
        if (error == net::error::operation_aborted) {
            if (!listeners_.empty()) watch();  // somebody came after the last had gone
            return;
        }
        if (error) return finish();  // forgotten, or the processor has gone
        version_ = progress.version;
        finished_ = progress.finished();
        milestones_.insert(milestones_.end(), progress.milestones.begin(), progress.milestones.end());
        progress.milestones = milestones_;  // a snapshot has all, as the status answer
        snapshot_ = detail::Answers::event(progress);
        known_ = true;
        if (finished_) return finish();
        serve_from(0);
        pausing_ = true;
        pause_.expires_after(interval_);
        pause_.async_wait(net::bind_executor(strand_, [self = this->shared_from_this()](net_error_code) {
            self->pausing_ = false;
            if (!self->listeners_.empty()) self->watch();
        }));
    }

    // There will be no news any more; whoever has not heard it all still can.
    void finish() {
        over_ = true;
        if (beating_) beat_.cancel();
        serve_from(0);
    }

    void beat() {
        beating_ = true;
        beat_.expires_after(heartbeat_);
        beat_.async_wait(net::bind_executor(strand_, [self = this->shared_from_this()](net_error_code error) {
            self->beating_ = false;
            if (self->over_ || self->listeners_.empty()) return;
            if (!error) self->serve_from(0, true);
            self->beat();
        }));
    }

    // ---- those who listen ---------------------------------------------------------------------------------------

    // The next few after that place, then the rest, so that a thousand of them do not hold up the loop.
    void serve_from(std::uint64_t place, bool with_beat = false) {
        std::vector<std::shared_ptr<Listener>> some;
        for (auto next = listeners_.upper_bound(place); next != listeners_.end() && some.size() < slice; ++next)
            some.push_back(next->second);
        if (some.empty()) return;
        auto const last = some.back()->place;
        for (auto const& listener : some) serve(*listener, with_beat);
        if (listeners_.upper_bound(last) == listeners_.end()) return;
        net::post(strand_, [self = this->shared_from_this(), last, with_beat] { self->serve_from(last, with_beat); });
    }

    void serve(Listener& listener, bool with_beat = false) {
        if (!listener.owed) return;
        std::string piece;
        if (!listener.ended) {
            if (known_) piece = news(listener);
            if (!listener.ended && (listener.closing || (over_ && !finished_))) {
                ServerSentEvent::append(piece, "closing", std::nullopt, "{}");
                end(listener);
            }
            if (piece.empty() && with_beat) piece = ServerSentEvent::heartbeat;
            if (piece.empty() && !listener.ended) return;
        }
        // An empty piece is the end. Who ends with something still to say is asked for once more.
        auto const owed = std::exchange(listener.owed, nullptr);
        owed(std::move(piece));
    }

    // What the listener has not heard. Where events share a version only the last has it for its id: who comes back
    // with that id has heard them all.
    std::string news(Listener& listener) {
        std::string piece;
        auto const more = finished_ || version_ > listener.seen;
        for (std::size_t i = 0; i < milestones_.size(); ++i) {
            auto const& m = milestones_[i];
            if (m.version <= listener.seen) continue;
            auto const shared =
                i + 1 < milestones_.size() ? milestones_[i + 1].version == m.version : more && version_ == m.version;
            nlohmann::json data = m;
            data["jobId"] = job_;
            ServerSentEvent::append(piece, "milestone", shared ? std::nullopt : std::optional{m.version}, dump(data));
        }
        if (!more) return piece;
        ServerSentEvent::append(piece, finished_ ? "finished" : "progress", version_, snapshot_);
        listener.seen = version_;
        if (finished_) end(listener);
        return piece;
    }

    void end(Listener& listener) {
        listener.ended = true;
        if (listeners_.erase(std::exchange(listener.place, 0)) == 0) return;
        if (!listeners_.empty()) return;
        if (watching_) stop_watching_.emit(net::cancellation_type::all);
        if (beating_) beat_.cancel();
    }

    Processor* processor_;
    JobId job_;
    duration interval_;
    duration heartbeat_;
    Strand strand_;
    timer_for<Strand> pause_;
    timer_for<Strand> beat_;
    net::cancellation_signal stop_watching_;
    std::map<std::uint64_t, std::shared_ptr<Listener>> listeners_;
    std::uint64_t last_place_ = 0;

    std::uint64_t version_ = 0;
    std::vector<Milestone> milestones_;  // all of them, at most four
    std::string snapshot_;               // the job at `version_`, as JSON
    bool known_ = false;                 // there has been one
    bool finished_ = false;
    bool over_ = false;  // nothing will come any more
    bool watching_ = false;
    bool pausing_ = false;
    bool beating_ = false;
};

}  // namespace batchpace::http::inline BATCHPACE_FLAVOUR::rest
