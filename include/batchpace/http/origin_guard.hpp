// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/http/fields.hpp>
#include <batchpace/http/origin_options.hpp>
#include <batchpace/http/problem.hpp>
#include <batchpace/http/request.hpp>
#include <batchpace/http/response.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace batchpace::http {

/// Keeps pages of strangers out: they make a user's browser send requests that the user did not mean. RestApi has one;
/// a host whose own paths lie beside the API, and are as worth guarding, asks one of its own first.
/// **Threads**: may be asked by any number at once.
class OriginGuard {
public:
    explicit OriginGuard(OriginOptions options) : options_{std::move(options)} {
        for (auto& host : options_.hosts) host = without_port(host);
    }

    /// Why a request is not even looked at; nullopt where it may pass.
    std::optional<Problem> refuse(Request const& request) const {
        auto const host = request.fields.find("Host");
        if (!options_.hosts.empty() && (!host || !listed(options_.hosts, without_port(*host))))
            return Problem{421, "wrong-host", "This service does not answer to that name",
                           "Ask for it by one of its own names; its operator lists them"};
        if (harmless(request.method)) return std::nullopt;
        auto const origin = request.fields.find("Origin");
        auto const site = request.fields.find("Sec-Fetch-Site");
        // A browser sends Origin with whatever changes something. Who sends neither field is none.
        bool const foreign = origin ? !own(*origin, host) && !listed(options_.origins, *origin)
                                    : site && *site != "same-origin" && *site != "none";
        if (!foreign) return std::nullopt;
        return Problem{403, "cross-origin", "A page of another origin may not do this",
                       "Its operator can allow that origin by name"};
    }

    /// Whether the answer may be read by the page that asked.
    bool allows(Request const& request) const {
        auto const origin = request.fields.find("Origin");
        return origin && listed(options_.origins, *origin);
    }

    /// Lets the page of an allowed origin read the answer.
    static void open(std::string_view origin, Response& response) {
        response.fields.add("Access-Control-Allow-Origin", std::string{origin});
        response.fields.add("Access-Control-Expose-Headers", "Location, Retry-After, Results-From");
    }

    /// Where there are allowed origins, an answer depends on who asks.
    bool varies() const noexcept { return !options_.origins.empty(); }

private:
    static bool harmless(std::string_view method) noexcept {
        return method == "GET" || method == "HEAD" || method == "OPTIONS";
    }
    static std::string without_port(std::string_view host) {
        auto const colon = host.rfind(':');
        if (colon != host.npos && host.find(']', colon) == host.npos &&
            (host.find(':') == colon || host.find(']') != host.npos))
            host = host.substr(0, colon);
        return std::string{host};
    }
    template <class List>
    static bool listed(List const& list, std::string_view name) noexcept {
        return std::any_of(list.begin(), list.end(), [&](auto const& known) { return Fields::same(known, name); });
    }
    // The scheme is not compared: behind a proxy that ends TLS the service does not know its own.
    static bool own(std::string_view origin, std::optional<std::string_view> host) noexcept {
        auto const scheme = origin.find("://");
        return scheme != origin.npos && host && Fields::same(origin.substr(scheme + 3), *host);
    }

    OriginOptions options_;
};

}  // namespace batchpace::http
