// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/batch.hpp>
#include <batchpace/batch_options.hpp>
#include <batchpace/concepts/annotator.hpp>
#include <batchpace/error.hpp>
#include <batchpace/outcome.hpp>
#include <batchpace/time.hpp>

#include <concepts>
#include <cstddef>
#include <system_error>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace batchpace::inline BATCHPACE_FLAVOUR {

namespace driver {

/// What a batched call answers: something for each item, or a failure of the call as a whole.
template <class R>
struct BatchAnswer {};
template <class T>
struct BatchAnswer<std::vector<T>> : Annotated<T> {};
template <class T>
struct BatchAnswer<Outcome<std::vector<T>>> : Annotated<T> {};

template <class B>
inline constexpr bool is_batch = false;
template <class Item>
inline constexpr bool is_batch<Batch<Item>> = true;

}  // namespace driver

/// An annotator whose calls take up to `N` items of one job. Made by `batched<N>(callable)`.
template <std::size_t N, class F>
class Batched {
    using FirstParameter = typename driver::ItemOf<F>::type;
    static_assert(N >= 1 && N <= 65'536, "batchpace: batched<N> takes 1 to 65,536 items a call");
    static_assert(driver::is_batch<FirstParameter>,
                  "batchpace: batched<N> takes a callable whose parameter is a batchpace::Batch<Item>; where that cannot "
                  "be told from it, wrap it: batchpace::annotates<batchpace::Batch<Item>>(f)");

public:
    using item_type = typename FirstParameter::item_type;
    static constexpr std::size_t most_a_call = N;

    Batched(F f, BatchOptions const& options) : f_{std::move(f)}, options_{options} {
        if (options.linger < duration::zero())
            throw std::system_error{error::invalid_option, "BatchOptions: linger must be at least 0"};
        if (options.most > N)
            throw std::system_error{error::invalid_option, "BatchOptions: most must not be above the N of batched<N>"};
        if (options_.most == 0) options_.most = N;
    }

    decltype(auto) operator()(Batch<item_type> const& batch) { return f_(batch); }
    BatchOptions const& options() const noexcept { return options_; }

private:
    F f_;
    BatchOptions options_;
};

/// Makes an annotator of a callable that takes several items at once, as a vision API takes 16 images.
///
/// The callable takes a `Batch<Item>` and returns `std::vector<T>` or `std::vector<Outcome<T>>`, an answer for each item
/// in order; an `Outcome` of such a vector, to tell that the call failed as a whole; or an `asio::awaitable` of any of
/// these. A failed item is tried again like any other, in a later call.
///
/// A call that fails as a whole (it throws, returns such a failure, answers another number of items, does not come back)
/// is halved until the item whose fault it was is alone: finding one bad item among N costs at most 2·⌈log₂ N⌉ calls
/// more, and no item is given up before it was alone. A call that was turned away (`throttled`) is not halved: it waits,
/// as long as each of its items may be turned away at no cost (`max_throttles`).
///
/// A call counts as one attempt in flight (`concurrency`, caps), as one of `max_calls`, and in `running` with its items.
/// @throws std::system_error `error::invalid_option`, its text naming the field: correct it.
///
/// @par Example
/// @code
/// auto annotator = batchpace::batched<16>(
///     [&](batchpace::Batch<std::string> images) -> asio::awaitable<std::vector<batchpace::Outcome<Labels>>> {
///         return vision.annotate(images);
///     }, {.linger = 50ms});
/// @endcode
template <std::size_t N, class F>
Batched<N, F> batched(F f, BatchOptions const& options = {}) {
    return {std::move(f), options};
}

namespace driver {

template <std::size_t N, class F, class Item>
    requires requires {
        typename BatchAnswer<typename Awaited<std::invoke_result_t<F&, Batch<Item> const&>>::type>::type;
    }
struct AnswerOf<Batched<N, F>, Item> {
    using type = std::invoke_result_t<F&, Batch<Item> const&>;
    static constexpr bool wants_attempt = false;
};

}  // namespace driver

template <std::size_t N, class F>
struct annotator_traits<Batched<N, F>> {
    using item_type = typename Batched<N, F>::item_type;

private:
    using Awaited = driver::Awaited<typename driver::AnswerOf<Batched<N, F>, item_type>::type>;
    using Annotated = driver::BatchAnswer<typename Awaited::type>;

public:
    using annotation_type = typename Annotated::type;
    using awaitable_executor_type = typename Awaited::executor_type;
    static constexpr bool is_awaitable = Awaited::is_awaitable;
    static constexpr bool returns_outcome = Annotated::is_outcome;
    static constexpr bool returns_nothing = std::is_same_v<annotation_type, std::monostate>;
    static constexpr bool wants_attempt = false;
    static constexpr std::size_t most_a_call = N;
    static constexpr bool is_batched = true;
    static constexpr bool is_callback = false;
};

}  // namespace batchpace::inline BATCHPACE_FLAVOUR
