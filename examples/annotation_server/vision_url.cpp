// SPDX-License-Identifier: BSL-1.0
#include "vision_url.hpp"

#include <boost/asio/ip/address.hpp>

#include <curl/curl.h>
#include <memory>
#include <stdexcept>
#include <string_view>

namespace annotation_server {
namespace {

struct UrlCleanup {
    void operator()(CURLU* url) const noexcept { curl_url_cleanup(url); }
};
struct TextCleanup {
    void operator()(char* text) const noexcept { curl_free(text); }
};

/// "" for what is not there.
std::string part(CURLU* url, CURLUPart which) {
    char* text = nullptr;
    if (curl_url_get(url, which, &text, 0) != CURLUE_OK) return {};
    std::unique_ptr<char, TextCleanup> const held{text};
    return text;
}

bool is_this_machine(std::string host) {
    if (host == "localhost") return true;
    if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
    boost::system::error_code fault;
    auto const address = boost::asio::ip::make_address(host, fault);
    return !fault && address.is_loopback();
}

}  // namespace

std::string vision_url(std::string const& service) {
    auto const wrong = [&](std::string_view why) {
        return std::runtime_error{"--vision-url takes an address like https://vision.googleapis.com, not " + service +
                                  std::string{why}};
    };
    std::unique_ptr<CURLU, UrlCleanup> const url{curl_url()};
    if (!url) throw std::bad_alloc{};
    if (curl_url_set(url.get(), CURLUPART_URL, service.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) throw wrong("");
    auto const scheme = part(url.get(), CURLUPART_SCHEME), host = part(url.get(), CURLUPART_HOST);
    if (scheme != "https" && scheme != "http") throw wrong("");
    if (!part(url.get(), CURLUPART_USER).empty() || !part(url.get(), CURLUPART_PASSWORD).empty())
        throw std::runtime_error{
            "--vision-url must not have a user or password in it: the key is BATCHPACE_VISION_KEY"};
    if (service.find_first_of("?#") != std::string::npos) throw wrong(": it has a query");
    if (scheme == "http" && !is_this_machine(host))
        throw wrong(": the key would travel unencrypted, and http:// is for this machine only");
    auto base = service;
    while (base.ends_with('/')) base.pop_back();
    return base + "/v1/images:annotate";
}

}  // namespace annotation_server
