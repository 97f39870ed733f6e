// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace annotation_server {

/// An IP address that a server listens at.
class ListeningAddress {
public:
    /// Reads "127.0.0.1", "::1", "[::1]", "0.0.0.0" or "localhost". Throws `std::runtime_error` for anything else.
    explicit ListeningAddress(std::string_view text);

    /// As a socket takes it: "::1".
    std::string const& text() const noexcept { return text_; }
    /// As a URL names it: "[::1]".
    std::string const& host() const noexcept { return host_; }
    /// Only this machine reaches it.
    bool is_loopback() const noexcept { return is_loopback_; }
    /// Every address of this machine.
    bool is_any() const noexcept { return is_any_; }

    /// What a request may name as its Host: loopback's names, this address, and those that are given. By any other name
    /// a page of a stranger may have come here, whose own name leads to this machine (DNS rebinding).
    std::vector<std::string> names(std::vector<std::string> more) const;

private:
    std::string text_, host_;
    bool is_loopback_ = false, is_any_ = false;
};

}  // namespace annotation_server
