// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/asio.hpp>
#include <batchpace/attempt.hpp>
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

/// The first parameter of a callable with a single call operator, decayed; void where it cannot be told.
template <class F>
struct FirstParameter {
    using type = void;
};
template <class R, class First, class... Rest>
struct FirstParameter<R (*)(First, Rest...)> {
    using type = std::remove_cvref_t<First>;
};
template <class R, class First, class... Rest>
struct FirstParameter<R (*)(First, Rest...) noexcept> : FirstParameter<R (*)(First, Rest...)> {};
template <class F>
    requires requires { &F::operator(); }
struct FirstParameter<F> {
    template <class R, class C, class First, class... Rest>
    static std::remove_cvref_t<First> of(R (C::*)(First, Rest...));
    template <class R, class C, class First, class... Rest>
    static std::remove_cvref_t<First> of(R (C::*)(First, Rest...) const);
    template <class R, class C, class First, class... Rest>
    static std::remove_cvref_t<First> of(R (C::*)(First, Rest...) noexcept);
    template <class R, class C, class First, class... Rest>
    static std::remove_cvref_t<First> of(R (C::*)(First, Rest...) const noexcept);
    using type = decltype(of(&F::operator()));
};

template <class F, class Arg>
concept takes = std::invocable<F&, Arg> || std::invocable<F&, Arg, Attempt const&>;

template <class F>
struct ItemOf {
    using type = typename FirstParameter<F>::type;
};
template <class F>
    requires requires { typename F::item_type; }
struct ItemOf<F> {
    using type = typename F::item_type;
};
template <class F>
    requires(!requires { typename F::item_type; } && (takes<F, std::string_view> || takes<F, std::string const&>))
struct ItemOf<F> {
    using type = std::string;
};

template <class F, class Item>
struct AnswerOf {};
template <class F, class Item>
    requires std::invocable<F&, Item const&, Attempt const&>
struct AnswerOf<F, Item> {
    using type = std::invoke_result_t<F&, Item const&, Attempt const&>;
    static constexpr bool wants_attempt = true;
};
template <class F, class Item>
    requires(!std::invocable<F&, Item const&, Attempt const&> && std::invocable<F&, Item const&>)
struct AnswerOf<F, Item> {
    using type = std::invoke_result_t<F&, Item const&>;
    static constexpr bool wants_attempt = false;
};

template <class T>
struct Awaited {
    static constexpr bool is_awaitable = false;
    using type = T;
    using executor_type = void;
};
#if defined(BATCHPACE_HAS_CO_AWAIT)
template <class T, class E>
struct Awaited<net::awaitable<T, E>> {
    static constexpr bool is_awaitable = true;
    using type = T;
    using executor_type = E;
};
#endif

template <class T>
struct Annotated {
    static constexpr bool is_outcome = false;
    using type = std::remove_cvref_t<T>;
};
template <>
struct Annotated<void> {
    static constexpr bool is_outcome = false;
    using type = std::monostate;
};
template <class T>
struct Annotated<Outcome<T>> {
    static constexpr bool is_outcome = true;
    using type = std::conditional_t<std::is_void_v<T>, std::monostate, T>;
};

template <class Item, class F>
struct Annotates : F {
    using item_type = Item;
    explicit Annotates(F f) : F{std::move(f)} {}
    using F::operator();
};

}  // namespace driver

/// What a callable is as an annotator: its item and annotation types, and its form.
///
/// `item_type` is the callable's own `item_type`; std::string where it takes a `std::string_view` or a
/// `std::string const&`; else the decayed first parameter of its single call operator.
template <class A>
struct annotator_traits {
    using item_type = typename driver::ItemOf<A>::type;

private:
    using Answer = driver::AnswerOf<A, item_type>;
    using Awaited = driver::Awaited<typename Answer::type>;
    using Annotated = driver::Annotated<typename Awaited::type>;

public:
    using annotation_type = typename Annotated::type;
    /// void unless the annotator returns an awaitable.
    using awaitable_executor_type = typename Awaited::executor_type;
    static constexpr bool is_awaitable = Awaited::is_awaitable;
    static constexpr bool returns_outcome = Annotated::is_outcome;
    static constexpr bool returns_nothing = std::is_same_v<annotation_type, std::monostate>;
    static constexpr bool wants_attempt = Answer::wants_attempt;
    /// Items that one call takes at the most; above 1 for a `Batched` one only.
    static constexpr std::size_t most_a_call = 1;
    static constexpr bool is_batched = false;
    /// Answers by a completion: a `Callback`.
    static constexpr bool is_callback = false;
};

/// A callable whose item type can be told from it: one that has an `item_type`, takes a string, or has a single,
/// non-template call operator. Any other is wrapped: `batchpace::annotates<Item>(f)`.
template <class A>
concept annotator_with_item = !std::is_void_v<typename driver::ItemOf<A>::type>;

/// A callable that annotates one item: returns a `T`, an `Outcome<T>`, or an `asio::awaitable` of either, and may take
/// an `Attempt const&` second. It is called from the processor's executor, by several threads at once where that has
/// several.
template <class A>
concept annotator = std::move_constructible<A> && annotator_with_item<A> &&
                    requires { typename driver::AnswerOf<A, typename driver::ItemOf<A>::type>::type; };

/// Names the item type of a callable that does not show it (a template, an overload set):
/// `batchpace::annotates<Document>([](auto const& d) { … })`.
template <class Item, class F>
auto annotates(F f) {
    return driver::Annotates<Item, F>{std::move(f)};
}

}  // namespace batchpace::inline BATCHPACE_FLAVOUR
