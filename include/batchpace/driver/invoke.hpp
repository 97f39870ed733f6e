// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/asio.hpp>
#include <batchpace/attempt.hpp>
#include <batchpace/concepts/annotator.hpp>
#include <batchpace/failure.hpp>
#include <batchpace/outcome.hpp>

#include <exception>
#include <system_error>
#include <type_traits>
#include <utility>
#include <variant>

namespace batchpace::inline BATCHPACE_FLAVOUR::driver {

/// Calls an annotator in the form it has, and brings whatever it answers into one shape.
template <class Annotator>
class Invoke {
public:
    using Traits = annotator_traits<Annotator>;
    using Item = typename Traits::item_type;
    using T = typename Traits::annotation_type;

    /// The call itself: an answer, or an awaitable of one.
    static decltype(auto) call(Annotator& annotator, Item const& item, Attempt const& attempt) {
        if constexpr (Traits::wants_attempt)
            return annotator(item, attempt);
        else
            return annotator(item);
    }

    /// An annotator that throws has failed for now: another attempt may go better.
    static Failure from_exception() {
        try {
            throw;
        } catch (std::system_error const& e) {
            return Failure::transient(e.what()).with_code(e.code());
#if defined(BATCHPACE_USE_BOOST_ASIO)
        } catch (net_system_error const& e) {
            return Failure::transient(e.what()).with_code(e.code());
#endif
        } catch (std::exception const& e) {
            return Failure::transient(e.what());
        } catch (...) {
            return Failure::transient("the annotator threw something that is not a std::exception");
        }
    }
};

}  // namespace batchpace::inline BATCHPACE_FLAVOUR::driver
