// SPDX-License-Identifier: BSL-1.0
#include "http_client.hpp"

#include "curl_multi.hpp"
#include "retry_after.hpp"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/strand.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <curl/curl.h>
#include <string_view>
#include <unordered_map>

namespace annotation_server {
namespace {

namespace net = boost::asio;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using End = HttpAnswer::End;

struct EasyCleanup {
    void operator()(CURL* easy) const noexcept { curl_easy_cleanup(easy); }
};
using Easy = std::unique_ptr<CURL, EasyCleanup>;

struct ListCleanup {
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};
using List = std::unique_ptr<curl_slist, ListCleanup>;

void append(List& list, char const* text) {
    auto* const longer = curl_slist_append(list.get(), text);
    if (longer == nullptr) throw std::bad_alloc{};
    static_cast<void>(list.release());
    list.reset(longer);
}

/// At least 1: to curl, 0 is no limit.
milliseconds until(steady_clock::time_point deadline) {
    if (deadline == steady_clock::time_point::max()) return milliseconds::zero();
    auto const left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
    return std::clamp(left, milliseconds{1}, milliseconds{std::chrono::hours{24}});
}

bool system_has_file_of_certificates() {
    auto const* const facts = curl_version_info(CURLVERSION_NOW);
    return facts->age >= CURLVERSION_SEVENTH && facts->cainfo != nullptr;
}

std::string field_of(CURL* easy, char const* name) {
    curl_header* field = nullptr;
    if (curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &field) != CURLHE_OK) return {};
    return field->value;
}

}  // namespace

/// What is behind all copies of a client.
class HttpClient::Core : public std::enable_shared_from_this<Core> {
public:
    Core(net::any_io_executor const& executor, Options options)
        : options_{std::move(options)},
          multi_{std::make_shared<CurlMulti>(net::make_strand(executor), options_.idle_connections)} {}
    Core(Core const&) = delete;
    Core& operator=(Core const&) = delete;
    ~Core() {
        for (auto const& [call, transfer] : transfers_) multi_->remove(transfer->easy.get());
    }

    net::any_io_executor const& executor() const noexcept { return multi_->executor(); }

    void begin(std::shared_ptr<Call> const& call) try {
        if (call->request.deadline <= steady_clock::now()) {
            call->answer.fault = "there was no time left for the request";
            return over(*call, End::timed_out);
        }
        auto transfer = std::make_unique<Transfer>(call, options_.longest_answer);
        set_options(*transfer);
        auto* const easy = transfer->easy.get();
        transfers_.emplace(call.get(), std::move(transfer));
        // Held weakly: this holds the transfers.
        auto done = [weak = weak_from_this(), at = call.get()](CURLcode code) {
            if (auto const self = weak.lock()) self->ended(at, code);
        };
        if (multi_->add(easy, std::move(done))) return;
        transfers_.erase(call.get());
        call->answer.fault = "libcurl does not take the request";
        over(*call, End::failed);
    } catch (std::bad_alloc const&) {
        transfers_.erase(call.get());
        call->answer.fault = "not enough memory for the request";
        over(*call, End::failed);
    }

    void cancel(std::shared_ptr<Call> const& call) {
        auto const found = transfers_.find(call.get());
        if (found == transfers_.end()) return;  // it is over already
        multi_->remove(found->second->easy.get());
        transfers_.erase(found);
        call->answer.fault = "the request was cancelled";
        over(*call, End::cancelled);
    }

private:
    struct Transfer {
        Transfer(std::shared_ptr<Call> its, std::size_t longest)
            : call{std::move(its)}, longest_answer{longest}, easy{curl_easy_init()} {
            if (!easy) throw std::bad_alloc{};
        }

        std::shared_ptr<Call> const call;
        std::size_t const longest_answer;
        std::size_t sent = 0;
        bool too_long = false;
        List fields;
        std::array<char, CURL_ERROR_SIZE> text{};
        Easy easy;  // the first to go: it uses what is above
    };

    static std::size_t on_send(char* to, std::size_t, std::size_t most, void* at) noexcept {
        auto& transfer = *static_cast<Transfer*>(at);
        auto const& body = transfer.call->request.body;
        auto const count = std::min(most, body.size() - transfer.sent);
        std::memcpy(to, body.data() + transfer.sent, count);
        transfer.sent += count;
        return count;
    }
    static std::size_t on_receive(char* from, std::size_t, std::size_t count, void* at) noexcept try {
        auto& transfer = *static_cast<Transfer*>(at);
        auto& body = transfer.call->answer.body;
        transfer.too_long = body.size() + count > transfer.longest_answer;
        if (transfer.too_long) return 0;
        body.append(from, count);
        return count;
    } catch (std::bad_alloc const&) {
        return 0;
    }

    void set_options(Transfer& transfer) const {
        auto const& request = transfer.call->request;
        for (auto const& field : request.fields) append(transfer.fields, field.c_str());
        append(transfer.fields, "Expect:");  // no waiting for 100 Continue

        auto* const easy = transfer.easy.get();
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.text.data());
        curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
        curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
        curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
        curl_easy_setopt(easy, CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
        curl_easy_setopt(easy, CURLOPT_USERAGENT, "annotation_server");
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer.fields.get());
        curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(until(request.deadline).count()));
        curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.to_connect.count()));
        // Without it the end of a transfer that is looking a name up waits for that, and the loop with it.
        curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
        if (!options_.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, options_.ca_file.c_str());
        // One file and no folder beside it: those that are named are trusted alone, and curl reads only a file once for
        // all connections. That takes 20 ms with the system's.
        if (!options_.ca_file.empty() || system_has_file_of_certificates())
            curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);

        // From a callback that cannot go back, instead of from memory: where a connection that was used before is lost
        // without an answer, curl would send the request again, a call more than was admitted.
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        curl_easy_setopt(easy, CURLOPT_READFUNCTION, &Core::on_send);
        curl_easy_setopt(easy, CURLOPT_READDATA, &transfer);
        curl_easy_setopt(
            easy, CURLOPT_SEEKFUNCTION, +[](void*, curl_off_t, int) -> int { return CURL_SEEKFUNC_FAIL; });
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Core::on_receive);
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
    }

    void ended(Call* at, CURLcode code) {
        auto const found = transfers_.find(at);
        if (found == transfers_.end()) return;
        auto const transfer = std::move(found->second);
        transfers_.erase(found);
        auto* const easy = transfer->easy.get();
        auto& answer = at->answer;
        if (code == CURLE_OK) {
            long status = 0;
            curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
            answer.status = static_cast<int>(status);
            answer.retry_after = read_retry_after(field_of(easy, "Retry-After"), field_of(easy, "Date"),
                                                  std::chrono::system_clock::now());
            return over(*at, End::answered);
        }
        answer.body.clear();
        if (transfer->too_long) {
            answer.fault = "the answer is longer than " + std::to_string(options_.longest_answer) + " bytes";
            return over(*at, End::too_long);
        }
        answer.fault = text_of(code, *transfer);
        over(*at, code == CURLE_OPERATION_TIMEDOUT ? End::timed_out : End::failed);
    }

    static std::string text_of(CURLcode code, Transfer const& transfer) {
        // That the request cannot be sent again was the point.
        if (code == CURLE_SEND_FAIL_REWIND) return "the connection was lost";
        return transfer.text[0] != '\0' ? transfer.text.data() : curl_easy_strerror(code);
    }

    static void over(Call& call, End end) {
        call.answer.end = end;
        call.over.cancel();
    }

    Options const options_;
    std::shared_ptr<CurlMulti> multi_;
    std::unordered_map<Call*, std::unique_ptr<Transfer>> transfers_;  // each holds its call
};

HttpClient::HttpClient(net::any_io_executor const& executor, Options options)
    : core_{std::make_shared<Core>(executor, std::move(options))} {}

net::any_io_executor const& HttpClient::executor_of(Core const& core) noexcept { return core.executor(); }

void HttpClient::begin(std::shared_ptr<Core> const& core, std::shared_ptr<Call> const& call) {
    net::dispatch(core->executor(), [core, call] { core->begin(call); });
}

void HttpClient::cancel(std::shared_ptr<Core> const& core, std::weak_ptr<Call> const& call) {
    net::dispatch(core->executor(), [core, call] {
        if (auto const held = call.lock()) core->cancel(held);
    });
}

}  // namespace annotation_server
