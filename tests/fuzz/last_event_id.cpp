// SPDX-License-Identifier: BSL-1.0
// Any bytes as Last-Event-ID: the client hears what came after that version, once and in order, and nothing else.
// The first byte draws which job is asked for: one that has finished, or one that is paused half-way.
#include <batchpace/batch_processor.hpp>
#include <batchpace/http/rest_api.hpp>
#include <batchpace/http/server_sent_event.hpp>
#include <batchpace/policy/unlimited.hpp>
#include <batchpace/sleep_for.hpp>
#include <batchpace/testing/simulation.hpp>

#include <asio/use_awaitable.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace batchpace;
using namespace batchpace::http;
using namespace std::chrono_literals;

namespace {

void promise(bool kept, char const* what) {
    if (kept) return;
    std::fprintf(stderr, "broken: %s\n", what);
    std::abort();
}

asio::awaitable<int> annotate(std::string const&) {
    co_await sleep_for(1s, asio::use_awaitable);
    co_return 1;
}

struct Heard {
    std::string event;          // as it was sent
    std::uint64_t version = 0;  // its id, or that of the next event which has one
    friend bool operator==(Heard const&, Heard const&) = default;
};

struct Service {
    Service() {
        finished = start();
        sim.run();
        halfway = start();
        sim.run_for(1500ms);
        processor.pause(*JobId::parse(halfway));
        sim.run();
        finished_events = listen(finished, std::nullopt).value();
        halfway_events = listen(halfway, std::nullopt).value();
        promise(finished_events.size() == 5, "four milestones and the finish");
        promise(halfway_events.size() == 3, "two milestones and where it is");
    }

    std::string start() { return processor.start_batch({"a", "b", "c", "d"}, {.concurrency = 1}).to_string(); }

    // What a client hears without waiting for anything new; nullopt for 204.
    std::optional<std::vector<Heard>> listen(std::string const& job, std::optional<std::string> last_id) {
        Request request;
        request.method = "GET";
        request.target = "/api/batch/annotations/" + job + "/events";
        if (last_id) request.fields.add("Last-Event-ID", *std::move(last_id));
        Response answer;
        api(std::move(request), [&](Response r) { answer = std::move(r); });
        if (answer.status == 204) return std::nullopt;
        promise(answer.status == 200 && answer.stream, "it is a stream");
        std::string text;
        bool owed = false, ended = false;
        for (int asked = 0; asked < 10 && !owed && !ended; ++asked) {
            owed = true;
            answer.stream->next([&](std::string piece) {
                owed = false;
                ended = piece.empty();
                text += piece;
            });
            sim.run_for(1ms);
        }
        answer.stream->stop();
        sim.run_for(1ms);
        promise(!owed, "whoever stops is owed nothing");
        return events_of(text);
    }

    static std::vector<Heard> events_of(std::string_view text) {
        std::vector<Heard> all;
        while (!text.empty()) {
            auto const end = text.find("\n\n");
            promise(end != text.npos, "events are whole");
            std::string event{text.substr(0, end)};
            text.remove_prefix(end + 2);
            if (event == ":") continue;
            std::uint64_t const id = event.starts_with("id: ") ? std::strtoull(event.c_str() + 4, nullptr, 10) : 0;
            all.push_back({std::move(event), id});
        }
        for (auto i = all.size(); i-- > 1;)
            if (all[i - 1].version == 0) all[i - 1].version = all[i].version;
        return all;
    }

    testing::Simulation sim{1};
    BatchProcessor<testing::Simulation::executor_type, Unlimited, decltype(&annotate)> processor{
        sim.get_executor(), Unlimited{}, annotate, {}, Hooks{}.random_seed(1)};
    RestApi<decltype(processor)> api{processor};
    std::string finished, halfway;
    std::vector<Heard> finished_events, halfway_events;
};

// A decimal number and nothing else, as a person would read it.
std::optional<std::uint64_t> number(std::string_view text) {
    if (text.empty()) return std::nullopt;
    std::uint64_t n = 0;
    for (char const c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        auto const digit = static_cast<std::uint64_t>(c - '0');
        if (n > (UINT64_MAX - digit) / 10) return std::nullopt;
        n = n * 10 + digit;
    }
    return n;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    // Virtual time goes on with each input; a new service, before the jobs are too old to be kept.
    static std::unique_ptr<Service> service;
    static int inputs = 0;
    if (inputs++ % 10'000 == 0) service = std::make_unique<Service>();
    if (size == 0) return 0;
    auto const is_finished = data[0] % 2 == 0;
    std::string const text{reinterpret_cast<char const*>(data) + 1, size - 1};

    promise(ServerSentEvent::id_of(text) == number(text), "an id is a decimal number that fits");
    auto const& all = is_finished ? service->finished_events : service->halfway_events;
    auto const newest = all.back().version;
    auto seen = number(text).value_or(0);
    auto const heard = service->listen(is_finished ? service->finished : service->halfway, text);
    promise(!heard == (is_finished && seen == newest), "204 only to who has heard the finish");
    if (!heard) return 0;
    if (seen > newest) seen = 0;  // of another life of the service
    auto expected = all;
    std::erase_if(expected, [&](Heard const& h) { return h.version <= seen; });
    promise(*heard == expected, "what came after that version, and nothing else");
    return 0;
}
