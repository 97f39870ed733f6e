// SPDX-License-Identifier: BSL-1.0
#include "server.hpp"

#include "event_log.hpp"
#include "key_auth.hpp"
#include "listening_address.hpp"
#include "request_log.hpp"
#include "routes.hpp"
#include "session.hpp"

#include <batchpace/http/beast_options.hpp>
#include <batchpace/http/rest_options.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace annotation_server {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::ordered_json;
namespace http = batchpace::http;
namespace net = boost::asio;

constexpr auto time_for_last_answers = 5s;
enum ExitCode { all_finished = 0, some_cut_off = 1, stopped_by_signal = 128 };

batchpace::Tier const no_limits{"none", 0, 0};

std::shared_ptr<KeyRing> keys_of(CommandLine const& line, Log const& log) {
    if (line.keys.empty()) {
        if (!line.no_auth && !ListeningAddress{line.address}.is_loopback())
            throw std::runtime_error{"the address " + line.address +
                                     " is not loopback: name a file of keys with --keys, or say --no-auth to let "
                                     "everybody do everything"};
        return nullptr;
    }
    auto keys = std::make_shared<KeyRing>(line.keys, line.tier);
    log.write(LogLevel::info, "keys.read", {{"file", line.keys}, {"keys", keys->size()}});
    if (keys->file_is_open_to_all())
        log.write(LogLevel::warning, "keys.readable",
                  {{"file", line.keys}, {"text", "every user of this machine can read it: chmod o-r"}});
    return keys;
}

Authorize authorize_by(std::shared_ptr<KeyRing const> keys, CommandLine const& line) {
    if (keys) return KeyAuth{std::move(keys)};
    return [everybody = http::Caller{"", line.tier}](http::Request const&) { return everybody; };
}

http::OriginOptions origins(CommandLine const& line) {
    return {ListeningAddress{line.address}.names(line.hosts), line.cors_origins};
}

http::RestOptions rest_options(CommandLine const& line, Authorize authorize) {
    http::RestOptions rest;
    rest.max_body_bytes = line.max_body_mib << 20;
    rest.start.max_items = line.max_items;
    rest.defaults.max_attempts = line.attempts;
    rest.defaults.attempt_timeout = std::chrono::duration_cast<batchpace::duration>(line.attempt_timeout);
    rest.origins = origins(line);
    rest.authorize = std::move(authorize);
    return rest;
}

std::unique_ptr<Service> service_of(net::io_context& loop, CommandLine const& line, ServiceParts parts) {
    if (line.annotator == AnnotatorName::synthetic) return make_synthetic_service(loop, line, std::move(parts));
    if (line.annotator == AnnotatorName::vision) {
#if defined(ANNOTATION_SERVER_HAS_VISION)
        return make_vision_service(loop, line, std::move(parts));
#else
        throw std::runtime_error{"this program was built without vision, for want of libcurl"};
#endif
    }
#if defined(ANNOTATION_SERVER_HAS_OCR)
    return make_ocr_service(line, std::move(parts));
#else
    throw std::runtime_error{"this program was built without ocr, for want of Tesseract: take --annotator synthetic"};
#endif
}

std::unique_ptr<Pictures> pictures_of(CommandLine const& line, Authorize authorize) {
    if (line.images.empty()) return nullptr;
    return std::make_unique<Pictures>(line.images, std::move(authorize));
}

http::BeastOptions beast_options(CommandLine const& line, Log const& log) {
    http::BeastOptions options;
    options.max_body_bytes = line.max_body_mib << 20;
    options.executor_is_serial = line.threads == 1;
    options.on_accept_error = [&log](std::error_code fault) {
        log.write(LogLevel::warning, "accept.failed", {{"text", fault.message()}});
    };
    return options;
}

std::string listen(http::BeastServer& server, CommandLine const& line) {
    ListeningAddress const address{line.address};
    try {
        auto const endpoint = server.listen(address.text(), line.port);
        return "http://" + address.host() + ':' + std::to_string(endpoint.port());
    } catch (batchpace::net_system_error const& fault) {
        throw std::runtime_error{"cannot listen at " + address.host() + ':' + std::to_string(line.port) + ": " +
                                 fault.code().message()};
    }
}

}  // namespace

Server::Server(CommandLine const& line)
    : line_{line},
      log_{line.log_level},
      loop_{line.threads},
      keys_{keys_of(line_, log_)},
      authorize_{authorize_by(keys_, line_)},
      service_{service_of(loop_, line_, {log_events(log_), rest_options(line_, authorize_)})},
      pictures_{pictures_of(line_, authorize_)},
      server_{loop_.get_executor(), logged(handler(), log_), beast_options(line_, log_)},
      url_{listen(server_, line_)},
      end_signals_{net::make_strand(loop_), SIGINT, SIGTERM},
      reload_signal_{end_signals_.get_executor(), SIGHUP} {
    if (ListeningAddress const address{line_.address}; address.is_any() && line_.hosts.empty())
        log_.write(LogLevel::warning, "hosts.missing",
                   {{"text", "requests that name another host than loopback are refused: name yours with --host"}});
    wait_for_end();
    wait_for_reload();
}

http::Handler Server::handler() const {
    std::optional<Page> page;
    if (!line_.web.empty()) page.emplace(line_.web);
    Session session{keys_, authorize_, {to_string(line_.annotator), pictures_ != nullptr}};
    return routes({*service_, std::move(session), pictures_.get(), std::move(page)}, origins(line_));
}

int Server::run() {
    std::vector<std::jthread> others;
    for (int i = 1; i < line_.threads; ++i) others.emplace_back([this] { loop_.run(); });
    loop_.run();
    others.clear();
    return exit_code_;
}

void Server::wait_for_end() {
    end_signals_.async_wait([this](batchpace::net_error_code fault, int signal) {
        if (fault) return;
        wait_for_end();
        end(signal);
    });
}

void Server::wait_for_reload() {
    reload_signal_.async_wait([this](batchpace::net_error_code fault, int) {
        if (fault) return;
        wait_for_reload();
        reload();
    });
}

void Server::end(int signal) {
    last_signal_ = signal;
    ++signals_seen_;
    if (signals_seen_ == 1) {
        log_.write(LogLevel::info, "drain", {{"signal", signal}, {"seconds", line_.drain.count()}});
        // Requests are answered meanwhile; a start gets 503.
        service_->shut_down(batchpace::ShutdownMode::drain, line_.drain,
                            [this](batchpace::ShutdownReport const& report) {
                                net::post(end_signals_.get_executor(), [this, report] { ended(report); });
                            });
    } else if (signals_seen_ == 2) {
        log_.write(LogLevel::info, "cancel", {{"signal", signal}});
        service_->shut_down(batchpace::ShutdownMode::cancel, {}, [](batchpace::ShutdownReport const&) {});
    } else {
        ::_exit(stopped_by_signal + signal);
    }
}

void Server::ended(batchpace::ShutdownReport const& report) {
    log_.write(LogLevel::info, "drained",
               {{"jobsFinished", report.jobs_finished},
                {"jobsCancelled", report.jobs_cancelled},
                {"itemsLeft", report.items_left},
                {"abandoned", report.abandoned},
                {"deadlinePassed", report.deadline_passed}});
    if (report.jobs_cancelled > 0)
        exit_code_ = signals_seen_ > 1 ? stopped_by_signal + last_signal_ : int{some_cut_off};
    server_.async_stop(time_for_last_answers, [this, abandoned = report.abandoned](batchpace::net_error_code) {
        // A call that never comes back would be waited for at the end of its thread.
        if (abandoned > 0) ::_exit(exit_code_);
        loop_.stop();
    });
}

void Server::reload() {
    if (!keys_) return log_.write(LogLevel::warning, "keys.none", {{"text", "SIGHUP without --keys does nothing"}});
    try {
        for (auto const& [tenant, tier] : keys_->reload()) service_->set_tier(tenant, tier.value_or(no_limits));
        log_.write(LogLevel::info, "keys.read", {{"file", line_.keys}, {"keys", keys_->size()}});
    } catch (std::exception const& fault) {
        log_.write(LogLevel::error, "keys.refused",
                   {{"text", fault.what()}, {"consequence", "the keys that were read before stay valid"}});
    }
}

}  // namespace annotation_server
