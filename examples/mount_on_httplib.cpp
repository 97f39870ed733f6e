// SPDX-License-Identifier: BSL-1.0
// The REST API on a server that is not ours: cpp-httplib, which has a thread for each connection and knows no Asio. Any
// server will do that hands over a request's parts, and takes an answer's: `serve` below is all there is to it.
//
// Here it talks to itself: it starts a job and follows its events to the finish.
//
// Needs: batchpace::http PkgConfig::httplib
// Expected output: 25 % 50 % 75 % 100 % finished: 8 of 8
#include <batchpace/batchpace.hpp>
#include <batchpace/http/rest_api.hpp>

#include <asio.hpp>

#include <nlohmann/json.hpp>

#include <condition_variable>
#include <future>
#include <httplib.h>
#include <iostream>
#include <mutex>
#include <thread>

using namespace std::chrono_literals;
namespace http = batchpace::http;

//[stream
// A stream delivers its pieces whenever it has some, on any thread; httplib's thread waits for them.
class Pieces {
public:
    explicit Pieces(std::shared_ptr<http::BodyStream> stream) : stream_{std::move(stream)} {}
    ~Pieces() { stream_->stop(); }  // all has been sent, or the client has gone

    /// Sends the next piece; false where the client has gone.
    bool send_next(httplib::DataSink& sink) {
        auto const next = std::make_shared<Next>();  // a piece may come after this thread has left
        stream_->next([next](std::string piece) {
            std::lock_guard const lock{next->mutex};
            next->piece = std::move(piece);
            next->here.notify_one();
        });
        std::unique_lock lock{next->mutex};
        while (!next->here.wait_for(lock, 1s, [&] { return next->piece.has_value(); }))
            if (!sink.is_writable()) return false;
        if (next->piece->empty()) return sink.done(), true;
        return sink.write(next->piece->data(), next->piece->size());
    }

private:
    struct Next {
        std::mutex mutex;
        std::condition_variable here;
        std::optional<std::string> piece;
    };
    std::shared_ptr<http::BodyStream> stream_;
};
//]

//[serve
void serve(http::Handler const& api, httplib::Request const& from, httplib::Response& to) {
    http::Request request;
    request.method = from.method;
    request.target = from.target;
    request.body = http::Body{from.body};
    request.peer = from.remote_addr + ':' + std::to_string(from.remote_port);
    for (auto const& [name, value] : from.headers) request.fields.add(name, value);

    std::promise<http::Response> answered;
    api(std::move(request), [&](http::Response response) { answered.set_value(std::move(response)); });
    auto response = answered.get_future().get();

    to.status = response.status;
    std::string type;
    for (auto const& [name, value] : response.fields) {
        if (http::Fields::same(name, "Content-Type"))
            type = value;
        else
            to.set_header(name, value);
    }
    if (response.stream && from.method != "HEAD") {
        auto const pieces = std::make_shared<Pieces>(std::move(response.stream));
        to.set_chunked_content_provider(
            type, [pieces](std::size_t, httplib::DataSink& sink) { return pieces->send_next(sink); });
    } else if (!type.empty()) {
        to.set_content(std::move(response.body), type);
    }
}
//]

asio::awaitable<std::size_t> measure(std::string_view image) {
    auto const length = image.size();
    co_await batchpace::sleep_for(20ms, asio::use_awaitable);
    co_return length;
}

int main() {
    asio::io_context loop;
    batchpace::BatchProcessor processor{
        loop, batchpace::SlidingWindow{500, 1min}, measure, {.executor_is_serial = true}};
    http::RestApi const api{processor};
    auto const work = asio::make_work_guard(loop);
    std::thread jobs{[&] { loop.run(); }};

    httplib::Server server;
    server.new_task_queue = [] { return new httplib::ThreadPool{64}; };  // an event stream holds a thread
    server.set_payload_max_length(16 << 20);
    auto const handle = [&](httplib::Request const& from, httplib::Response& to) { serve(api, from, to); };
    server.Get(".*", handle).Post(".*", handle).Put(".*", handle).Patch(".*", handle).Delete(".*", handle);
    server.Options(".*", handle);
    auto const port = server.bind_to_any_port("127.0.0.1");
    std::thread listening{[&] { server.listen_after_bind(); }};

    httplib::Client client{"127.0.0.1", port};
    auto const started =
        client.Post("/api/batch/annotations/start",
                    R"({"imageIds": ["a", "b", "c", "d", "e", "f", "g", "h"], "concurrency": 2})", "application/json");
    auto const job = nlohmann::json::parse(started->body).at("jobId").get<std::string>();
    std::string events;  // not yet printed
    client.Get("/api/batch/annotations/" + job + "/events", [&](char const* data, std::size_t size) {
        events.append(data, size);
        for (std::size_t end; (end = events.find("\n\n")) != events.npos; events.erase(0, end + 2)) {
            auto const event = events.substr(0, end);
            if (event.find("data: ") == event.npos) continue;  // a comment: the stream is alive
            auto const told = nlohmann::json::parse(event.substr(event.find("data: ") + 6));
            if (event.find("event: milestone") != event.npos) std::cout << told.at("percentage") << " % ";
            if (event.find("event: finished") != event.npos)
                std::cout << "finished: " << told.at("progress").at("processed") << " of "
                          << told.at("progress").at("total") << '\n';
        }
        return true;
    });

    server.stop();
    listening.join();
    loop.stop();
    jobs.join();
}
