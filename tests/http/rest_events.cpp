// SPDX-License-Identifier: BSL-1.0
// Heard streams and streamed results: who listens hears every milestone and the finish once, in order, however it
// reads, comes back or leaves.
#include "ask.hpp"

#include <algorithm>

using namespace http_test;

namespace {

/// A client of an event stream.
struct Client {
    Client(Service& s, std::string const& id, std::optional<std::uint64_t> last = std::nullopt) {
        Fields fields;
        if (last) fields.add("Last-Event-ID", std::to_string(*last));
        response = s.head("GET", '/' + id + "/events", {}, fields);
        reader.stream = response.stream;
    }
    /// Asks as often as there is something to be had, for that long.
    void listen(Service& s, duration time) {
        for (auto const end = s.sim.now() + time; s.sim.now() < end && !reader.ended;) {
            reader.ask();
            s.sim.run_for(5ms);
        }
    }
    std::vector<Heard> events() const { return events_of(reader.text); }
    std::vector<int> milestones() const {
        std::vector<int> passed;
        for (auto const& e : events())
            if (e.name == "milestone") passed.push_back(e.data.at("percentage"));
        return passed;
    }
    long count(std::string_view name) const {
        auto const all = events();
        return std::count_if(all.begin(), all.end(), [&](Heard const& e) { return e.name == name; });
    }

    Response response;
    Reader reader;
};

}  // namespace

TEST_CASE("an event stream tells of progress, of every milestone, and of the finish last", "[http][events]") {
    Service s;
    auto const id = s.start(ids(400), {{"concurrency", 2}});
    auto const r = s.ask("GET", '/' + id + "/events");
    CHECK(r.status == 200);
    CHECK(r.fields.find("Content-Type") == "text/event-stream");
    CHECK(r.fields.find("Cache-Control") == "no-store");
    auto const events = events_of(r.body);
    REQUIRE(events.size() > 6);
    std::vector<int> milestones;
    std::uint64_t last_id = 0;
    int last_processed = 0;
    for (auto const& e : events) {
        if (e.id) {
            CHECK(*e.id > last_id);
            last_id = *e.id;
        }
        if (e.name == "milestone") {
            milestones.push_back(e.data.at("percentage"));
            CHECK(e.data.at("jobId") == id);
            CHECK(e.data.at("total") == 400);
            CHECK(e.data.size() == 5);
        } else {
            CHECK(!e.data.contains("errors"));
            CHECK(e.data.at("jobId") == id);
            CHECK(e.data.at("progress").at("processed").get<int>() >= last_processed);
            last_processed = e.data.at("progress").at("processed");
        }
    }
    CHECK(milestones == std::vector{25, 50, 75, 100});
    CHECK(events.back().name == "finished");
    CHECK(events.back().data.at("status") == "completed");
    CHECK(std::count_if(events.begin(), events.end(), [](Heard const& e) { return e.name == "finished"; }) == 1);
}

TEST_CASE("progress comes ten times a second at the most", "[http][events]") {
    Service s;
    auto const id = s.start(ids(1'000), {{"concurrency", 1}});  // 10 s, a change every 10 ms
    Client client{s, id};
    client.listen(s, 4s);
    CHECK(client.count("progress") <= 41);
    CHECK(client.count("progress") >= 25);
}

TEST_CASE("a client that comes late hears all milestones, one that comes back only what it missed", "[http][events]") {
    Service s;
    auto const id = s.start(ids(400), {{"concurrency", 2}});
    s.sim.run_for(1'100ms);  // beyond the half
    Client late{s, id};
    late.listen(s, 200ms);
    CHECK(late.milestones() == std::vector{25, 50});
    auto const seen = late.events().back().id;
    REQUIRE(seen);
    late.response.stream->stop();
    s.sim.run_for(500ms);
    Client again{s, id, *seen};
    again.listen(s, 10s);
    CHECK(again.milestones() == std::vector{75, 100});
    CHECK(again.count("finished") == 1);
    CHECK(again.reader.ended);
    // It has heard the finish: it need not come again.
    Client over{s, id, *again.events().back().id};
    CHECK(over.response.status == 204);
    CHECK(!over.response.stream);
}

TEST_CASE("wherever a stream is cut off and resumed, nothing is lost and nothing comes twice", "[http][events]") {
    Service s;
    auto const id = s.start(ids(200), {{"concurrency", 4}});
    std::vector<int> milestones;
    int finished = 0;
    std::optional<std::uint64_t> last;
    for (int connection = 0; connection < 500 && finished == 0; ++connection) {
        Client client{s, id, last};
        REQUIRE(client.response.status == 200);
        client.reader.ask();
        s.sim.run_for(20ms);
        for (auto const& e : client.events()) {
            if (e.name == "milestone") milestones.push_back(e.data.at("percentage"));
            if (e.name == "finished") ++finished;
            if (e.id) last = e.id;
            // The connection is lost after its first event with an id, as the next would have come.
            if (e.id) break;
        }
    }
    CHECK(finished == 1);
    CHECK(milestones == std::vector{25, 50, 75, 100});
    REQUIRE(last);
    CHECK(Client(s, id, *last).response.status == 204);
}

TEST_CASE("events of one version share its id: only the last has it", "[http][events]") {
    // All four milestones and the finish at one time.
    Service s{{}, {}, 1, [](std::string const&, Attempt const&) -> asio::awaitable<Outcome<json>> {
                  co_await sleep_for(1s, asio::use_awaitable);
                  json made = 1;
                  Outcome<json> done{made};
                  co_return done;
              }};
    auto const id = s.start(ids(4), {{"concurrency", 4}});
    auto const events = events_of(s.ask("GET", '/' + id + "/events").body);
    std::vector<std::uint64_t> given;
    for (auto const& e : events)
        if (e.id) given.push_back(*e.id);
    CHECK(std::is_sorted(given.begin(), given.end()));
    CHECK(std::adjacent_find(given.begin(), given.end()) == given.end());
    CHECK(events.back().id);
    CHECK(events.back().name == "finished");
}

TEST_CASE("an id that is none of ours begins at the beginning", "[http][events]") {
    Service s;
    auto const id = s.start({"a"});
    s.sim.run();
    for (std::string const last : {"", "x", "-1", "1e9", "99999999999999999999", "18446744073709551614", "7 "}) {
        CAPTURE(last);
        auto const r = s.ask("GET", '/' + id + "/events", {}, {{"Last-Event-ID", last}});
        CHECK(r.status == 200);
        CHECK(events_of(r.body).back().name == "finished");
    }
}

TEST_CASE("a thousand streams of one job each hear every milestone and the finish once", "[http][events]") {
    Service s;
    auto const id = s.start(ids(400), {{"concurrency", 2}});
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 1'000; ++i) clients.push_back(std::make_unique<Client>(s, id));
    for (int turn = 0; turn < 1'000; ++turn) {
        for (auto& client : clients) client->reader.ask();
        s.sim.run_for(50ms);
        if (std::all_of(clients.begin(), clients.end(), [](auto const& c) { return c->reader.ended; })) break;
    }
    int wrong = 0;
    for (auto const& client : clients)
        wrong += !(client->milestones() == std::vector{25, 50, 75, 100} && client->count("finished") == 1 &&
                   client->reader.ended);
    CHECK(wrong == 0);
}

TEST_CASE("a client that does not read misses snapshots, no milestone and not the finish", "[http][events]") {
    Service s;
    auto const id = s.start(ids(400), {{"concurrency", 2}});
    Client client{s, id};
    client.reader.ask();
    s.sim.run_for(10ms);
    s.sim.run();  // it has read one piece, and reads on when all is over
    client.listen(s, 1s);
    CHECK(client.milestones() == std::vector{25, 50, 75, 100});
    CHECK(client.count("finished") == 1);
    CHECK(client.events().size() <= 7);
    CHECK(client.reader.ended);
}

TEST_CASE("a quiet stream is kept open by comments", "[http][events]") {
    Service s;
    auto const id = s.start(ids(3, "slow"), {{"concurrency", 1}});
    s.ask("POST", '/' + id + "/pause");
    s.sim.run_for(31s);  // what ran has ended
    Client client{s, id};
    client.listen(s, 300s);
    std::size_t beats = 0;
    for (std::size_t at = 0; (at = client.reader.text.find(":\n\n", at)) != std::string::npos; ++at) ++beats;
    CHECK(beats >= 15);
    CHECK(beats <= 20);
}

TEST_CASE("when the server stops, a stream says so and ends", "[http][events]") {
    Service s;
    auto const id = s.start(ids(3, "slow"));
    Client client{s, id};
    client.listen(s, 200ms);
    client.reader.ask();
    s.sim.run_for(1s);
    client.response.stream->finish();
    client.listen(s, 1s);
    CHECK(client.events().back().name == "closing");
    CHECK(!client.events().back().id);
    CHECK(client.reader.ended);
}

TEST_CASE("when the server stops, a finish that nobody was told of yet is said instead", "[http][events]") {
    Service s;
    auto const id = s.start({"image"});
    Client client{s, id};
    client.listen(s, 5ms);
    REQUIRE(client.count("progress") == 1);
    client.reader.ask();
    s.sim.run_for(30ms);  // finished, but the next event is not due
    REQUIRE(client.count("finished") == 0);
    client.response.stream->finish();
    client.listen(s, 20ms);
    CHECK(client.events().back().name == "finished");
    CHECK(client.count("milestone") == 4);
    CHECK(client.count("closing") == 0);
    CHECK(client.reader.ended);
}

TEST_CASE("a client that leaves is forgotten, and owed pieces are given", "[http][events]") {
    Service s;
    auto const id = s.start(ids(3, "slow"), {{"concurrency", 1}});
    s.ask("POST", '/' + id + "/pause");
    s.sim.run_for(40s);
    {
        Client client{s, id};
        client.listen(s, 200ms);
        client.reader.ask();
        s.sim.run_for(10ms);
        REQUIRE(client.reader.asked);
        client.response.stream->stop();
        s.sim.run_for(10ms);
        CHECK(client.reader.ended);
    }
    // Nothing of it is left to wake the loop: no watch, no heartbeat.
    auto const before = s.sim.now();
    s.sim.run();
    CHECK(s.sim.now() - before < 1s);
    // And somebody else may listen.
    Client other{s, id};
    other.listen(s, 200ms);
    CHECK(other.count("progress") == 1);
}

TEST_CASE("a loop whose last listener has left has nothing to wait for", "[http][events]") {
    asio::io_context loop;
    BatchProcessor processor{loop, Unlimited{}, usual()};
    http::RestApi api{processor};
    auto const id = processor.start_batch(ids(3));
    processor.pause(id);
    for (std::string const path : {"/events", "/results?follow=true"}) {
        Request request;
        request.method = "GET";
        request.target = "/api/batch/annotations/" + id.to_string() + path;
        std::shared_ptr<http::BodyStream> stream;
        api(std::move(request), [&](Response response) { stream = response.stream; });
        REQUIRE(stream);
        Reader reader;
        reader.stream = stream;
        reader.ask();
        while (reader.asked && loop.run_one_for(200ms) > 0) {
        }
        reader.ask();
        loop.run_for(200ms);  // now it waits for a change
        REQUIRE(reader.asked);
        CHECK(!loop.stopped());
        stream->stop();
        loop.run_for(10s);  // it returns at once
        CHECK(loop.stopped());
        CHECK(reader.ended);
        loop.restart();
    }
}

TEST_CASE("a stream that is dropped without a word leaves nothing behind", "[http][events]") {
    Service s{{.max_event_streams = 2}};
    auto const id = s.start(ids(3, "slow"), {{"concurrency", 1}});
    for (int i = 0; i < 10; ++i) {
        auto one = s.head("GET", '/' + id + "/events");
        auto two = s.head("GET", '/' + id + "/events");
        REQUIRE(one.stream);
        REQUIRE(two.stream);
        Reader reader;
        reader.stream = one.stream;
        reader.ask();
        s.sim.run_for(1ms);
        auto const third = s.ask("GET", '/' + id + "/events");
        CHECK(third.status == 503);
        CHECK(kind(third) == "too-many-streams");
        CHECK(third.fields.find("Retry-After") == "5");
    }
}

TEST_CASE("a job that is forgotten while somebody listens ends the stream", "[http][events]") {
    Service s{{}, {.retain_finished = 0}};
    auto const id = s.start(ids(100), {{"concurrency", 1}});
    Client client{s, id};
    client.listen(s, 60s);
    CHECK(client.reader.ended);
    CHECK(client.count("finished") + client.count("closing") == 1);
}

TEST_CASE("a cancelled job's stream finishes when its last attempt has ended", "[http][events]") {
    Service s;
    auto const id = s.start(ids(20, "slow"));
    Client client{s, id};
    client.listen(s, 1s);
    s.ask("POST", '/' + id + "/cancel");
    client.listen(s, 60s);
    CHECK(client.reader.ended);
    CHECK(client.events().back().name == "finished");
    CHECK(client.events().back().data.at("status") == "cancelled");
}

TEST_CASE("results are one line for each item that has ended, in the order of ending", "[http][results]") {
    Service s;
    auto names = ids(1'000);
    names[17] = "bad";
    auto const id = s.start(names, {{"concurrency", 3}});
    s.sim.run();
    auto const r = s.ask("GET", '/' + id + "/results");
    CHECK(r.status == 200);
    CHECK(r.fields.find("Content-Type") == "application/x-ndjson");
    CHECK(r.fields.find("Results-From") == "0");
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < r.body.size();) {
        auto const end = r.body.find('\n', at);
        REQUIRE(end != std::string::npos);
        lines.push_back(r.body.substr(at, end - at));
        at = end + 1;
    }
    REQUIRE(lines.size() == 1'000);
    std::vector<std::string> seen;
    int failed = 0;
    std::string last;
    for (auto const& line : lines) {
        auto const j = json::parse(line);
        seen.push_back(j.at("itemId"));
        if (j.at("status") == "failed") {
            ++failed;
            CHECK(j.at("itemId") == "bad");
            CHECK(j.at("error") == "Invalid image");
            CHECK(!j.contains("annotation"));
        } else {
            CHECK(j.at("annotation") == json{{"name", j.at("itemId")}});
        }
        CHECK(j.at("finishedAt").get<std::string>() >= last);
        last = j.at("finishedAt");
    }
    CHECK(failed == 1);
    std::sort(seen.begin(), seen.end());
    std::sort(names.begin(), names.end());
    CHECK(seen == names);
    // A part of them, by number.
    auto const part = s.ask("GET", '/' + id + "/results?after=300&limit=400").body;
    CHECK(std::count(part.begin(), part.end(), '\n') == 400);
    CHECK(part.starts_with(lines[300]));
    CHECK(s.ask("GET", '/' + id + "/results?after=5000").body.empty());
    CHECK(kind(s.ask("GET", '/' + id + "/results?after=x&limit=0&follow=perhaps")) == "invalid-query");
}

TEST_CASE("results of a running job are those so far, or all if they are followed", "[http][results]") {
    Service s;
    auto const id = s.start(ids(300), {{"concurrency", 3}});
    s.sim.run_for(500ms);
    auto const now = s.ask("GET", '/' + id + "/results").body;
    auto const some = std::count(now.begin(), now.end(), '\n');
    CHECK(some > 100);
    CHECK(some < 200);
    auto const all = s.ask("GET", '/' + id + "/results?follow=true&after=" + std::to_string(some)).body;
    CHECK(std::count(all.begin(), all.end(), '\n') + some == 300);
}

TEST_CASE("results that were dropped are told of by their number", "[http][results]") {
    Service s{{.defaults = {.keep_results = 10}}};
    auto const id = s.start(ids(200), {{"concurrency", 1}});
    s.sim.run();
    auto const r = s.ask("GET", '/' + id + "/results");
    auto const from = std::stoull(std::string{*r.fields.find("Results-From")});
    CHECK(from > 0);
    CHECK(std::count(r.body.begin(), r.body.end(), '\n') == static_cast<long>(200 - from));
}

TEST_CASE("a follower of a job that is forgotten ends", "[http][results]") {
    Service s;
    auto const id = s.start(ids(3, "slow"), {{"concurrency", 1}});
    s.sim.run_for(1s);
    auto const r = s.head("GET", '/' + id + "/results?follow=true");
    Reader reader;
    reader.stream = r.stream;
    reader.ask();
    s.sim.run_for(1s);
    s.processor.async_shutdown(ShutdownMode::park, 0s, [](net_error_code, ShutdownReport) {});
    for (int i = 0; i < 100 && !reader.ended; ++i) {
        reader.ask();
        s.sim.run_for(1s);
    }
    CHECK(reader.ended);
}

TEST_CASE("a follower that leaves, or whose server stops, lets go of the job", "[http][results]") {
    Service s;
    auto const id = s.start(ids(3, "slow"), {{"concurrency", 1}});
    s.ask("POST", '/' + id + "/pause");
    s.sim.run_for(60s);
    for (bool const server : {true, false}) {
        auto const r = s.head("GET", '/' + id + "/results?follow=true");
        Reader reader;
        reader.stream = r.stream;
        for (int i = 0; i < 5; ++i) {
            reader.ask();
            s.sim.run_for(50ms);
        }
        CHECK(reader.asked);
        if (server)
            r.stream->finish();
        else
            r.stream->stop();
        s.sim.run_for(1ms);
        CHECK(reader.ended);
        auto const before = s.sim.now();
        s.sim.run();
        CHECK(s.sim.now() - before < 1s);
    }
}
