// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/engine/boxed.hpp>
#include <batchpace/engine/item_ranges.hpp>
#include <batchpace/engine/item_set.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace batchpace::engine {

/// The items of a job, in the chunks in which they came: one for a vector, many for a source that is asked as the job
/// goes on. A chunk is given up when all of its items have ended; those still needed are kept one by one: items to be
/// tried again, and those whose result is kept, as long as it is.
template <class Item>
class ItemChunks {
public:
    using Kept = std::map<std::uint64_t, Item>;

    struct Chunk {
        std::uint64_t begin = 0;
        std::vector<Item> items;
        std::uint64_t ended = 0;  ///< items that have ended for good

        std::uint64_t end() const noexcept { return begin + items.size(); }
        Item const& item(std::uint64_t index) const noexcept {
            return items[static_cast<std::size_t>(index - begin)];
        }

    private:
        friend ItemChunks;
        ItemSet needed;  // of those that have ended, counted from `begin`

        bool worth_keeping() const noexcept {
            // What cannot be copied out holds its chunk; and so do those that would take more room one by one.
            constexpr auto one_by_one = sizeof(Item) + node_overhead;
            return needed.size() * 2 > items.size() || needed.size() * one_by_one > items.size() * sizeof(Item) ||
                   (!std::copy_constructible<Item> && !needed.empty());
        }
    };

    void append(std::vector<Item> items) {
        auto chunk = std::make_shared<Chunk>();
        chunk->begin = end_;
        chunk->items = std::move(items);
        end_ += chunk->items.size();
        chunks_.push_back(std::move(chunk));
    }

    /// The chunk of an item that has not ended. Lanes share it, so that an item outlives its attempt in any case.
    std::shared_ptr<Chunk> const& chunk(std::uint64_t index) const noexcept { return *find(index); }

    /// Where a block that begins at `index` must end at the latest.
    std::uint64_t chunk_end(std::uint64_t index) const noexcept {
        auto const found = find(index);
        return found == chunks_.end() ? end_ : (*found)->end();
    }

    /// Ended items that will be asked for again: failed or cancelled ones, or those with a kept result.
    void need(ItemRange range) {
        while (!range.empty()) {
            auto const found = find(range.begin);
            if (found == chunks_.end()) return;
            auto const end = std::min(range.end, (*found)->end());
            auto& chunk = **found;
            chunk.needed.insert({range.begin - chunk.begin, end - chunk.begin});
            range.begin = end;
        }
    }

    /// The opposite, for one. Returns its chunk if it can be given up now.
    std::shared_ptr<Chunk> need_no_longer(std::uint64_t index, bool pulled) {
        auto const found = find(index);
        if (found == chunks_.end()) {
            if (kept_) kept_->erase(index);
            return nullptr;
        }
        (*found)->needed.erase(index - (*found)->begin);
        return give_up_if_done(found, pulled);
    }

    /// `count` items of one chunk have ended. Returns the chunk if it can be given up now; destroy it where that is
    /// cheap.
    std::shared_ptr<Chunk> ended(std::uint64_t index, std::uint64_t count, bool pulled) {
        auto const found = find(index);
        if (found == chunks_.end()) return nullptr;
        (*found)->ended += count;
        return give_up_if_done(found, pulled);
    }

    /// At the finish: gives up one chunk of which little is needed, at most `most` items of it moved at a time.
    /// nullptr when there is nothing left to give up, or when this one is not done yet (`again`).
    std::shared_ptr<Chunk> compact(std::size_t most, bool& again) {
        again = false;
        for (auto it = chunks_.begin(); it != chunks_.end(); ++it) {
            auto& chunk = **it;
            if (chunk.worth_keeping()) continue;
            if (chunk.needed.size() > most) {
                keep(chunk, most);
                again = true;
                return nullptr;
            }
            again = true;
            return give_up(it);
        }
        return nullptr;
    }

    /// An item that is still here; nullptr for one whose chunk was given up.
    Item const* lookup(std::uint64_t index) const noexcept {
        if (kept_)
            if (auto const kept = kept_->find(index); kept != kept_->end()) return &kept->second;
        auto const found = find(index);
        return found == chunks_.end() ? nullptr : &(*found)->item(index);
    }

    /// About how much memory the items take, reckoned from the first few of each chunk.
    template <class SizeOf>
    std::uint64_t bytes(SizeOf&& size_of) const {
        std::uint64_t sum = 0;
        for (auto const& chunk : chunks_) {
            auto const looked_at = std::min<std::size_t>(16, chunk->items.size());
            std::uint64_t seen = 0;
            for (std::size_t i = 0; i < looked_at; ++i) seen += size_of(chunk->items[i]);
            if (looked_at > 0) sum += seen * chunk->items.size() / looked_at;
        }
        if (kept() > 0) sum += kept() * (size_of(kept_->begin()->second) + node_overhead);
        return sum;
    }

    /// Items kept one by one.
    std::size_t kept() const noexcept { return kept_ ? kept_->size() : 0; }

    /// The job is forgotten: its chunks, and the items kept one by one, go where they can be destroyed in slices.
    std::vector<std::shared_ptr<Chunk>> drain_chunks() noexcept { return std::exchange(chunks_, {}); }
    Boxed<Kept> drain_kept() noexcept { return std::move(kept_); }

private:
    // Not a deque, which takes half a kilobyte before there is anything in it; most jobs have one chunk, and those with
    // a source a few.
    using Chunks = std::vector<std::shared_ptr<Chunk>>;

    static constexpr std::size_t node_overhead = 6 * sizeof(void*);  // of an item kept one by one, its number included

    typename Chunks::const_iterator find(std::uint64_t index) const noexcept {
        // Mostly it is the first one: of a vector there is no other, and a source is worked off in order.
        if (!chunks_.empty() && chunks_.front()->begin <= index && index < chunks_.front()->end()) return chunks_.begin();
        auto const after = std::upper_bound(chunks_.begin(), chunks_.end(), index,
                                            [](std::uint64_t i, auto const& chunk) { return i < chunk->end(); });
        return after != chunks_.end() && (*after)->begin <= index ? after : chunks_.end();
    }
    typename Chunks::iterator find(std::uint64_t index) noexcept {
        return chunks_.begin() + (std::as_const(*this).find(index) - chunks_.cbegin());
    }

    std::shared_ptr<Chunk> give_up_if_done(typename Chunks::iterator found, bool pulled) {
        auto const& chunk = **found;
        // The only chunk of a vector goes when the job finishes: then it is known what is needed.
        if (chunk.ended < chunk.items.size() || !pulled || chunk.worth_keeping()) return nullptr;
        return give_up(found);
    }

    // Copied, not moved: an abandoned attempt may still be reading it.
    void keep(Chunk& chunk, std::uint64_t most) {
        for (; most > 0 && !chunk.needed.empty(); --most) {
            auto const index = chunk.begin + chunk.needed.pop_first();
            if constexpr (std::copy_constructible<Item>) {
                auto& kept = kept_.made();
                kept.try_emplace(kept.end(), index, chunk.item(index));
            }
        }
    }

    std::shared_ptr<Chunk> give_up(typename Chunks::iterator it) {
        auto chunk = std::move(*it);
        keep(*chunk, chunk->items.size());
        chunks_.erase(it);
        return chunk;
    }

    Chunks chunks_;
    Boxed<Kept> kept_;
    std::uint64_t end_ = 0;
};

}  // namespace batchpace::engine
