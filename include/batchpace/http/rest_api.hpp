// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/asio.hpp>
#include <batchpace/http/handler.hpp>
#include <batchpace/http/rest/service.hpp>
#include <batchpace/http/rest_options.hpp>
#include <batchpace/http/target.hpp>

#include <nlohmann/json.hpp>

#include <concepts>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace batchpace::http::inline BATCHPACE_FLAVOUR {

/// A processor's jobs as a REST API: takes a request, gives a response. It knows no socket and no thread, so any server
/// can mount it; docs/rest_api.md is the contract, docs/openapi.yaml says it for programs.
///
/// @code
/// batchpace::http::RestApi api{processor};
/// batchpace::http::BeastServer server{loop.get_executor(), api};
/// server.listen("127.0.0.1", 8080);
/// @endcode
///
/// A `Handler`: copies are cheap and share their state. Whatever a request holds, it is answered once, with a status
/// and a problem document that fit; nothing is thrown.
/// **Threads**: may be called by any number at once. Answers come inside the call but for starts and cancels, which
/// come on the processor's executor once they are recorded, and for streams.
/// **Lifetime**: the processor must outlive the requests and streams that are being served. Stop the server, then the
/// processor.
template <class Processor>
class RestApi {
    static_assert(std::constructible_from<typename Processor::item_type, std::string>,
                  "batchpace: RestApi needs a processor whose items can be made from a std::string");
    static_assert(
        std::same_as<typename Processor::annotation_type, std::monostate> ||
            std::constructible_from<nlohmann::json, typename Processor::annotation_type const&>,
        "batchpace: RestApi needs annotations that nlohmann::json can be made from; write a to_json for them");

public:
    explicit RestApi(Processor& processor, RestOptions options = {})
        : service_{std::make_shared<rest::Service<Processor>>(processor, std::move(options))} {}

    /// Answers a request: `respond` is called once.
    void operator()(Request request, Respond respond) const {
        service_->answer(std::move(request), std::move(respond));
    }

    /// Whether a target is one of this API's: for a server that has other handlers too.
    bool owns(std::string_view target) const { return service_->owns(target); }

private:
    std::shared_ptr<rest::Service<Processor>> service_;
};

}  // namespace batchpace::http::inline BATCHPACE_FLAVOUR
