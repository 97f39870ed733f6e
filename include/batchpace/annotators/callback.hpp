// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/asio.hpp>
#include <batchpace/attempt.hpp>
#include <batchpace/completion.hpp>
#include <batchpace/concepts/annotator.hpp>
#include <batchpace/outcome.hpp>

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace batchpace::inline BATCHPACE_FLAVOUR {

namespace driver {

template <class F, class Item, class T>
concept takes_completion =
    std::invocable<F&, Item, Completion<T>> || std::invocable<F&, Item, Attempt const&, Completion<T>>;

template <class F, class T>
struct CallbackItem {
    using type = typename FirstParameter<F>::type;
};
template <class F, class T>
    requires requires { typename F::item_type; }
struct CallbackItem<F, T> {
    using type = typename F::item_type;
};
template <class F, class T>
    requires(!requires { typename F::item_type; } &&
             (takes_completion<F, std::string_view, T> || takes_completion<F, std::string const&, T>))
struct CallbackItem<F, T> {
    using type = std::string;
};

}  // namespace driver

/// An annotator that answers by calling a `Completion<T>`. Made by `callback<T>(callable)`.
template <class T, class F>
class Callback {
public:
    /// Of what it annotates; found as for any annotator.
    using item_type = typename driver::CallbackItem<F, T>::type;

    explicit Callback(F f) : f_{std::move(f)} {
        static_assert(!std::is_void_v<item_type>,
                      "batchpace: the item type cannot be told from this annotator; wrap it: "
                      "batchpace::callback<T>(batchpace::annotates<Item>(f))");
        static_assert(std::is_void_v<item_type> || driver::takes_completion<F, item_type const&, T>,
                      "batchpace: callback<T> takes a callable with the parameters (item, batchpace::Completion<T>) or "
                      "(item, batchpace::Attempt const&, batchpace::Completion<T>); see docs/concepts/annotator.md");
    }

    template <class Item>
    void operator()(Item const& item, Attempt const& attempt, Completion<T> done) {
        if constexpr (std::invocable<F&, Item const&, Attempt const&, Completion<T>>)
            f_(item, attempt, std::move(done));
        else
            f_(item, std::move(done));
    }

private:
    F f_;
};

/// Makes an annotator of a callable that takes a completion last: `(item, Completion<T>)` or
/// `(item, Attempt const&, Completion<T>)`. It returns at once, as a rule, and calls the completion when the annotation
/// is there. What it throws is the attempt's failure, unless it has answered before.
///
/// It is asked to stop by the attempt's `stop_token`; one that does not answer until the time-out and the grace have
/// passed is given up, like any other annotator. A `T` of void is `callback<void>(f)`; its completion is called with
/// nothing.
///
/// It is called from the processor's executor, by several threads at once where that has several.
/// Where the compiler cannot tell what its items are: `callback<T>(annotates<Item>(f))`.
///
/// @par Example
/// @code
/// auto annotate = batchpace::callback<Labels>([&](std::string_view id, auto done) {
///     client.get(id, [done](Reply reply) { done(labels_of(reply)); });
/// });
/// @endcode
template <class T, class F>
Callback<T, F> callback(F f) {
    return Callback<T, F>{std::move(f)};
}

namespace driver {

template <class T, class F, class Item>
struct AnswerOf<Callback<T, F>, Item> {
    using type = Outcome<T>;
    static constexpr bool wants_attempt = true;
};

}  // namespace driver

template <class T, class F>
struct annotator_traits<Callback<T, F>> {
    using item_type = typename Callback<T, F>::item_type;
    using annotation_type = std::conditional_t<std::is_void_v<T>, std::monostate, T>;
    using awaitable_executor_type = void;
    using completion_type = Completion<T>;
    static constexpr bool is_awaitable = false;
    static constexpr bool returns_outcome = true;
    static constexpr bool returns_nothing = std::is_same_v<annotation_type, std::monostate>;
    static constexpr bool wants_attempt = true;
    static constexpr std::size_t most_a_call = 1;
    static constexpr bool is_batched = false;
    static constexpr bool is_callback = true;
};

}  // namespace batchpace::inline BATCHPACE_FLAVOUR
