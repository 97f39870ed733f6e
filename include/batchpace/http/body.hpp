// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

namespace batchpace::http {

/// A request's body in the pieces in which it came, so that who reads it can give them back one by one: a body of a
/// hundred thousand ids is never there twice.
class Body {
public:
    Body() = default;
    Body(std::string text) { append(std::move(text)); }
    Body(char const* text) : Body{std::string{text}} {}

    void append(std::string piece) {
        if (piece.empty()) return;
        size_ += piece.size();
        pieces_.push_back(std::move(piece));
    }

    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }

    /// Takes the first piece out; empty where nothing is left.
    std::string take_piece() {
        if (pieces_.empty()) return {};
        auto piece = std::move(pieces_.front());
        pieces_.pop_front();
        size_ -= piece.size();
        return piece;
    }
    /// All of it, copied into one string.
    std::string text() const {
        std::string all;
        all.reserve(size_);
        for (auto const& piece : pieces_) all += piece;
        return all;
    }

private:
    std::deque<std::string> pieces_;
    std::size_t size_ = 0;
};

}  // namespace batchpace::http
