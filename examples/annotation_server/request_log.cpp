// SPDX-License-Identifier: BSL-1.0
#include "request_log.hpp"

#include "shown_target.hpp"

#include <nlohmann/json.hpp>

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace annotation_server {
namespace {

namespace http = batchpace::http;

/// A request that is being answered. It is logged once: by `end`, or at the latest when it is destroyed, since the
/// server answers 500 where a handler has thrown or forgotten a request.
class Entry {
public:
    Entry(Log const& log, http::Request const& request)
        : log_{log}, peer_{request.peer}, method_{request.method}, target_{shown_target(request.target)} {}
    Entry(Entry const&) = delete;
    Entry& operator=(Entry const&) = delete;
    ~Entry() { end(500, 0); }

    void end(int status, std::uint64_t bytes, bool is_whole = true) {
        if (ended_.exchange(true)) return;
        auto const level = status >= 500 ? LogLevel::warning : LogLevel::info;
        if (!log_.wants(level)) return;
        std::chrono::duration<double, std::milli> const took = std::chrono::steady_clock::now() - began_;
        nlohmann::ordered_json line{{"peer", peer_},     {"method", method_},
                                    {"target", target_}, {"status", status},
                                    {"bytes", bytes},    {"ms", std::round(took.count() * 1e3) / 1e3}};
        if (!is_whole) line["clientLeft"] = true;
        log_.write(level, "request", line);
    }

private:
    Log const& log_;
    std::string peer_, method_, target_;
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
    std::atomic<bool> ended_{false};
};

/// Counts what a stream has sent.
class LoggedStream final : public http::BodyStream, public std::enable_shared_from_this<LoggedStream> {
public:
    LoggedStream(std::shared_ptr<http::BodyStream> stream, std::shared_ptr<Entry> entry, int status)
        : stream_{std::move(stream)}, entry_{std::move(entry)}, status_{status} {}
    ~LoggedStream() override { entry_->end(status_, bytes_, false); }

    void next(Deliver deliver) override {
        stream_->next([self = shared_from_this(), deliver = std::move(deliver)](std::string piece) {
            self->bytes_ += piece.size();
            if (piece.empty()) self->entry_->end(self->status_, self->bytes_, !self->has_left_);
            deliver(std::move(piece));
        });
    }
    void finish() override { stream_->finish(); }
    void stop() noexcept override {
        has_left_ = true;
        stream_->stop();
    }

private:
    std::shared_ptr<http::BodyStream> stream_;
    std::shared_ptr<Entry> entry_;
    int status_;
    std::atomic<std::uint64_t> bytes_{0};
    std::atomic<bool> has_left_{false};
};

}  // namespace

http::Handler logged(http::Handler handler, Log const& log) {
    if (!log.wants(LogLevel::warning)) return handler;
    return [handler = std::move(handler), &log](http::Request request, http::Respond respond) {
        auto const entry = std::make_shared<Entry>(log, request);
        auto const is_head = request.method == "HEAD";
        handler(std::move(request), [entry, is_head, respond = std::move(respond)](http::Response response) {
            if (response.stream && !is_head)
                response.stream = std::make_shared<LoggedStream>(std::move(response.stream), entry, response.status);
            else
                entry->end(response.status, is_head ? 0 : response.body.size());
            respond(std::move(response));
        });
    };
}

}  // namespace annotation_server
