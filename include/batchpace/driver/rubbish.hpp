// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/asio.hpp>
#include <batchpace/driver/unused_pages.hpp>
#include <batchpace/engine/boxed.hpp>
#include <batchpace/engine/item_chunks.hpp>
#include <batchpace/engine/result_log.hpp>
#include <batchpace/item_error.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <iterator>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace batchpace::inline BATCHPACE_FLAVOUR::driver {

/// One of the large things that a job leaves behind: a chunk of its items, those kept one by one, its result log, its
/// errors. It is destroyed slice by slice, so that a loop is not held up by a destructor.
template <class Item, class T>
class Rubbish {
public:
    using Chunk = typename engine::ItemChunks<Item>::Chunk;
    using Kept = engine::Boxed<typename engine::ItemChunks<Item>::Kept>;
    using Results = engine::Boxed<typename engine::ResultLog<T>::Entries>;
    using Errors = std::vector<ItemError>;

    static constexpr std::size_t slice = 1'024;  ///< elements destroyed at once: a source's chunk is one slice

    explicit Rubbish(std::shared_ptr<Chunk> chunk) noexcept : what_{std::move(chunk)} {}
    explicit Rubbish(Kept kept) noexcept : what_{std::move(kept)} {}
    explicit Rubbish(Results results) noexcept : what_{std::move(results)} {}
    explicit Rubbish(Errors errors) noexcept : what_{std::move(errors)} {}

    /// A chunk that is no more than a slice. A job with a source leaves one after the other behind while it runs: its
    /// own lanes destroy them, so that they cannot pile up.
    bool small() const noexcept {
        auto const* chunk = std::get_if<std::shared_ptr<Chunk>>(&what_);
        return chunk != nullptr && (*chunk)->items.size() <= slice;
    }

    /// Destroys a slice of it. False: what is left may go at once.
    bool shrink() {
        auto const more = std::visit([this](auto& what) { return this->shrink(what); }, what_);
        if (more) join_free_blocks();
        return more;
    }

private:
    // glibc lays small blocks that are freed aside and joins them with their neighbours some day, all at once: 30 ms for
    // a million. Asked for a block of this size it does that now, for one slice.
    static void join_free_blocks() { ::operator delete(::operator new(2'048)); }

    bool shrink(std::shared_ptr<Chunk>& chunk) {
        if (chunk.use_count() > 1) return false;  // an attempt that was given up still reads it: that lane's to destroy
        std::atomic_thread_fence(std::memory_order_acquire);  // after whatever lanes did before they let go of it
        return shrink(chunk->items);
    }
    bool shrink(Kept& kept) {
        if (kept->size() <= slice) return false;
        kept->erase(kept->begin(), std::next(kept->begin(), slice));
        return true;
    }
    bool shrink(Results& results) {
        if (results->size() <= slice) return false;
        for (auto i = slice; i > 0; --i) results->pop_front();
        return true;
    }
    template <class Element>
    bool shrink(std::vector<Element>& elements) {
        // Nothing is done for those without a destructor: only their memory counts.
        constexpr auto at_once = !std::is_trivially_destructible_v<Element>
                                     ? slice
                                     : std::max<std::size_t>(slice, UnusedPages::piece / sizeof(Element));
        if (!std::exchange(begun_, true)) pages_ = {elements.data(), elements.capacity() * sizeof(Element)};
        if (pages_.give_back(elements.data() + elements.size())) return true;
        if (elements.size() <= at_once) return false;
        for (auto i = at_once; i > 0; --i) elements.pop_back();
        return true;
    }

    std::variant<std::shared_ptr<Chunk>, Kept, Results, Errors> what_;
    UnusedPages pages_;
    bool begun_ = false;
};

}  // namespace batchpace::inline BATCHPACE_FLAVOUR::driver
