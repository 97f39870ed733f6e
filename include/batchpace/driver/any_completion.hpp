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
        : holder_{Holder<Handler, Executor>::make(std::move(handler), fallback)} {}

    explicit operator bool() const noexcept { return holder_ != nullptr; }

    /// True where the handler would run on `context`, which is going away: then it can only be destroyed.
    bool runs_on(net::execution_context const& context) const noexcept {
        return holder_ != nullptr && holder_->context() == &context;
    }

    /// At most once. No part of the handler is destroyed in here: that may be under a mutex which it wants itself.
    void complete(Args... args) {
        auto holder = std::move(holder_);
        if (holder) {
            auto* const whole = holder.get();
            whole->complete(std::move(holder), std::move(args)...);
        }
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

    struct Base;
    struct Destroy {
        void operator()(Base* holder) const noexcept { holder->destroy(); }
    };
    using Owner = std::unique_ptr<Base, Destroy>;
    struct Base {
        virtual void complete(Owner self, Args... args) = 0;
        virtual net::execution_context const* context() const noexcept = 0;
        virtual void destroy() noexcept = 0;

    protected:
        ~Base() = default;
    };

    // Its memory, and that of the post, comes from the handler's associated allocator, and goes back before the handler is
    // called or destroyed: what it holds may be where the memory comes from.
    template <class Handler, class Executor>
    struct Holder final : Base {
        using Associated = net::associated_executor_t<Handler, Executor>;
        using Work = decltype(work_of(std::declval<Associated const&>()));
        using Allocator =
            typename std::allocator_traits<net::associated_allocator_t<Handler>>::template rebind_alloc<Holder>;

        struct Delivery {
            using allocator_type = net::associated_allocator_t<Handler>;
            allocator_type get_allocator() const noexcept { return allocator_type{holder().allocator}; }
            void operator()() {
                [[maybe_unused]] auto const held = std::move(holder().work);
                auto called = std::move(holder().handler);
                owner.reset();
                std::apply([&](auto&... values) { std::move(called)(std::move(values)...); }, arguments);
            }
            Holder& holder() const noexcept { return static_cast<Holder&>(*owner); }

            Owner owner;
            std::tuple<Args...> arguments;
        };

        static Owner make(Handler handler, Executor const& fallback) {
            Allocator allocator{net::get_associated_allocator(handler)};
            auto* const memory = std::allocator_traits<Allocator>::allocate(allocator, 1);
            try {
                return Owner{::new (memory) Holder{std::move(handler), fallback, allocator}};
            } catch (...) {
                std::allocator_traits<Allocator>::deallocate(allocator, memory, 1);
                throw;
            }
        }

        Holder(Handler h, Executor const& fallback, Allocator const& from)
            : executor{net::get_associated_executor(h, fallback)},
              work{work_of(executor)},
              allocator{from},
              handler{std::move(h)} {}

        void complete(Owner self, Args... args) override {
            auto const where = executor;  // this is gone as soon as the post has run
            net::post(where, Delivery{std::move(self), std::tuple<Args...>{std::move(args)...}});
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

        void destroy() noexcept override {
            auto its = allocator;
            [[maybe_unused]] auto const last = std::move(handler);
            this->~Holder();
            std::allocator_traits<Allocator>::deallocate(its, this, 1);
        }

        Associated executor;
        Work work;
        Allocator allocator;
        Handler handler;
    };

    Owner holder_;
};

}  // namespace batchpace::inline BATCHPACE_FLAVOUR
