// SPDX-License-Identifier: BSL-1.0
#include "listening_address.hpp"

#include <boost/asio/ip/address.hpp>

#include <stdexcept>
#include <utility>

namespace annotation_server {
namespace {

namespace ip = boost::asio::ip;

/// An IPv4 address that is written as one of IPv6 is what it stands for.
ip::address plain(ip::address const& address) {
    if (address.is_v6() && address.to_v6().is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, address.to_v6());
    return address;
}

}  // namespace

ListeningAddress::ListeningAddress(std::string_view text) {
    auto name = text == "localhost" ? std::string_view{"127.0.0.1"} : text;
    if (name.size() > 2 && name.front() == '[' && name.back() == ']') name = name.substr(1, name.size() - 2);
    boost::system::error_code fault;
    auto const address = plain(ip::make_address(name, fault));
    if (fault) throw std::runtime_error{"--address takes an IP address, not " + std::string{text}};
    text_ = address.to_string();
    host_ = address.is_v6() ? '[' + text_ + ']' : text_;
    is_loopback_ = address.is_loopback();
    is_any_ = address.is_unspecified();
}

std::vector<std::string> ListeningAddress::names(std::vector<std::string> more) const {
    more.insert(more.end(), {"localhost", "127.0.0.1", "[::1]"});
    if (!is_any_) more.push_back(host_);
    return more;
}

}  // namespace annotation_server
