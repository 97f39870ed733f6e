// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/asio.hpp>
#include <batchpace/http/beast/refusal.hpp>
#include <batchpace/http/request.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace batchpace::http::inline BATCHPACE_FLAVOUR::serving {

/// Beast's parser, which writes straight into a Request and refuses what Beast lets pass but two servers could read
/// differently. One for each request.
class RequestParser final : public boost::beast::http::basic_parser<true> {
    using Base = boost::beast::http::basic_parser<true>;
    using Code = boost::beast::error_code;
    using View = boost::beast::string_view;
    using Name = boost::beast::http::field;

public:
    static constexpr std::size_t piece_bytes = std::size_t{64} << 10;

    RequestParser(Request& request, std::size_t max_target, std::size_t max_header, std::size_t max_body)
        : request_{request}, max_target_{max_target}, max_header_{max_header}, max_body_{max_body} {
        header_limit(static_cast<std::uint32_t>(std::min<std::size_t>(max_header + 1, UINT32_MAX)));
        body_limit(max_body);
    }

    /// Reads on; returns how many bytes were used. `refusal()` says whether the request is to be refused.
    std::size_t read(std::string_view input) {
        needs_more_ = head_read_ && input.size() < least_of_chunks;
        if (needs_more_) return 0;
        input_ = input;
        Code code;
        auto const used = put(boost::asio::const_buffer{input.data(), input.size()}, code);
        needs_more_ = code == boost::beast::http::error::need_more;
        if (code && !needs_more_)
            refuse(meaning_of(code, input));
        else if (!head_read_)
            check_progress(input, used);
        if (!head_read_ && is_header_done() && !refusal_) {
            head_read_ = true;
            check_head();
        }
        return used;
    }

    Refusal const& refusal() const noexcept { return refusal_; }
    bool needs_more() const noexcept { return needs_more_; }
    /// Nothing of the request line has been used yet.
    bool untouched() const noexcept { return !got_some(); }
    bool is_head_request() const noexcept { return is_head_request_; }
    bool is_http_11() const noexcept { return version_ == 11; }
    bool wants_continue() const noexcept { return wants_continue_ && version_ == 11; }

    /// Gives the request the rest of a chunked body.
    void flush_piece() { request_.body.append(std::exchange(piece_, {})); }

private:
    // ---- called by Beast ------------------------------------------------------------------------------------------

    void on_request_impl(boost::beast::http::verb verb, View method, View target, int version, Code& code) override {
        line_read_ = true;
        is_head_request_ = verb == boost::beast::http::verb::head;
        version_ = version;
        if (target.size() > max_target_) return fail(Refusal::target_too_long(), code);
        request_.method.assign(method.data(), method.size());
        request_.target.assign(target.data(), target.size());
    }
    void on_response_impl(int, View, int, Code&) override {}

    void on_field_impl(Name known, View name, View value, Code& code) override {
        if (is_folded(name, value)) return fail(Refusal::bad_request("A field is folded over several lines."), code);
        if (head_read_)
            return;  // a trailer: its fields are of no use to anybody here, and must not pass for the head's
        std::string_view const text{value.data(), value.size()};
        switch (known) {
            case Name::host:
                ++hosts_;
                break;
            case Name::content_length:
                if (++lengths_ > 1) return fail(Refusal::bad_request("Content-Length is there twice."), code);
                if (text.find_first_not_of("0123456789") != text.npos)
                    return fail(Refusal::bad_request("Content-Length is no number."), code);
                break;
            case Name::transfer_encoding:
                if (++codings_ > 1) return fail(Refusal::bad_request("Transfer-Encoding is there twice."), code);
                if (!Fields::same(text, "chunked"))
                    return fail(chunked() ? Refusal::unknown_coding()
                                          : Refusal::bad_request("The last transfer coding is not chunked."),
                                code);
                break;
            case Name::expect:
                if (Fields::same(text, "100-continue"))
                    wants_continue_ = true;
                else
                    expects_other_ = true;
                break;
            default:
                break;
        }
        request_.fields.add(std::string{name.data(), name.size()}, std::string{text});
    }
    void on_header_impl(Code&) override {}
    void on_body_init_impl(boost::optional<std::uint64_t> const&, Code&) override {}
    std::size_t on_body_impl(View body, Code&) override { return append(body, body.size()); }
    void on_chunk_header_impl(std::uint64_t, View, Code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t remain, View body, Code&) override { return append(body, remain); }
    void on_finish_impl(Code&) override {}

    // ---- what it means --------------------------------------------------------------------------------------------

    std::size_t append(View body, std::uint64_t remain) {
        auto const count = std::min(body.size(), piece_bytes - piece_.size());
        if (piece_.capacity() < piece_.size() + count)
            piece_.reserve(piece_.empty() ? static_cast<std::size_t>(std::min<std::uint64_t>(remain, piece_bytes))
                                          : piece_bytes);
        piece_.append(body.data(), count);
        if (piece_.size() == piece_bytes) flush_piece();
        return count;
    }

    /// Beast unfolds: the value then lies in a buffer of its own, or behind the end of the name's line.
    bool is_folded(View name, View value) const noexcept {
        auto const* const end = input_.data() + input_.size();
        if (value.data() < input_.data() || value.data() > end) return true;
        auto const* const after_name = name.data() + name.size();
        return std::find(after_name, value.data(), '\n') != value.data();
    }

    void refuse(Refusal refusal) noexcept {
        if (!refusal_) refusal_ = refusal;
    }
    void fail(Refusal refusal, Code& code) {
        refuse(refusal);
        code = boost::beast::http::error::bad_field;
    }

    void check_progress(std::string_view input, std::size_t used) noexcept {
        head_bytes_ += used;
        auto const rest = input.substr(used);
        if (input.size() > max_target_ + method_and_version && line_is_too_long(input))
            refuse(Refusal::target_too_long());
        if (head_bytes_ + (is_header_done() ? 0 : rest.size()) > max_header_) refuse(too_large(input));
        // Once it has seen half a line Beast waits for an empty one, which never comes where lines end in LF alone.
        if (is_header_done()) return;
        for (auto at = rest.find('\n'); at != rest.npos; at = rest.find('\n', at + 1))
            if (at == 0 || rest[at - 1] != '\r') return refuse(Refusal::bad_request("A line ends in LF alone."));
    }
    /// A request line so long that its target is too long wherever it ends.
    bool line_is_too_long(std::string_view input) const noexcept {
        return !line_read_ && input.substr(0, max_target_ + method_and_version).find('\r') == input.npos;
    }
    Refusal too_large(std::string_view input) const noexcept {
        return line_is_too_long(input) ? Refusal::target_too_long() : Refusal::header_too_large();
    }

    Refusal meaning_of(Code code, std::string_view input) const noexcept {
        using boost::beast::http::error;
        if (code == error::bad_version) {
            auto const line = input.substr(0, input.find('\r'));
            auto const target = std::min(line.size(), line.find(' ') + 1);
            auto const version = line.substr(std::min(line.size(), line.find(' ', target) + 1));
            bool const is_version = version.size() == 8 && version.starts_with("HTTP/") && version[6] == '.';
            if (is_version && version != "HTTP/1.1" && version != "HTTP/1.0") return Refusal::unknown_version();
            return Refusal::bad_request("The request line does not end in an HTTP version.");
        }
        if (code == error::header_limit) return too_large(input);
        if (code == error::body_limit) return Refusal::body_too_large();
        if (code == error::bad_method) return Refusal::bad_request("This is no HTTP request.");
        if (code == error::bad_target)
            return Refusal::bad_request("The request target has characters it must not have.");
        if (code == error::bad_content_length || code == error::multiple_content_length)
            return Refusal::bad_request("Content-Length is no number, or contradicts another field.");
        if (code == error::bad_transfer_encoding)
            return Refusal::bad_request("Transfer-Encoding is there beside Content-Length, or twice.");
        if (code == error::bad_chunk || code == error::bad_chunk_extension)
            return Refusal::bad_request("The body's chunks are malformed.");
        return Refusal::bad_request("The request's fields are malformed.");
    }

    void check_head() {
        if (hosts_ > 1) return refuse(Refusal::bad_request("Host is there twice."));
        if (hosts_ == 0 && version_ == 11) return refuse(Refusal::bad_request("Host is missing."));
        if (codings_ > 0 && lengths_ > 0)
            return refuse(Refusal::bad_request("Transfer-Encoding is there beside Content-Length."));
        if (codings_ > 0 && version_ != 11) return refuse(Refusal::bad_request("HTTP/1.0 has no transfer codings."));
        auto const host = request_.fields.find("Host").value_or("");
        if (!is_host(host)) return refuse(Refusal::bad_request("Host is no host."));
        check_target(host);
        if (refusal_) return;
        if (auto const length = content_length(); length && *length > max_body_)
            return refuse(Refusal::body_too_large());
        if (expects_other_) refuse(Refusal::expectation_failed());
    }

    static bool is_host(std::string_view host) noexcept {
        return std::all_of(host.begin(), host.end(), [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                   std::string_view{"-._~!$&'()*+;=:[]%"}.find(c) != std::string_view::npos;
        });
    }

    /// A handler gets the path and the query only. `http://host/path` is as good, for proxies use it, as long as it
    /// names the host that Host names: a handler checks that field alone.
    void check_target(std::string_view host) {
        std::string_view const target = request_.target;
        if (target.starts_with('/') || (target == "*" && request_.method == "OPTIONS")) return;
        auto const scheme = target.find("://");
        if (scheme == target.npos ||
            !(Fields::same(target.substr(0, scheme), "http") || Fields::same(target.substr(0, scheme), "https")))
            return refuse(Refusal::bad_request("The request target is no path."));
        auto const rest = target.substr(scheme + 3);
        auto const path = std::min(rest.size(), rest.find_first_of("/?"));
        if (!Fields::same(rest.substr(0, path), host))
            return refuse(Refusal::bad_request("The request target and Host name different hosts."));
        std::string own{rest.substr(path)};
        if (!own.starts_with('/')) own.insert(own.begin(), '/');
        request_.target = std::move(own);
    }

    /// A chunked body that is not at its end has these to come at least, its last chunk. Beast 1.81 relies on it.
    static constexpr std::size_t least_of_chunks = 5;
    /// The room that a method, two blanks and the version are given beside the target.
    static constexpr std::size_t method_and_version = 32;

    Request& request_;
    std::size_t max_target_;
    std::size_t max_header_;
    std::size_t max_body_;
    std::string_view input_;
    std::string piece_;
    std::size_t head_bytes_ = 0;
    Refusal refusal_;
    int version_ = 11;
    unsigned hosts_ = 0;
    unsigned lengths_ = 0;
    unsigned codings_ = 0;
    bool line_read_ = false;
    bool head_read_ = false;
    bool needs_more_ = false;
    bool is_head_request_ = false;
    bool wants_continue_ = false;
    bool expects_other_ = false;
};

}  // namespace batchpace::http::inline BATCHPACE_FLAVOUR::serving
