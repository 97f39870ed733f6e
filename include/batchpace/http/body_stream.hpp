// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <functional>
#include <string>

namespace batchpace::http {

/// A response's body that is made as it is sent. The server asks for a piece when it can send one, so a client that
/// does not read costs no memory.
///
/// One thread at a time calls `next`, and not before the last piece has come; `finish` and `stop` may come from any.
class BodyStream {
public:
    /// Is given the next piece; an empty one is the end.
    using Deliver = std::function<void(std::string piece)>;

    virtual ~BodyStream() = default;

    /// Asks for the next piece: calls `deliver` once, inside the call or later, on any thread.
    virtual void next(Deliver deliver) = 0;
    /// The server is about to close: the stream delivers what has to be said last, and then its end, soon.
    virtual void finish() = 0;
    /// The client has gone. A `deliver` that is still owed is called with the end; nothing is asked for any more.
    virtual void stop() noexcept = 0;
};

}  // namespace batchpace::http
