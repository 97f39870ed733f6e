// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/asio.hpp>

#include <cstddef>
#include <cstdint>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace batchpace::inline BATCHPACE_FLAVOUR::driver {

/// Gives the pages of a large block back to the system piece by piece, from its end on, while the block is being
/// emptied: at the end nothing is left of it but addresses. Given back as a whole, a block of 320 MB would hold its
/// thread up for 20 ms. Only where the system has such a call; elsewhere it does nothing.
class UnusedPages {
public:
    static constexpr std::size_t piece = std::size_t{1} << 21;  // a huge page, where the system has them
    static constexpr std::size_t worth_it = 4 * piece;          // smaller blocks go back soon enough as a whole

    UnusedPages() = default;
    /// The block holds `bytes`, whatever of them is in use.
    UnusedPages(void* block, std::size_t bytes) noexcept
        : left_{bytes < worth_it ? 0 : (reinterpret_cast<std::uintptr_t>(block) + bytes) / piece * piece} {}

    /// Of the block only what is before `used_to` is still needed. Gives one piece back; false where there is none.
    bool give_back(void const* used_to) noexcept {
#if defined(__linux__)
        auto const from = left_ - piece;
        if (left_ == 0 || from < reinterpret_cast<std::uintptr_t>(used_to)) return false;
        // The block stays its owner's: these pages read as zeros from now on. Where it fails nothing is lost.
        ::madvise(reinterpret_cast<void*>(from), piece, MADV_DONTNEED);
        left_ = from;
        return true;
#else
        static_cast<void>(used_to);
        return false;
#endif
    }

private:
    // Where what has not been given back ends: whole pieces, so that whole pages whatever their size.
    std::uintptr_t left_ = 0;
};

}  // namespace batchpace::inline BATCHPACE_FLAVOUR::driver
