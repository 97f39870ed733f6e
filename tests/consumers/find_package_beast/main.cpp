// SPDX-License-Identifier: BSL-1.0
//
// It has nothing but what the target batchpace::beast gives it: a server that is asked one thing, on one loop with a
// processor, and stopped.

#include <batchpace/batchpace.hpp>
#include <batchpace/http/beast.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <chrono>
#include <iostream>
#include <string>
#include <utility>

namespace net = boost::asio;
using namespace std::chrono_literals;

int main() {
    net::io_context loop;
    batchpace::BatchProcessor processor{loop, batchpace::Unlimited{}, [](std::string const&) {}};
    batchpace::http::BeastServer server{loop.get_executor(), [&](batchpace::http::Request, batchpace::http::Respond respond) {
        processor.async_wait(processor.start_batch({"a", "b"}),
                             [respond = std::move(respond)](auto, batchpace::JobProgress p) {
                                 respond({200, "text/plain", std::to_string(p.successful)});
                             });
    }};

    std::string answer;
    net::ip::tcp::socket client{loop};
    client.connect(server.listen("127.0.0.1", 0));
    net::write(client, net::buffer(std::string{"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"}));
    net::async_read(client, net::dynamic_buffer(answer), [&](boost::system::error_code, std::size_t) {
        client.close();
        server.async_stop(1s, [](boost::system::error_code) {});
    });
    loop.run();
    std::cout << answer << '\n';
    return answer.starts_with("HTTP/1.1 200") && answer.ends_with("\r\n\r\n2") ? 0 : 1;
}
