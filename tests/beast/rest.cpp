// SPDX-License-Identifier: BSL-1.0
// The REST API behind the real server: several threads of loop and processor, and clients that do everything at once.
#include "support.hpp"

#include <batchpace/batch_processor.hpp>
#include <batchpace/http/rest_api.hpp>
#include <batchpace/sleep_for.hpp>

#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>

using namespace beast_test;
using nlohmann::json;

namespace {

using Annotate = std::function<boost::asio::awaitable<json>(std::string const&)>;
using Processor = batchpace::BatchProcessor<boost::asio::thread_pool::executor_type, batchpace::Unlimited, Annotate>;

std::string const api = "/api/batch/annotations";

/// An item takes a millisecond, "slow…" a minute.
boost::asio::awaitable<json> annotate(std::string const& id) {
    auto const time = id.starts_with("slow") ? batchpace::duration{60s} : batchpace::duration{1ms};
    co_await batchpace::sleep_for(time, boost::asio::use_awaitable);
    json made = id;
    co_return made;
}

/// Processor and server, each with threads of its own.
struct Whole {
    boost::asio::thread_pool pool{2};
    Processor processor{pool, batchpace::Unlimited{}, Annotate{annotate}};
    batchpace::http::RestApi<Processor> rest{processor, {.event_interval = 10ms}};
    Served served{rest, {}, 2};

    ~Whole() {
        served.stop(30s).wait();
        processor.async_shutdown(batchpace::ShutdownMode::cancel, 0s, boost::asio::use_future).wait();
    }

    std::string start(Client& client, int count, std::string const& begin = "image-") {
        json body = {{"concurrency", 4}, {"imageIds", json::array()}};
        for (int i = 0; i < count; ++i) body["imageIds"].push_back(begin + std::to_string(i));
        auto const text = body.dump();
        auto const answer =
            client.ask("POST " + api + "/start HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n" +
                       "Content-Length: " + std::to_string(text.size()) + "\r\n\r\n" + text);
        if (answer.status != 201)
            throw std::runtime_error{"start answered " + std::to_string(answer.status) + answer.body};
        return json::parse(answer.body).at("jobId");
    }
};

std::string of_job(std::string const& id, std::string_view what) {
    return get(api + '/' + id + '/' + std::string{what});
}
std::string cancelling(std::string const& id) {
    return "POST " + api + '/' + id + "/cancel HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n";
}

/// The names of a whole stream's events but `progress`, milestones as their percentage.
std::string told(std::string const& text) {
    std::string names;
    for (std::size_t at = 0; (at = text.find("event: ", at)) != std::string::npos; ++at) {
        auto const name = text.substr(at + 7, text.find('\n', at) - at - 7);
        auto const data =
            json::parse(text.substr(text.find("data: ", at) + 6, text.find("\n\n", at) - text.find("data: ", at) - 6));
        if (name == "milestone")
            names += std::to_string(data.at("percentage").get<int>()) + ' ';
        else if (name != "progress")
            names += name + ' ';
    }
    return names;
}

}  // namespace

TEST_CASE("clients that start, follow, poll, cancel and leave, all at once", "[beast][rest]") {
    Whole whole;
    std::atomic<int> wrong{0};
    std::atomic<int> followed{0};
    std::vector<std::thread> clients;
    for (int i = 0; i < 6; ++i)
        clients.emplace_back([&, i] {
            try {
                for (int round = 0; round < 8; ++round) {
                    auto client = whole.served.client();
                    auto const id = whole.start(client, 60);
                    auto listener = whole.served.client();
                    listener.send(of_job(id, "events"));
                    auto results = whole.served.client();
                    results.send(of_job(id, "results?follow=true"));
                    if ((i + round) % 3 == 1) {
                        auto leaves = whole.served.client();
                        leaves.send(of_job(id, "events"));
                        leaves.reset();
                        wrong += client.ask(of_job(id, "status")).status != 200;
                        listener.leave();
                        results.reset();
                        continue;
                    }
                    bool const cancels = (i + round) % 3 == 2;
                    if (cancels) {
                        auto const status = client.ask(cancelling(id)).status;
                        wrong += status != 200 && status != 409;
                    }
                    auto const events = told(listener.answer().body);
                    wrong += cancels
                                 ? !events.ends_with("finished ") || events.find("finished") != events.rfind("finished")
                                 : events != "25 50 75 100 finished ";
                    auto const lines = results.answer().body;
                    wrong += std::count(lines.begin(), lines.end(), '\n') != 60;
                    auto const status = json::parse(client.ask(of_job(id, "status")).body);
                    auto const& progress = status.at("progress");
                    wrong += progress.at("processed").get<int>() + status.at("cancelled").get<int>() != 60;
                    ++followed;
                }
            } catch (std::exception const& e) {
                std::fprintf(stderr, "%s\n", e.what());
                ++wrong;
            }
        });
    for (auto& client : clients) client.join();
    CHECK(wrong == 0);
    CHECK(followed > 20);
}

TEST_CASE("a server that stops tells the streams of its jobs", "[beast][rest]") {
    Whole whole;
    auto client = whole.served.client();
    auto const id = whole.start(client, 3, "slow-");
    auto listener = whole.served.client();
    listener.send(of_job(id, "events"));
    auto const head = listener.read_to("\r\n\r\n");
    CHECK(head.find("text/event-stream") != std::string::npos);
    auto const first = listener.chunk();
    REQUIRE(first);
    CHECK(first->find("event: progress") != std::string::npos);
    auto stopped = whole.served.stop(30s);
    std::string rest;
    for (auto piece = listener.chunk(); piece && !piece->empty(); piece = listener.chunk()) rest += *piece;
    CHECK(told(rest) == "closing ");
    CHECK(comes(stopped));
}

TEST_CASE("a client that leaves its event stream is noticed at once", "[beast][rest]") {
    Whole whole;
    auto client = whole.served.client();
    auto const id = whole.start(client, 3, "slow-");
    std::vector<Client> listeners;
    for (int i = 0; i < 50; ++i) {
        listeners.push_back(whole.served.client());
        listeners.back().send(of_job(id, "events"));
        listeners.back().read_to("\r\n\r\n");
    }
    CHECK(whole.served.server->connections() == 51);
    listeners.clear();
    CHECK(eventually([&] { return whole.served.server->connections() == 1; }));
    CHECK(client.ask(of_job(id, "status")).status == 200);
}

TEST_CASE("a start of a hundred thousand ids is answered, and its items are all there", "[beast][rest]") {
    Whole whole;
    auto client = whole.served.client();
    auto const id = whole.start(client, 100'000);
    auto const status = json::parse(client.ask(of_job(id, "status")).body);
    CHECK(status.at("progress").at("total") == 100'000);
    CHECK(client.ask(cancelling(id)).status == 200);
}
