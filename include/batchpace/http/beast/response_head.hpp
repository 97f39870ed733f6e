// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/asio.hpp>
#include <batchpace/http/response.hpp>

#include <boost/beast/http/status.hpp>

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

namespace batchpace::http::inline BATCHPACE_FLAVOUR::serving {

/// How the end of an answer's body is told.
enum class Framing {
    length,       ///< by Content-Length
    chunked,      ///< by the last chunk
    until_close,  ///< by the end of the connection
    bodiless,     ///< the status has no body
};

/// What is written before an answer's body, beside the handler's own fields.
struct ResponseHead {
    Framing framing = Framing::length;
    std::uint64_t length = 0;
    bool close = false;
    bool keep_alive_10 = false;  ///< a client of HTTP/1.0 wants to be told that the connection stays
    std::string_view server_name;

    /// Fields that say how the answer is framed are the server's: those of a handler are left out.
    static bool is_ours(std::string_view name) noexcept {
        return Fields::same(name, "Content-Length") || Fields::same(name, "Transfer-Encoding") ||
               Fields::same(name, "Connection") || Fields::same(name, "Keep-Alive") || Fields::same(name, "Trailer");
    }
    static bool has_no_body(int status) noexcept { return status < 200 || status == 204 || status == 304; }

    /// False where a field would break out of its line, or the status is no final one: then nothing of it may be sent.
    static bool is_sound(Response const& response) noexcept {
        if (response.status < 200 || response.status > 599) return false;
        for (auto const& [name, value] : response.fields) {
            if (name.empty()) return false;
            for (char const c : name)
                if (!is_token(c)) return false;
            for (char const c : value)
                if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f) return false;
        }
        return true;
    }
    /// The length that a handler has promised for a stream.
    static std::optional<std::uint64_t> promised_length(Response const& response) noexcept {
        auto const text = response.fields.find("Content-Length");
        std::uint64_t length = 0;
        if (!text || text->empty()) return std::nullopt;
        auto const [end, error] = std::from_chars(text->data(), text->data() + text->size(), length);
        if (error != std::errc{} || end != text->data() + text->size()) return std::nullopt;
        return length;
    }

    void write(Response const& response, std::string& out) const {
        out += "HTTP/1.1 ";
        append(static_cast<std::uint64_t>(response.status), out);
        out += ' ';
        auto const reason =
            boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(response.status));
        out.append(reason.data(), reason.size());
        out += "\r\n";
        bool has_date = false;
        for (auto const& [name, value] : response.fields) {
            if (is_ours(name)) continue;
            has_date = has_date || Fields::same(name, "Date");
            out += name;
            out += ": ";
            out += value;
            out += "\r\n";
        }
        if (!has_date) {
            out += "Date: ";
            out += date();
            out += "\r\n";
        }
        if (!server_name.empty()) {
            out += "Server: ";
            out += server_name;
            out += "\r\n";
        }
        if (framing == Framing::length) {
            out += "Content-Length: ";
            append(length, out);
            out += "\r\n";
        } else if (framing == Framing::chunked) {
            out += "Transfer-Encoding: chunked\r\n";
        }
        if (close)
            out += "Connection: close\r\n";
        else if (keep_alive_10)
            out += "Connection: keep-alive\r\n";
        out += "\r\n";
    }

    static void append(std::uint64_t number, std::string& out, int base = 10) {
        std::array<char, 24> digits;
        auto const end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
        out.append(digits.data(), end);
    }

    /// Now, as HTTP writes it; made once a second.
    static std::string_view date() {
        struct Cached {
            std::time_t second = -1;
            std::array<char, 32> text{};
            std::size_t size = 0;
        };
        thread_local Cached cached;
        auto const now = std::time(nullptr);
        if (now != cached.second) {
            static constexpr std::array<char const*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
            static constexpr std::array<char const*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
            std::tm utc{};
            gmtime_r(&now, &utc);
            auto const size = std::snprintf(
                cached.text.data(), cached.text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                days[static_cast<std::size_t>(utc.tm_wday)], utc.tm_mday, months[static_cast<std::size_t>(utc.tm_mon)],
                utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
            cached.size = static_cast<std::size_t>(size);
            cached.second = now;
        }
        return {cached.text.data(), cached.size};
    }

private:
    static bool is_token(char c) noexcept {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
    }
};

}  // namespace batchpace::http::inline BATCHPACE_FLAVOUR::serving
