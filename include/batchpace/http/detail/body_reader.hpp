// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/http/body.hpp>

#include <cstddef>
#include <iterator>
#include <string>
#include <utility>

namespace batchpace::http::detail {

/// Walks a body byte by byte and frees each piece when it has been read.
class BodyReader {
public:
    explicit BodyReader(Body body) : body_{std::move(body)} { next_piece(); }

    /// An input iterator for one reader of the whole; the end is default-constructed.
    class Iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = char;
        using difference_type = std::ptrdiff_t;
        using pointer = char const*;
        using reference = char const&;

        Iterator() = default;
        explicit Iterator(BodyReader& reader) noexcept : reader_{&reader} {}

        reference operator*() const noexcept { return reader_->piece_[reader_->at_]; }
        Iterator& operator++() {
            reader_->advance();
            return *this;
        }
        void operator++(int) { reader_->advance(); }
        friend bool operator==(Iterator const& one, Iterator const& other) noexcept {
            return one.ended() == other.ended();
        }

    private:
        bool ended() const noexcept { return reader_ == nullptr || reader_->at_ == reader_->piece_.size(); }

        BodyReader* reader_ = nullptr;
    };

    Iterator begin() noexcept { return Iterator{*this}; }
    static Iterator end() noexcept { return {}; }

    /// Bytes read so far, without those that `put_back` made.
    std::size_t consumed() const noexcept { return consumed_; }
    /// Bytes of the body that have not been read.
    std::size_t left() const noexcept {
        return body_.size() + (own_ ? rest_.size() - rest_at_ : piece_.size() - at_);
    }
    /// The byte that was read last.
    char last() const noexcept { return last_; }

    /// Has `text`, which is not empty, read before what is left. What was put back before has been read.
    void put_back(std::string text) {
        rest_ = std::exchange(piece_, std::move(text));
        rest_at_ = std::exchange(at_, 0);
        own_ = true;
    }

private:
    void advance() {
        last_ = piece_[at_++];
        if (!own_) ++consumed_;
        if (at_ == piece_.size()) next_piece();
    }
    void next_piece() {
        if (std::exchange(own_, false)) {
            piece_ = std::exchange(rest_, {});
            at_ = rest_at_;
        } else {
            piece_ = body_.take_piece();
            at_ = 0;
        }
    }

    Body body_;
    std::string piece_;
    std::size_t at_ = 0;
    std::string rest_;  // the piece that `put_back` interrupted
    std::size_t rest_at_ = 0;
    std::size_t consumed_ = 0;
    bool own_ = false;  // `piece_` was put back
    char last_ = '\0';
};

}  // namespace batchpace::http::detail
