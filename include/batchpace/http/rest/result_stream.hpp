// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/asio.hpp>
#include <batchpace/http/body_stream.hpp>
#include <batchpace/item_result.hpp>
#include <batchpace/job_id.hpp>
#include <batchpace/job_progress.hpp>
#include <batchpace/json/dump.hpp>
#include <batchpace/json/item_result.hpp>
#include <batchpace/time.hpp>
#include <batchpace/timer_for.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <variant>

namespace batchpace::http::inline BATCHPACE_FLAVOUR::rest {

/// A job's results as lines of JSON, a page at a time, and on request those to come until the job has finished.
///
/// Everything happens on a strand of the processor's executor; every function may be called from any thread.
template <class Processor>
class ResultStream final : public BodyStream {
public:
    /// @param from     the number of the first result
    /// @param limit    so many at the most
    /// @param follow   goes on while the job runs
    /// @param interval while it follows, it looks no more often
    ResultStream(Processor& processor, JobId job, std::uint64_t from, std::uint64_t limit, bool follow,
                 duration interval)
        : state_{std::make_shared<State>(processor, job, from, limit, follow, interval)} {}
    ~ResultStream() override { ResultStream::stop(); }
    ResultStream(ResultStream const&) = delete;
    ResultStream& operator=(ResultStream const&) = delete;

    void next(Deliver deliver) override {
        net::post(state_->strand, [state = state_, deliver = std::move(deliver)]() mutable {
            state->owed = std::move(deliver);
            if (!state->waiting) state->serve();
        });
    }
    /// The rest may be long, and a client can ask for it by its number: it ends at the next page.
    void finish() override { stop(); }
    void stop() noexcept override {
        net::post(state_->strand, [state = state_] { state->end(); });
    }

private:
    using Strand = net::strand<net::any_io_executor>;

    struct State : std::enable_shared_from_this<State> {
        State(Processor& which, JobId of, std::uint64_t first, std::uint64_t most, bool go_on, duration every)
            : processor{&which},
              job{of},
              from{first},
              left{most},
              follow{go_on},
              interval{every},
              strand{net::any_io_executor{which.get_executor()}},
              pause{strand} {}

        static constexpr std::uint64_t page_size = 128;

        void serve() {
            if (!owed) return;
            if (ended || left == 0) return give({});
            try {
                // Asked for before the page: a result that comes between the two is a change that the watch sees.
                auto const progress = follow ? processor->progress(job, 0) : std::nullopt;
                auto const asked = static_cast<std::size_t>(std::min(left, page_size));
                auto const page = processor->results(job, from, asked);
                if (page.items.empty()) {
                    if (!progress || page.ended) return give({});
                    return wait(progress->version);
                }
                std::string lines;
                for (auto const& result : page.items) append(lines, result);
                from = page.next;
                left -= page.items.size();
                // So far: what ends while this is sent is not waited for.
                if (!follow && page.items.size() < asked) left = 0;
                give(std::move(lines));
            } catch (std::system_error const&) {  // forgotten meanwhile
                give({});
            }
        }

        static void append(std::string& lines, typename Processor::result_type const& result) {
            try {
                lines += dump(nlohmann::json(result));
            } catch (std::exception const& e) {
                // The host's own to_json threw: the item is told of all the same.
                ItemResult<std::monostate> bare;
                bare.item_id = result.item_id;
                bare.status = result.status;
                bare.attempts = result.attempts;
                bare.took = result.took;
                bare.finished_at = result.finished_at;
                bare.error = std::string{"the annotation cannot be written as JSON: "} + e.what();
                lines += dump(nlohmann::json(bare));
            }
            lines += '\n';
        }

        void wait(std::uint64_t version) {
            waiting = true;
            auto then = [self = this->shared_from_this()](net_error_code error, JobProgress) {
                if (error) self->ended = true;  // forgotten, the processor has gone, or nobody reads any more
                if (self->ended) return self->go_on();
                self->pause.expires_after(self->interval);
                self->pause.async_wait(net::bind_executor(self->strand, [self](net_error_code) { self->go_on(); }));
            };
            processor->async_watch(
                job, version,
                net::bind_cancellation_slot(stop_watching.slot(), net::bind_executor(strand, std::move(then))));
        }
        void go_on() {
            waiting = false;
            serve();
        }

        void end() {
            ended = true;
            if (waiting) {
                stop_watching.emit(net::cancellation_type::all);
                pause.cancel();
            } else {
                serve();
            }
        }

        void give(std::string piece) { std::exchange(owed, nullptr)(std::move(piece)); }

        Processor* processor;
        JobId job;
        std::uint64_t from;
        std::uint64_t left;
        bool follow;
        duration interval;
        Strand strand;
        timer_for<Strand> pause;
        net::cancellation_signal stop_watching;
        Deliver owed;
        bool waiting = false;
        bool ended = false;
    };

    std::shared_ptr<State> state_;
};

}  // namespace batchpace::http::inline BATCHPACE_FLAVOUR::rest
