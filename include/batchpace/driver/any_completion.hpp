// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/asio.hpp>

#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

namespace batchpace::inline BATCHPACE_FLAVOUR {

/// A completion handler of a known signature, behind one pointer. It runs by a post to its associated executor, never
/// inside whoever completes it, and keeps that executor's loop alive until then.
template <class... Args>
class AnyCompletion {
public:
    AnyCompletion() = default;

    template <class Handler, class Executor>
    AnyCompletion(Handler handler, Executor const& fallback)
        : holder_{std::make_unique<Holder<Handler, Executor>>(std::move(handler), fallback)} {}

    explicit operator bool() const noexcept { return holder_ != nullptr; }

    /// True where the handler would run on `context`, which is going away: then it can only be destroyed.
    bool runs_on(net::execution_context const& context) const noexcept {
        return holder_ != nullptr && holder_->context() == &context;
    }

    /// At most once.
    void complete(Args... args) {
        auto holder = std::move(holder_);
        if (holder) holder->complete(std::move(args)...);
    }

private:
    // What keeps an executor's loop alive. An executor_work_guard is no good for a strand: Asio 1.22 takes its form for
    // older executors then, and calls what the one within may not have.
    template <class Executor>
    static auto work_of(Executor const& executor) {
        if constexpr (net::execution::is_executor<Executor>::value)
            return net::prefer(executor, net::execution::outstanding_work.tracked);
        else
            return net::executor_work_guard<Executor>{executor};
    }

    struct Base {
        virtual ~Base() = default;
        virtual void complete(Args... args) = 0;
        virtual net::execution_context const* context() const noexcept = 0;
    };
    template <class Handler, class Executor>
    struct Holder final : Base {
        using Associated = net::associated_executor_t<Handler, Executor>;

        Holder(Handler h, Executor const& fallback)
            : executor{net::get_associated_executor(h, fallback)}, work{work_of(executor)}, handler{std::move(h)} {}

        void complete(Args... args) override {
            net::post(executor, [handler = std::move(handler), work = std::move(work),
                                 arguments = std::tuple<Args...>{std::move(args)...}]() mutable {
                static_cast<void>(work);  // it is there to be held
                std::apply([&](auto&... values) { std::move(handler)(std::move(values)...); }, arguments);
            });
        }

        net::execution_context const* context() const noexcept override {
            // The executor of a future has no context: it runs nowhere in particular.
            if constexpr (requires { net::query(executor, net::execution::context); }) {
                net::execution_context const& its = net::query(executor, net::execution::context);
                return &its;
            } else {
                return nullptr;
            }
        }

        Associated executor;
        decltype(work_of(std::declval<Associated const&>())) work;
        Handler handler;
    };

    std::unique_ptr<Base> holder_;
};

}  // namespace batchpace::inline BATCHPACE_FLAVOUR
