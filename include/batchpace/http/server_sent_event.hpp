// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace batchpace::http {

/// Events as `text/event-stream` writes them (WHATWG HTML, "Server-sent events").
struct ServerSentEvent {
    /// Appends one event. `data` must be one line: JSON as `dump` writes it is.
    static void append(std::string& out, std::string_view name, std::optional<std::uint64_t> id,
                       std::string_view data) {
        if (id) out.append("id: ").append(std::to_string(*id)).append("\n");
        out.append("event: ").append(name).append("\ndata: ").append(data).append("\n\n");
    }

    /// What a client does not hear, but proxies see.
    static constexpr std::string_view heartbeat = ":\n\n";

    /// The number in a Last-Event-ID; nullopt where it is none of ours.
    static std::optional<std::uint64_t> id_of(std::string_view text) {
        std::uint64_t id = 0;
        auto const* const end = text.data() + text.size();
        auto const [stop, error] = std::from_chars(text.data(), end, id);
        if (error != std::errc{} || stop != end || text.empty()) return std::nullopt;
        return id;
    }
};

}  // namespace batchpace::http
