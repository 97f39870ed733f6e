// SPDX-License-Identifier: BSL-1.0
// A TCP server of lines of text gains batch annotation on the io_context that it has already: no thread, no queue, no
// second process. Here it talks to itself: a client on the same loop asks, and checks and prints what it is answered.
//
// Prints every request of `talk` below with its answer.
//
// Expected output: ping -> pong
#include <batchpace/batchpace.hpp>

#include <asio.hpp>
#include <iostream>
#include <iterator>
#include <sstream>

using asio::ip::tcp;
using namespace std::chrono_literals;

//[annotator
// Stands for a call to a slow service; the loop serves others meanwhile.
asio::awaitable<std::string> label(std::string_view image) {
    co_await batchpace::sleep_for(20ms, asio::use_awaitable);
    co_return "label of " + std::string{image};
}
//]

//[answer
asio::awaitable<std::string> answer(auto& processor, std::string line) {
    std::istringstream words{line};
    std::string command, word;
    words >> command;
    if (command == "ping") co_return "pong";  // all that the server could do before

    if (command == "start") {
        std::vector<std::string> items{std::istream_iterator<std::string>{words}, {}};
        std::error_code error;
        auto const job = processor.start_batch(std::move(items), {.concurrency = 2}, error);
        co_return error ? error.message() : "started " + job.to_string();
    }
    words >> word;
    auto const id = batchpace::JobId::parse(word);
    if (!id || !processor.progress(*id)) co_return "no such job";
    if (command == "cancel") co_return processor.cancel(*id) ? "cancelled" : "not running";
    if (command == "wait") co_await processor.async_wait(*id, asio::use_awaitable);
    auto const p = processor.progress(*id).value();
    co_return std::string{to_string(p.status)} + ", " + std::to_string(p.processed()) + " of " +
        std::to_string(p.total) + ", " + std::to_string(p.failed) + " failed";
}
//]

asio::awaitable<void> session(tcp::socket socket, auto& processor) {
    std::string input;
    for (std::error_code error;;) {
        auto const length = co_await asio::async_read_until(socket, asio::dynamic_buffer(input), '\n',
                                                            asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return;
        auto reply = co_await answer(processor, input.substr(0, length - 1));
        reply += '\n';
        input.erase(0, length);
        co_await asio::async_write(socket, asio::buffer(reply), asio::use_awaitable);
    }
}

asio::awaitable<void> serve(tcp::acceptor& acceptor, auto& processor) {
    for (std::error_code error;;) {
        auto socket = co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return;  // closed
        asio::co_spawn(acceptor.get_executor(), session(std::move(socket), processor), asio::detached);
    }
}

asio::awaitable<void> demonstrate(tcp::acceptor& acceptor) {
    static constexpr char const* talk[][2] = {{"ping", "pong"},
                                              {"start cat.png dog.png bird.png", "started"},
                                              {"wait", "completed, 3 of 3, 0 failed"},
                                              {"start a b c d e f g h", "started"},
                                              {"cancel", "cancelled"},
                                              {"cancel", "not running"}};
    tcp::socket socket{acceptor.get_executor()};
    co_await socket.async_connect(acceptor.local_endpoint(), asio::use_awaitable);
    std::string id;
    for (auto const& [request, expected] : talk) {
        auto const line = std::string{request} + ' ' + id + '\n';
        co_await asio::async_write(socket, asio::buffer(line), asio::use_awaitable);
        std::string reply;
        co_await asio::async_read_until(socket, asio::dynamic_buffer(reply), '\n', asio::use_awaitable);
        reply.pop_back();
        if (reply.starts_with("started ")) id = reply.substr(8), reply = "started";
        std::cout << request << " -> " << reply << '\n';
        if (reply != expected) throw std::runtime_error{"that should have been: " + std::string{expected}};
    }
    acceptor.close();
}

int main() {
    asio::io_context loop;
    batchpace::BatchProcessor processor{loop, batchpace::SlidingWindow{500, 1min}, label, {.executor_is_serial = true}};
    tcp::acceptor acceptor{loop, {asio::ip::address_v4::loopback(), 0}};
    asio::co_spawn(loop, serve(acceptor, processor), asio::detached);
    asio::co_spawn(loop, demonstrate(acceptor), [](auto failed) { if (failed) std::rethrow_exception(failed); });
    loop.run();
}
