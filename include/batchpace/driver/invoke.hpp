// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/asio.hpp>
#include <batchpace/attempt.hpp>
#include <batchpace/concepts/annotator.hpp>

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
};

}  // namespace batchpace::inline BATCHPACE_FLAVOUR::driver
