// SPDX-License-Identifier: BSL-1.0
// Any requests to a RestApi, one after the other, in virtual time: each is answered once, with a status of ours; what
// is JSON parses, problems are complete, streams consist of events and lines; no tenant sees another's job; nothing is
// thrown, and nothing grows.
//
// The first byte draws how the service is set up. Then come requests, a zero byte between two: the method and the
// target on a line, fields on a line each, an empty line, the body. "{2}" in a target is the id of the third job that
// was started. A line "wait 500" lets half a second pass instead, "read 3" reads as many pieces of the last stream,
// "finish" and "stop" end it.
#include <batchpace/batch_processor.hpp>
#include <batchpace/http/problem.hpp>
#include <batchpace/http/rest_api.hpp>
#include <batchpace/policy/sliding_window.hpp>
#include <batchpace/sleep_for.hpp>
#include <batchpace/testing/simulation.hpp>

#include <asio/use_awaitable.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

using namespace batchpace;
using namespace batchpace::http;
using namespace std::chrono_literals;
using batchpace::testing::Simulation;
using nlohmann::json;

namespace {

// What the service may hold and say at the most, under the options below.
constexpr std::size_t most_body = 64 << 10;
constexpr std::size_t most_bytes_of_a_stream = 256 << 10;

void promise(bool kept, char const* what) {
    if (kept) return;
    std::fprintf(stderr, "broken: %s\n", what);
    std::abort();
}

json parsed(std::string_view text, char const* what) {
    auto document = json::parse(text, nullptr, false);
    promise(!document.is_discarded(), what);
    return document;
}

// ---- the service ----------------------------------------------------------------------------------------------------

asio::awaitable<Outcome<json>> annotate(std::string const& id) {
    co_await sleep_for(id.starts_with("slow") ? duration{10s} : duration{10ms}, asio::use_awaitable);
    if (id.starts_with("bad")) {
        Outcome<json> failed = Failure::permanent("bad \xff text\n");
        co_return failed;
    }
    json made = {{"name", id}};
    Outcome<json> done{made};
    co_return done;
}

std::variant<Caller, Response> by_key(Request const& request) {
    auto const key = request.fields.find("Authorization").value_or("");
    if (key.empty()) return Problem{401, "unauthorized", "A key is needed"}.response();
    return Caller{std::string{key}, key.size() % 2 == 0 ? std::optional{Tier::free()} : std::nullopt};
}

RestOptions options_of(std::uint8_t draw) {
    RestOptions o;
    o.max_body_bytes = 2'000;
    o.start = {.max_items = 30, .max_id_length = 40, .max_label_length = 20, .max_key_length = 20};
    o.max_event_streams = 2;
    if ((draw & 1) != 0) o.authorize = by_key;
    if ((draw & 2) != 0) o.metrics = [] { return std::string{"batchpace_up 1\n"}; };
    if ((draw & 4) != 0) o.origins.hosts = {"localhost", "[::1]"};
    if ((draw & 8) != 0) o.origins.origins = {"https://app.example"};
    if ((draw & 16) != 0) o.prefix = "/";
    if ((draw & 32) != 0) o.defaults.keep_results = 5;
    if ((draw & 64) != 0) o.defaults.keep_errors = 2;
    return o;
}

struct Service {
    explicit Service(std::uint8_t draw)
        : sim{1},
          processor{sim,
                    SlidingWindow{100, 1min},
                    annotate,
                    {.max_active_jobs = 3, .retain_finished = 4},
                    Hooks{}.random_seed(1)},
          api{processor, options_of(draw)} {}

    using Processor = BatchProcessor<Simulation::executor_type, SlidingWindow, decltype(&annotate)>;

    Simulation sim;
    Processor processor;
    RestApi<Processor> api;
};

// ---- answers --------------------------------------------------------------------------------------------------------

void check_problem(Response const& r) {
    static std::set<std::pair<int, std::string>> const known{
        {400, "malformed-request"},      {400, "invalid-query"},  {401, "unauthorized"},
        {403, "cross-origin"},           {404, "unknown-path"},   {404, "unknown-job"},
        {405, "method-not-allowed"},     {409, "job-finished"},   {409, "job-active"},
        {409, "nothing-to-retry"},       {413, "body-too-large"}, {413, "too-many-items"},
        {415, "unsupported-media-type"}, {421, "wrong-host"},     {422, "invalid-request"},
        {422, "duplicate-item"},         {429, "too-many-jobs"},  {503, "too-many-streams"}};
    promise(r.fields.find("Content-Type") == "application/problem+json", "a refusal is a problem document");
    auto const p = parsed(r.body, "a problem document is JSON");
    auto const type = p.at("type").get<std::string>();
    std::string_view constexpr urn = "urn:batchpace:problem:";
    promise(type.starts_with(urn), "a problem has a type of ours");
    promise(known.contains({r.status, type.substr(urn.size())}), "a problem has a known name, and its status");
    promise(p.at("status") == r.status && !p.at("title").get<std::string>().empty(), "a problem is complete");
    if (p.contains("errors")) {
        auto const count = p["errors"].size();
        promise(count <= 100 && count <= p.at("errorCount"), "errors are bounded and counted");
        for (auto const& e : p["errors"])
            promise(!e.at("message").get<std::string>().empty() && e.at("field").is_string(), "an error says what");
    }
    promise(!type.ends_with("invalid-query") || p.contains("errors"), "what is wrong with a query is named");
    promise(!type.ends_with("job-finished") || p.contains("message"), "a finished job has a message");
    promise(r.status != 405 || r.fields.find("Allow").has_value(), "405 says what is allowed");
    promise((r.status != 429 && r.status != 503) || r.fields.find("Retry-After").has_value(), "come back when?");
}

// The counts of a job add up, wherever a job is shown.
void check_job(json const& j) {
    auto const& p = j.at("progress");
    auto const n = [](json const& count) { return count.get<std::uint64_t>(); };
    promise(n(p.at("processed")) == n(p.at("successful")) + n(p.at("failed")), "processed adds up");
    if (!j.contains("waiting")) return;
    promise(n(p.at("total")) == n(j.at("waiting")) + n(j.at("inFlight")) + n(j.at("retrying")) + n(p.at("processed")) +
                                    n(j.at("cancelled")),
            "the total adds up");
    if (j.contains("errors"))
        promise(j["errors"].size() <= n(j.at("errorCount")) &&
                    j.at("errorsTruncated") == (j["errors"].size() < n(j["errorCount"])),
                "errors are counted");
}

void check(Response const& r) {
    static std::set<int> const known{200, 201, 204, 400, 401, 403, 404, 405, 409, 413, 415, 421, 422, 429, 503};
    promise(known.contains(r.status), "the status is one of ours");
    promise(r.body.size() <= most_body, "an answer is of bounded length");
    promise(r.fields.find("Cache-Control") == "no-store", "nothing is kept by caches");
    promise(r.fields.find("X-Content-Type-Options") == "nosniff", "nothing is guessed");
    for (auto const& [name, value] : r.fields) {
        auto const plain = [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; };
        promise(std::all_of(name.begin(), name.end(), plain) && std::all_of(value.begin(), value.end(), plain),
                "no field can break out of its line");
        promise(r.fields.count(name) == 1, "a field is there once");
    }
    if (r.status >= 400) return check_problem(r);
    promise((r.status == 201) == r.fields.find("Location").has_value(), "201 says where");
    if (r.status == 204) return promise(r.body.empty() && !r.stream, "204 has no body");
    if (r.stream || r.fields.find("Content-Type") != "application/json") return;
    auto const j = parsed(r.body, "an answer is JSON");
    if (j.contains("progress")) check_job(j);
    if (j.contains("jobs"))
        for (auto const& job : j["jobs"])
            if (job.contains("progress")) check_job(job);
}

// ---- streams --------------------------------------------------------------------------------------------------------

struct Reading {
    explicit Reading(Response const& r)
        : stream{r.stream}, events{r.fields.find("Content-Type") == "text/event-stream"} {}

    void piece(std::string text) {
        owed = false;
        promise(!ended, "nothing comes after the end");
        ended = text.empty();
        bytes += text.size();
        promise(bytes <= most_bytes_of_a_stream, "a stream is bounded");
        promise(ended || text.ends_with('\n'), "a piece is whole lines");
        if (ended) return;
        if (!events) return check_lines(text);
        promise(text.ends_with("\n\n"), "a piece is whole events");
        while (!text.empty()) {
            auto const end = text.find("\n\n");
            check_event(text.substr(0, end));
            text.erase(0, end + 2);
        }
    }

    void check_lines(std::string_view text) {
        while (!text.empty()) {
            auto const end = text.find('\n');
            auto const line = parsed(text.substr(0, end), "a line of results is JSON");
            for (auto const* member : {"itemId", "status", "attempts", "durationMs", "finishedAt"})
                promise(line.contains(member), "a line is whole");
            text.remove_prefix(end + 1);
        }
    }
    void check_event(std::string_view text) {
        if (text == ":") return;
        promise(!last, "nothing comes after the last event");
        std::string name, data;
        while (!text.empty()) {
            auto const line = text.substr(0, text.find('\n'));
            text.remove_prefix(std::min(line.size() + 1, text.size()));
            if (line.starts_with("id: ")) {
                std::uint64_t id = 0;
                std::from_chars(line.data() + 4, line.data() + line.size(), id);
                promise(id >= version && id > 0, "ids never go back");
                version = id;
            } else if (line.starts_with("event: ")) {
                name = line.substr(7);
            } else {
                promise(line.starts_with("data: ") && data.empty(), "an event has three lines at the most");
                data = line.substr(6);
            }
        }
        auto const j = parsed(data, "an event's data is JSON");
        last = name == "finished" || name == "closing";
        if (name == "milestone") {
            promise(j.at("percentage").get<int>() > percentage, "milestones come once, in order");
            percentage = j["percentage"];
        } else if (name != "closing") {
            promise(name == "progress" || name == "finished", "an event has a known name");
            promise(j.at("version") == version, "a snapshot's version is its id");
            promise(j.contains("finishedAt") == (name == "finished"), "the finish is the last event");
            check_job(j);
        }
    }

    std::shared_ptr<BodyStream> stream;
    bool events;
    bool owed = false;
    bool ended = false;
    bool last = false;
    std::size_t bytes = 0;
    std::uint64_t version = 0;
    int percentage = 0;
};

// ---- requests -------------------------------------------------------------------------------------------------------

std::string_view take(std::string_view& text, char until) {
    auto const end = std::min(text.find(until), text.size());
    auto const taken = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return taken;
}

class Client {
public:
    explicit Client(std::uint8_t draw) : service_{draw}, keys_{(draw & 1) != 0} {}

    void act(std::string_view text) {
        auto const line = take(text, '\n');
        if (line.starts_with("wait ")) return service_.sim.run_for(std::chrono::milliseconds{number(line)}), void();
        if (line.starts_with("read ")) return read(static_cast<int>(number(line) % 20));
        if (line == "finish" && reading_) return reading_->stream->finish();
        if (line == "stop" && reading_) return stop();
        ask(line, text);
    }

private:
    void ask(std::string_view line, std::string_view rest) {
        Request request;
        request.method = take(line, ' ');
        request.target = with_ids(line);
        while (!rest.empty()) {
            auto field = take(rest, '\n');
            if (field.empty()) break;
            auto const name = take(field, ':');
            while (field.starts_with(' ')) field.remove_prefix(1);
            request.fields.add(std::string{name}, std::string{field});
        }
        auto const each = rest.size() % 7 + 1;
        for (; !rest.empty(); rest.remove_prefix(std::min(each, rest.size())))
            request.body.append(std::string{rest.substr(0, each)});

        auto const method = request.method;
        auto const path = request.target.substr(0, request.target.find('?'));
        std::string const tenant{keys_ ? request.fields.find("Authorization").value_or("") : ""};
        auto const answer = send(std::move(request));
        check_tenant(method, path, tenant, answer);
        if (answer.status == 201) jobs_.push_back({json::parse(answer.body).at("jobId"), tenant});
        if (!answer.stream) return;
        if (method == "HEAD") return;  // a server drops it
        stop();
        reading_ = std::make_shared<Reading>(answer);
    }

    // Nothing of a job is told to another tenant, not even that there is one.
    void check_tenant(std::string const& method, std::string const& path, std::string const& tenant,
                      Response const& answer) const {
        static std::set<int> const silent{400, 401, 403, 404, 405, 413, 421};
        for (auto const& job : jobs_) {
            if (job.tenant == tenant) continue;
            if (method != "OPTIONS" && path.find('/' + job.id + '/') != path.npos)
                promise(silent.contains(answer.status), "another tenant's job is unknown");
            promise(answer.body.find(job.id) == std::string::npos, "another tenant's job is not shown");
        }
    }

    Response send(Request request) {
        auto const answer = std::make_shared<std::optional<Response>>();
        service_.api(std::move(request), [answer](Response r) {
            promise(!*answer, "a request is answered once");
            *answer = std::move(r);
        });
        for (int i = 0; i < 50 && !*answer; ++i) service_.sim.run_for(1ms);
        promise(answer->has_value(), "a request is answered");
        check(**answer);
        return **answer;
    }

    void read(int pieces) {
        for (; reading_ && pieces > 0 && !reading_->ended; --pieces) {
            if (!reading_->owed) {
                reading_->owed = true;
                reading_->stream->next([reading = std::weak_ptr{reading_}](std::string piece) {
                    if (auto const held = reading.lock()) held->piece(std::move(piece));
                });
            }
            service_.sim.run_for(50ms);
        }
    }
    void stop() {
        if (!reading_) return;
        reading_->stream->stop();
        service_.sim.run_for(1ms);
        promise(!reading_->owed, "whoever stops is owed nothing");
        reading_.reset();
    }

    std::string with_ids(std::string_view text) const {
        std::string out;
        while (!text.empty()) {
            if (text.size() >= 3 && text[0] == '{' && text[2] == '}' && !jobs_.empty()) {
                out += jobs_[static_cast<unsigned char>(text[1] - '0') % jobs_.size()].id;
                text.remove_prefix(3);
            } else {
                out += text[0];
                text.remove_prefix(1);
            }
        }
        return out;
    }
    static std::uint64_t number(std::string_view line) {
        std::uint64_t n = 0;
        std::from_chars(line.data() + 5, line.data() + line.size(), n);
        return n % 100'000;
    }

    struct Started {
        std::string id, tenant;
    };

    Service service_;
    bool keys_;
    std::vector<Started> jobs_;
    std::shared_ptr<Reading> reading_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    std::string_view text{reinterpret_cast<char const*>(data) + 1, size - 1};
    Client client{data[0]};
    for (int actions = 0; actions < 40 && !text.empty(); ++actions) client.act(take(text, '\0'));
    return 0;
}
