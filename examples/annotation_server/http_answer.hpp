// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace annotation_server {

/// What became of a request to another server.
struct HttpAnswer {
    enum class End {
        answered,   ///< there is a status and a body
        cancelled,  ///< by whoever asked
        timed_out,  ///< the time for it is over
        too_long,   ///< the answer's body was longer than allowed
        failed,     ///< no answer: the server was not reached, or the connection was lost
    };

    End end = End::failed;
    int status = 0;
    std::string body;
    std::optional<std::chrono::milliseconds> retry_after;  ///< how long the server asks to be left alone
    std::string fault;                                     ///< for people: why there is no answer
};

}  // namespace annotation_server
