// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/detail/enum_array.hpp>
#include <batchpace/engine/refusal.hpp>
#include <batchpace/engine/scope.hpp>
#include <batchpace/time.hpp>
#include <batchpace/waiting_for.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

namespace batchpace::engine {

/// Decides which job may start an attempt now.
///
/// The scopes form a tree: processor, tenants, jobs. Children that want to start stand in their parent's ring and are
/// served by deficit round robin (Shreedhar & Varghese, 1995) with their priorities as weights. A child that its own
/// gate refuses leaves the ring: into a heap where a time will open it, or out where an event must. So a start costs
/// the depth of the tree, and jobs that wait cost nothing. No clock, no I/O; called under the engine's mutex.
class Scheduler {
public:
    explicit Scheduler(Scope& root) noexcept : root_{root} {}

    static void attach(Scope& child) noexcept { child.parent_->adopt(child); }
    static void detach(Scope& child) noexcept {
        leave(child);
        child.parent_->disown(child);
    }

    /// From when on `leaf` has something to start: time_point::min() at once, time_point::max() nothing.
    static void set_wish(Scope& leaf, time_point when) noexcept {
        if (leaf.wish_ == when && (leaf.place_ != Scope::Place::idle || when == time_point::max())) return;
        leaf.wish_ = when;
        if (when == time_point::max())
            leave(leaf);
        else
            activate(leaf);
    }

    /// Something about `scope` has changed that may open its gate: it is looked at again.
    static void activate(Scope& scope) noexcept {
        for (auto* s = &scope; s->parent_ != nullptr; s = s->parent_) {
            if (s->place_ == Scope::Place::ready) continue;
            if (!s->has_children() && s->wish_ == time_point::max()) continue;
            leave(*s);
            join_ready(*s);
        }
    }

    /// The leaf whose turn it is, charged with a pending start at each of its scopes; nullptr where none may start now.
    /// Then `next_time` says when to ask again.
    Scope* pick(time_point now) {
        auto const [leaf, until] = descend(root_, now);
        next_time_ = until;
        if (leaf != nullptr)
            for (auto* s = leaf; s != nullptr; s = s->parent_) {
                ++s->engaged_;
                ++s->pending_;
            }
        return leaf;
    }

    /// After `pick` had nothing: when the clock alone will let somebody start; time_point::max() if only an event can.
    time_point next_time() const noexcept { return next_time_; }
    /// About how often a scope of this level was asked for a start and its rate limit was used up, or closed.
    std::uint64_t refused(Scope::Level level) const noexcept { return refused_[level]; }
    /// A start that was granted will not be taken: somebody else's turn, to be found out at the next tick.
    void ask_again(time_point now) noexcept { next_time_ = std::min(next_time_, now); }

    /// The granted lane of `leaf` takes its start: permits are stamped `now`, at every scope or at none.
    /// Without `limited` (direct mode) no permit is needed. nullopt where a limit has closed or a cap was lowered
    /// meanwhile: release it then.
    static std::optional<Permit> stamp(Scope& leaf, time_point now, bool limited, std::size_t cost = 1) {
        for (auto* s = &leaf; s != nullptr; s = s->parent_) --s->pending_;
        if (!still_open(leaf, now, limited, cost)) {
            turn_unused(leaf);
            return std::nullopt;
        }
        if (limited)
            for (auto* s = &leaf; s != nullptr; s = s->parent_) {
                s->take(now, cost);
                s->deficit_ -= static_cast<int>(cost) - 1;  // the first one was charged by `pick`
            }
        // A gate that was shut because of our pending start may be open now.
        for (auto* s = &leaf; s != nullptr; s = s->parent_)
            if (s->place_ == Scope::Place::blocked) activate(*s);
        return Permit{now, cost};
    }

    /// What `pick` has charged for a start that is not made.
    static void turn_unused(Scope& leaf) noexcept {
        for (auto* s = &leaf; s != nullptr; s = s->parent_) ++s->deficit_;
    }

    /// Whether the granted lane of `leaf` may take its start now.
    static bool still_open(Scope const& leaf, time_point now, bool limited, std::size_t cost = 1) {
        bool open = true;
        for (auto const* s = &leaf; s != nullptr; s = s->parent_)
            open = open && (s->cap == 0 || s->engaged_ <= s->cap) && (!limited || s->may_stamp(now, cost));
        return open;
    }

    /// How much a start of `leaf` may cost now, up to `most`: what every scope admits, at least 1.
    static std::size_t admissible(Scope const& leaf, time_point now, std::size_t most) {
        for (auto const* s = &leaf; s != nullptr && most > 1; s = s->parent_) most = s->admissible(now, most);
        return most;
    }

    /// The call was not made: its permits go back to every scope.
    static void give_back(Scope& leaf, Permit permit) {
        for (auto* s = &leaf; s != nullptr; s = s->parent_) {
            s->give_back(permit);
            s->deficit_ += static_cast<int>(permit.cost);
        }
        activate(leaf);
    }

    /// A lane of `leaf` leaves: room for another one at every scope.
    static void release(Scope& leaf, bool was_pending) noexcept {
        for (auto* s = &leaf; s != nullptr; s = s->parent_) {
            --s->engaged_;
            if (was_pending) --s->pending_;
        }
        activate(leaf);
    }

    /// Why `leaf` starts nothing at `now`: the refusal with the latest `until`, ties: the outermost.
    static std::optional<Refusal> refusal(Scope const& leaf, time_point now) {
        std::optional<Refusal> worst;
        for (auto const* s = &leaf; s != nullptr; s = s->parent_) {
            auto const gate = s->gate(now);
            if (gate.open_at(now)) continue;
            if (worst && worst->until && gate.opens < *worst->until) continue;
            if (worst && !worst->until && gate.opens != time_point::max()) continue;
            Refusal why;
            why.reason = shared(gate.reason) && !first_in_turn(leaf, *s) ? WaitingFor::Reason::fairness : gate.reason;
            why.scope = s->level_;
            if (gate.opens != time_point::max()) why.until = gate.opens;
            worst = why;
        }
        return worst;
    }

private:
    static bool shared(WaitingFor::Reason reason) noexcept {
        return reason == WaitingFor::Reason::rate || reason == WaitingFor::Reason::concurrency;
    }
    // Whether `leaf` is the one that `scope` serves when its gate opens, as far as others want to start something.
    static bool first_in_turn(Scope const& leaf, Scope const& scope) noexcept {
        for (auto const* s = &leaf; s != &scope; s = s->parent_)
            if (s->parent_->below_->ready != nullptr && s->parent_->below_->ready != s) return false;
        return true;
    }

    struct Found {
        Scope* leaf;
        time_point until;
    };

    Found descend(Scope& scope, time_point now) {
        if (auto const gate = scope.gate(now); !gate.open_at(now)) {
            // Counted where somebody asks, as far as can be told here: the processor's gate is looked at in any case.
            if ((gate.reason == WaitingFor::Reason::rate || gate.reason == WaitingFor::Reason::throttled) &&
                (scope.level_ == Scope::Level::job ? scope.wish_ <= now : scope.below_->ready != nullptr))
                ++refused_[scope.level_];
            return {nullptr, gate.opens};
        }
        if (scope.level_ == Scope::Level::job)
            return scope.wish_ <= now ? Found{&scope, now} : Found{nullptr, scope.wish_};

        while (!scope.below_->timed.empty() && scope.below_->timed.front()->timed_until_ <= now) {
            auto& child = *scope.below_->timed.front();
            leave(child);
            join_ready(child);
        }
        while (scope.below_->ready != nullptr) {
            auto& child = *scope.below_->ready;
            if (child.deficit_ <= 0) {
                // Its turn: a round's share, less what it has taken too much of. If it still owes, others come first.
                child.deficit_ += child.weight;
                if (child.deficit_ <= 0) {
                    scope.below_->ready = child.next_;
                    continue;
                }
            }
            auto const found = descend(child, now);
            if (found.leaf != nullptr) {
                // Every start costs one; a child that has used up its round's share goes to the end of the ring.
                if (--child.deficit_ <= 0) scope.below_->ready = child.next_;
                return found;
            }
            leave(child);
            if (found.until == time_point::max())
                child.place_ = Scope::Place::blocked;
            else
                join_timed(child, found.until);
        }
        return {nullptr, scope.below_->timed.empty() ? time_point::max() : scope.below_->timed.front()->timed_until_};
    }

    static void join_ready(Scope& child) noexcept {
        auto& parent = *child.parent_;
        child.place_ = Scope::Place::ready;
        child.deficit_ = std::min(child.deficit_, 0);  // what it owes it goes on owing
        if (parent.below_->ready == nullptr) {
            parent.below_->ready = child.next_ = child.previous_ = &child;
            return;
        }
        // Before the one whose turn it is: the end of the ring.
        child.next_ = parent.below_->ready;
        child.previous_ = parent.below_->ready->previous_;
        child.previous_->next_ = &child;
        child.next_->previous_ = &child;
    }

    static void join_timed(Scope& child, time_point until) {
        auto& heap = child.parent_->below_->timed;
        child.place_ = Scope::Place::timed;
        child.timed_until_ = until;
        child.timed_index_ = heap.size();
        heap.push_back(&child);
        sift_up(heap, child.timed_index_);
    }

    static void leave(Scope& child) noexcept {
        auto& parent = *child.parent_;
        if (child.place_ == Scope::Place::ready) {
            if (parent.below_->ready == &child) parent.below_->ready = child.next_ == &child ? nullptr : child.next_;
            child.previous_->next_ = child.next_;
            child.next_->previous_ = child.previous_;
            child.previous_ = child.next_ = nullptr;
        } else if (child.place_ == Scope::Place::timed) {
            auto& heap = parent.below_->timed;
            auto const hole = child.timed_index_;
            swap_entries(heap, hole, heap.size() - 1);
            heap.pop_back();
            if (hole < heap.size()) {
                sift_up(heap, hole);
                sift_down(heap, hole);
            }
        }
        child.place_ = Scope::Place::idle;
    }

    static void swap_entries(std::vector<Scope*>& heap, std::size_t a, std::size_t b) noexcept {
        std::swap(heap[a], heap[b]);
        heap[a]->timed_index_ = a;
        heap[b]->timed_index_ = b;
    }
    static void sift_up(std::vector<Scope*>& heap, std::size_t at) noexcept {
        for (; at > 0 && heap[at]->timed_until_ < heap[(at - 1) / 2]->timed_until_; at = (at - 1) / 2)
            swap_entries(heap, at, (at - 1) / 2);
    }
    static void sift_down(std::vector<Scope*>& heap, std::size_t at) noexcept {
        for (;;) {
            auto least = at;
            for (auto child : {2 * at + 1, 2 * at + 2})
                if (child < heap.size() && heap[child]->timed_until_ < heap[least]->timed_until_) least = child;
            if (least == at) return;
            swap_entries(heap, at, least);
            at = least;
        }
    }

    Scope& root_;
    batchpace::detail::EnumArray<Scope::Level, std::uint64_t> refused_;
    time_point next_time_ = time_point::max();
};

}  // namespace batchpace::engine
