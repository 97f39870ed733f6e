// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/asio.hpp>
#include <batchpace/http/beast/hub.hpp>
#include <batchpace/http/beast/input_buffer.hpp>
#include <batchpace/http/beast/refusal.hpp>
#include <batchpace/http/beast/request_parser.hpp>
#include <batchpace/http/beast/response_head.hpp>
#include <batchpace/http/beast/ticket.hpp>
#include <batchpace/http/body_stream.hpp>
#include <batchpace/http/request.hpp>
#include <batchpace/http/response.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/socket_base.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace batchpace::http::inline BATCHPACE_FLAVOUR::serving {

/// One client: reads a request, has it answered, writes the answer, and begins anew. Everything runs on the socket's
/// executor, one function at a time.
class Connection final : public Guest, public std::enable_shared_from_this<Connection> {
    using Tcp = net::ip::tcp;
    using Clock = std::chrono::steady_clock;

public:
    Connection(Tcp::socket socket, Tcp::endpoint const& peer, std::shared_ptr<Hub> hub, Hub::Place place)
        : hub_{std::move(hub)}, place_{place}, socket_{std::move(socket)}, timer_{socket_.get_executor()} {
        peer_ = text_of(peer);
    }
    // The loop is destroyed and this with it, or it has been closed.
    ~Connection() override {
        if (phase_ == Phase::closed) return;
        if (stream_) stream_->stop();
        hub_->give_back(place_);  // before the last to leave says that none is left
        hub_->leave(*this);
    }
    Connection(Connection const&) = delete;
    Connection& operator=(Connection const&) = delete;

    /// Once, before anybody else knows of it.
    void open() { gate_->open(weak_from_this()); }
    /// Serves, or answers 503 where there is no place. Once, on any thread.
    void start() {
        post([this] {
            if (phase_ == Phase::closed) return;
            net_error_code ignored;
            socket_.set_option(Tcp::no_delay{true}, ignored);
            arm();
            if (place_ == Hub::Place::refused) return refuse(Refusal::too_many_connections());
            wait_for_request();
        });
    }

    // ---- from the hub, any thread -----------------------------------------------------------------------------------

    void begin_stop() override {
        post([this] {
            close_after_ = true;
            if (phase_ == Phase::idle) return close();
            if (phase_ == Phase::streaming && stream_) stream_->finish();
        });
    }
    void abort() override {
        post([this] { close(); });
    }
    void detach() noexcept override { gate_->close(); }

    // ---- from the gate ----------------------------------------------------------------------------------------------

    Tcp::socket::executor_type executor() { return socket_.get_executor(); }
    void take_inline(std::uint64_t turn, Response response) {
        if (turn == turn_) inline_response_ = std::move(response);
    }
    void take_inline(std::uint64_t turn, std::string piece) {
        if (turn == turn_) inline_piece_ = std::move(piece);
    }
    void take(std::uint64_t turn, Response response) {
        if (turn != turn_ || phase_ != Phase::handling) return;
        answer(std::move(response));
    }
    void take(std::uint64_t turn, std::string piece) {
        if (turn != turn_ || phase_ != Phase::streaming) return;
        accept_piece(std::move(piece));
        pump();
    }
    void missed(std::uint64_t turn) {
        if (turn != turn_) return;
        if (phase_ == Phase::handling) answer(Refusal::no_answer().response());
        if (phase_ == Phase::streaming) fail_stream();
    }

private:
    enum class Phase : unsigned char {
        idle,       // nothing of a request has come
        head,       // some of its head
        body,       // some of its body
        handling,   // the handler has it
        answering,  // the answer is being written
        streaming,  // the answer is being made and written
        lingering,  // the last answer is on its way; what comes is thrown away
        closed,
    };
    static constexpr std::size_t piece_bytes = RequestParser::piece_bytes;
    static constexpr std::size_t lines_between = 4;  // bytes of empty lines that may come before a request

    template <class Function>
    void post(Function function) {
        net::post(socket_.get_executor(),
                  [self = shared_from_this(), function = std::move(function)]() mutable { function(); });
    }

    // ---- reading ----------------------------------------------------------------------------------------------------

    void wait_for_request() {
        phase_ = Phase::idle;
        head_is_timed_ = false;
        blank_ = 0;
        if (!reading_) input_.shrink();
        if (!input_.empty()) return read_head();
        if (close_after_ || hub_->stopping() || peer_is_done_) return close();
        set_deadline(hub_->options.idle_timeout);
        read_more();
    }

    /// How much may be held unused. While an answer is streamed what comes is the next request, or nothing; a chunked
    /// body's pieces come best in large reads.
    std::size_t bound() const noexcept {
        if (phase_ == Phase::body) return piece_bytes;
        return hub_->options.max_header_bytes + 1;
    }

    void read_more() {
        if (reading_ || peer_is_done_) return;
        auto const room = input_.make_room(bound());
        if (room == 0) return;
        reading_ = true;
        socket_.async_read_some(
            net::buffer(input_.room(), room),
            [self = shared_from_this()](net_error_code error, std::size_t count) { self->on_read(error, count); });
    }

    void on_read(net_error_code error, std::size_t count) {
        reading_ = false;
        if (phase_ == Phase::closed) return;
        input_.commit(count);
        if (error) {
            peer_is_done_ = true;
            // Only who has sent its end properly may still read an answer; a stream's reader that does so has left.
            if (error != net::error::eof || phase_ == Phase::streaming || phase_ == Phase::lingering) return close();
        }
        switch (phase_) {
            case Phase::idle:
            case Phase::head:
                return read_head();
            case Phase::body:
                return read_body();
            case Phase::streaming:
                return read_more();
            case Phase::lingering:
                input_.consume(input_.size());
                return read_more();
            default:
                return;
        }
    }

    void read_head() {
        if (phase_ == Phase::idle && !input_.empty()) {
            phase_ = Phase::head;
            request_ = Request{};
            parser_.emplace(request_, hub_->options.max_target_bytes, hub_->options.max_header_bytes,
                            hub_->options.max_body_bytes);
        }
        if (phase_ == Phase::head && parser_->untouched()) skip_blank_lines();
        if (phase_ == Phase::head && !input_.empty()) {
            input_.consume(parser_->read(input_.data()));
            if (parser_->refusal()) return refuse(parser_->refusal());
            if (parser_->is_header_done()) return begin_body();
        }
        if (peer_is_done_)
            return phase_ == Phase::idle ? close() : refuse(Refusal::bad_request("The request ends in its head."));
        if (phase_ == Phase::head && !head_is_timed_) {
            head_is_timed_ = true;
            set_deadline(hub_->options.header_timeout);
        }
        read_more();
    }
    /// Some clients end a body with a line break too many.
    void skip_blank_lines() {
        while (blank_ < lines_between && !input_.empty() &&
               (input_.data().front() == '\r' || input_.data().front() == '\n')) {
            input_.consume(1);
            ++blank_;
        }
    }

    void begin_body() {
        if (!parser_->keep_alive()) close_after_ = true;
        body_left_ = parser_->content_length().value_or(0);
        if (parser_->is_done() || (!parser_->chunked() && body_left_ == 0)) return handle();
        phase_ = Phase::body;
        set_deadline(hub_->options.body_timeout);
        if (parser_->wants_continue() && input_.empty()) {
            out_ = "HTTP/1.1 100 Continue\r\n\r\n";
            return write({net::buffer(out_)});
        }
        read_body();
    }
    void read_body() {
        if (writing_) return;
        return parser_->chunked() ? read_chunked() : read_plain();
    }

    void read_chunked() {
        while (!input_.empty()) {
            auto const before = request_.body.size();
            input_.consume(parser_->read(input_.data()));
            if (parser_->refusal()) return refuse(parser_->refusal());
            if (parser_->is_done()) {
                parser_->flush_piece();
                return handle();
            }
            if (request_.body.size() != before) set_deadline(hub_->options.body_timeout);
            if (parser_->needs_more()) break;
        }
        if (peer_is_done_) return refuse(Refusal::bad_request("The request ends in its body."));
        if (input_.size() >= bound()) return refuse(Refusal::bad_request("A line between chunks is too long."));
        read_more();
    }

    /// A body of known length is read from the socket into the strings that the handler gets.
    void read_plain() {
        while (!input_.empty() && body_left_ > 0) {
            begin_piece();
            auto const count = std::min(piece_.size() - filled_, input_.size());
            std::copy_n(input_.data().data(), count, piece_.data() + filled_);
            input_.consume(count);
            end_piece(count);
        }
        if (body_left_ == 0) return handle();
        if (peer_is_done_) return refuse(Refusal::bad_request("The request ends in its body."));
        if (reading_) return;  // left over from a stream: it goes into the buffer
        begin_piece();
        reading_ = true;
        socket_.async_read_some(
            net::buffer(piece_.data() + filled_, piece_.size() - filled_),
            [self = shared_from_this()](net_error_code error, std::size_t count) { self->on_body_read(error, count); });
    }
    void begin_piece() {
        if (!piece_.empty()) return;
        piece_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(body_left_, piece_bytes)));
        filled_ = 0;
    }
    void end_piece(std::size_t count) {
        filled_ += count;
        body_left_ -= count;
        if (filled_ < piece_.size()) return;
        request_.body.append(std::exchange(piece_, {}));
        if (body_left_ > 0) set_deadline(hub_->options.body_timeout);
    }
    void on_body_read(net_error_code error, std::size_t count) {
        reading_ = false;
        if (phase_ == Phase::closed) return;
        if (phase_ != Phase::body) {  // refused meanwhile: what has come is thrown away
            if (error) peer_is_done_ = true;
            if (phase_ != Phase::lingering) return;
            return error ? close() : read_more();
        }
        end_piece(count);
        if (error) {
            peer_is_done_ = true;
            if (error != net::error::eof) return close();
        }
        read_plain();
    }

    // ---- asking the handler -----------------------------------------------------------------------------------------

    void handle() {
        phase_ = Phase::handling;
        if (hub_->options.handler_timeout)
            set_deadline(*hub_->options.handler_timeout);
        else
            clear_deadline();
        request_.peer = peer_;
        auto ticket = std::make_shared<Ticket<Connection, Response>>(gate_, ++turn_);
        bool threw = false;
        {
            Gate<Connection>::Calling const calling{*gate_};
            try {
                hub_->handler(std::move(request_), [ticket](Response response) { ticket->give(std::move(response)); });
            } catch (...) {
                threw = true;
            }
        }
        if (inline_response_) return answer(*std::exchange(inline_response_, std::nullopt));
        if (threw && ticket->void_out()) answer(Refusal::no_answer().response());
    }

    // ---- answering --------------------------------------------------------------------------------------------------

    /// Answers a request that the handler does not see, or whose answer it has forfeited, and closes.
    void refuse(Refusal refusal) {
        ++turn_;
        if (writing_) return close();  // the 100 has not been taken: neither would this be
        close_after_ = true;
        answer(refusal.response());
    }

    void answer(Response response) {
        if (!ResponseHead::is_sound(response)) {
            if (response.stream) response.stream->stop();
            response = Refusal::no_answer().response();
        }
        if (hub_->stopping() || peer_is_done_ || asks_for_close(response)) close_after_ = true;
        bool const http_11 = !parser_ || parser_->is_http_11();
        bool const head_only = parser_ && parser_->is_head_request();
        auto const promised = response.stream ? ResponseHead::promised_length(response) : std::nullopt;

        ResponseHead head;
        head.server_name = hub_->options.server_name;
        if (ResponseHead::has_no_body(response.status)) {
            head.framing = Framing::bodiless;
        } else if (!response.stream) {
            head.length = response.body.size();
        } else if (promised) {
            head.length = *promised;
        } else if (http_11) {
            head.framing = Framing::chunked;
        } else {
            head.framing = Framing::until_close;
            close_after_ = close_after_ || !head_only;
        }
        head.close = close_after_;
        head.keep_alive_10 = !http_11;
        out_.clear();
        head.write(response, out_);

        bool const bodiless = head_only || head.framing == Framing::bodiless;
        if (response.stream && !bodiless) return begin_stream(std::move(response.stream), head);
        if (response.stream) response.stream->stop();
        phase_ = Phase::answering;
        body_ = bodiless ? std::string{} : std::move(response.body);
        set_deadline(hub_->options.write_timeout);
        write({net::buffer(out_), net::buffer(body_)});
    }
    static bool asks_for_close(Response const& response) noexcept {
        return Fields::same(response.fields.find("Connection").value_or(""), "close");
    }

    void end_answer() {
        body_ = {};
        ++turn_;
        if (close_after_ || peer_is_done_) return linger();
        wait_for_request();
    }

    // ---- streaming --------------------------------------------------------------------------------------------------

    void begin_stream(std::shared_ptr<BodyStream> stream, ResponseHead const& head) {
        phase_ = Phase::streaming;
        stream_ = std::move(stream);
        framing_ = head.framing;
        stream_left_ = head.length;
        head_is_written_ = piece_is_there_ = piece_is_asked_ = stream_has_ended_ = false;
        clear_deadline();
        if (hub_->stopping()) stream_->finish();
        read_more();  // a client that leaves is noticed by it
        pump();
    }

    /// Writes what there is to write; asks for more when nothing is left.
    void pump() {
        if (phase_ != Phase::streaming || writing_) return;
        if (stream_has_ended_) return end_stream();
        if (!piece_is_there_ && !piece_is_asked_) ask();
        if (phase_ != Phase::streaming) return;
        if (!piece_is_there_) {
            if (!head_is_written_) write_stream({net::buffer(out_)});
            return;  // until the piece comes
        }
        piece_is_there_ = false;
        if (framing_ == Framing::length && body_.size() > stream_left_) return fail_stream();
        stream_left_ -= framing_ == Framing::length ? body_.size() : 0;
        stream_has_ended_ = body_.empty();
        if (framing_ != Framing::chunked) return write_stream({net::buffer(head_text()), net::buffer(body_)});
        auto& before = head_text();
        if (stream_has_ended_) {
            before += "0\r\n\r\n";
            return write_stream({net::buffer(before)});
        }
        ResponseHead::append(body_.size(), before, 16);
        before += "\r\n";
        write_stream({net::buffer(before), net::buffer(body_), net::buffer("\r\n", 2)});
    }
    /// What goes before a piece: the head before the first, then nothing.
    std::string& head_text() {
        if (head_is_written_) out_.clear();
        return out_;
    }
    void write_stream(std::array<net::const_buffer, 3> parts) {
        head_is_written_ = true;
        set_deadline(hub_->options.write_timeout);
        write(parts);
    }
    void ask() {
        piece_is_asked_ = true;
        auto ticket = std::make_shared<Ticket<Connection, std::string>>(gate_, ++turn_);
        bool threw = false;
        {
            Gate<Connection>::Calling const calling{*gate_};
            try {
                stream_->next([ticket](std::string piece) { ticket->give(std::move(piece)); });
            } catch (...) {
                threw = true;
            }
        }
        if (inline_piece_) return accept_piece(*std::exchange(inline_piece_, std::nullopt));
        if (threw && ticket->void_out()) fail_stream();
    }
    void accept_piece(std::string piece) {
        body_ = std::move(piece);
        piece_is_there_ = true;
        piece_is_asked_ = false;
    }
    void end_stream() {
        stream_ = nullptr;
        if (framing_ == Framing::length && stream_left_ > 0) return close();  // the client sees that it is not all
        end_answer();
    }
    /// The stream broke its word: the client must see that the answer is not whole.
    void fail_stream() {
        if (head_is_written_ || writing_) return close();
        std::exchange(stream_, nullptr)->stop();
        answer(Refusal::no_answer().response());
    }

    // ---- writing ----------------------------------------------------------------------------------------------------

    /// What is left to write, as a buffer sequence.
    struct Parts {
        std::array<net::const_buffer, 3> parts;
        net::const_buffer const* begin() const noexcept { return parts.data(); }
        net::const_buffer const* end() const noexcept { return parts.data() + parts.size(); }
    };

    void write(std::array<net::const_buffer, 3> parts) {
        parts_.parts = parts;
        writing_ = true;
        unaccounted_ = 0;
        write_some();
    }
    void write_some() {
        socket_.async_write_some(parts_, [self = shared_from_this()](net_error_code error, std::size_t count) {
            self->on_written(error, count);
        });
    }
    void on_written(net_error_code error, std::size_t count) {
        if (phase_ == Phase::closed) return;
        if (error) return close();
        bool more = false;
        for (auto& part : parts_.parts) {
            auto const used = std::min(count, part.size());
            unaccounted_ += used;
            count -= used;
            part += used;
            more = more || part.size() != 0;
        }
        if (more) {
            if (unaccounted_ >= piece_bytes) {
                unaccounted_ = 0;
                set_deadline(hub_->options.write_timeout);
            }
            return write_some();
        }
        writing_ = false;
        switch (phase_) {
            case Phase::body:
                return read_body();
            case Phase::answering:
                return end_answer();
            case Phase::streaming:
                clear_deadline();
                return pump();
            default:
                return;
        }
    }

    // ---- ending -----------------------------------------------------------------------------------------------------

    /// Says the end, and throws away what comes until the client does: closing a socket that has unread input takes
    /// the last answer back.
    void linger() {
        phase_ = Phase::lingering;
        net_error_code error;
        socket_.shutdown(Tcp::socket::shutdown_send, error);
        if (error || peer_is_done_) return close();
        set_deadline(hub_->options.linger_timeout);
        if (reading_) return;
        input_.consume(input_.size());
        read_more();
    }

    void close() {
        if (phase_ == Phase::closed) return;
        phase_ = Phase::closed;
        ++turn_;
        ++timer_turn_;
        timer_.cancel();
        gate_->close();
        if (auto const stream = std::exchange(stream_, nullptr)) stream->stop();
        net_error_code ignored;
        // What a client does not take must not wait in the kernel.
        if (writing_) socket_.set_option(net::socket_base::linger{true, 0}, ignored);
        socket_.close(ignored);
        hub_->give_back(place_);  // before the last to leave says that none is left
        hub_->leave(*this);
    }

    // ---- deadlines --------------------------------------------------------------------------------------------------

    // The timer is armed anew only where it would come too late: a connection with many requests touches it every
    // few seconds. It is always waited for, since that is what holds a connection whose handler takes its time.
    void set_deadline(std::chrono::milliseconds after) {
        deadline_ = Clock::now() + after;
        if (deadline_ < armed_for_) arm();
    }
    void clear_deadline() noexcept { deadline_ = Clock::time_point::max(); }
    void arm() {
        armed_for_ = deadline_;
        timer_.expires_at(deadline_);
        timer_.async_wait([self = shared_from_this(), turn = ++timer_turn_](net_error_code) {
            if (turn == self->timer_turn_) self->on_timer();
        });
    }
    void on_timer() {
        bool const passed = Clock::now() >= deadline_;
        if (passed) clear_deadline();
        arm();
        if (!passed) return;
        switch (phase_) {
            case Phase::head:
                return refuse(Refusal::too_slow("The request's head did not come in time."));
            case Phase::body:
                return refuse(Refusal::too_slow("The request's body did not come in time."));
            case Phase::handling:
                return refuse(Refusal::handler_too_slow());
            default:
                return close();
        }
    }

    static std::string text_of(Tcp::endpoint const& peer) {
        auto text = peer.address().to_string();
        if (peer.address().is_v6()) text = "[" + text + "]";
        return text + ":" + std::to_string(peer.port());
    }

    std::shared_ptr<Hub> hub_;
    Hub::Place place_;
    std::shared_ptr<Gate<Connection>> gate_ = std::make_shared<Gate<Connection>>();
    Tcp::socket socket_;
    net::steady_timer timer_;
    Clock::time_point deadline_ = Clock::time_point::max();
    Clock::time_point armed_for_ = Clock::time_point::max();
    std::uint64_t timer_turn_ = 0;

    std::string peer_;
    InputBuffer input_;
    Request request_;
    std::optional<RequestParser> parser_;
    std::string piece_;  // of a body of known length, its first `filled_` bytes are there
    std::size_t filled_ = 0;
    std::uint64_t body_left_ = 0;
    std::size_t blank_ = 0;

    std::uint64_t turn_ = 0;  // what is owed now; anything owed earlier is of no interest any more
    std::optional<Response> inline_response_;
    std::optional<std::string> inline_piece_;

    std::string out_;   // an answer's head, or what frames a piece
    std::string body_;  // an answer's body, or a stream's piece
    Parts parts_;
    std::size_t unaccounted_ = 0;
    std::shared_ptr<BodyStream> stream_;
    std::uint64_t stream_left_ = 0;

    Phase phase_ = Phase::idle;
    Framing framing_ = Framing::length;
    bool head_is_timed_ = false;
    bool reading_ = false;
    bool writing_ = false;
    bool peer_is_done_ = false;
    bool close_after_ = false;
    bool head_is_written_ = false;
    bool piece_is_asked_ = false;
    bool piece_is_there_ = false;
    bool stream_has_ended_ = false;
};

}  // namespace batchpace::http::inline BATCHPACE_FLAVOUR::serving
