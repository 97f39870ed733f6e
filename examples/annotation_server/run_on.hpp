// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/execution.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/thread_pool.hpp>

#include <exception>
#include <type_traits>
#include <utility>

namespace annotation_server {

/// Calls `work` on one of the threads, for what would hold the loop up. Completion: `void(std::exception_ptr, Result)`,
/// on the handler's executor, whose loop must outlive the threads. It cannot be cancelled.
/// What `work` uses may be the handler's: that lives until the work is done.
template <class Work, class Token>
auto async_run_on(boost::asio::thread_pool::executor_type threads, Work work, Token&& token) {
    namespace net = boost::asio;
    using Result = std::invoke_result_t<Work&>;
    return net::async_initiate<Token, void(std::exception_ptr, Result)>(
        [](auto handler, net::thread_pool::executor_type on, Work job) {
            auto const back = net::get_associated_executor(handler, on);
            auto keep = net::prefer(back, net::execution::outstanding_work.tracked);
            net::post(on, [back, keep = std::move(keep), handler = std::move(handler), job = std::move(job)]() mutable {
                std::exception_ptr fault;
                Result result{};
                try {
                    result = job();
                } catch (...) {
                    fault = std::current_exception();
                }
                net::post(back, [keep = std::move(keep), handler = std::move(handler), fault = std::move(fault),
                                 result = std::move(result)]() mutable {
                    static_cast<void>(keep);  // the loop goes on until here
                    std::move(handler)(std::move(fault), std::move(result));
                });
            });
        },
        token, std::move(threads), std::move(work));
}

}  // namespace annotation_server
