// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/asio.hpp>
#include <batchpace/driver/exception_failure.hpp>
#include <batchpace/failure.hpp>
#include <batchpace/outcome.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

namespace batchpace::inline BATCHPACE_FLAVOUR::driver {

/// Where the answers of one lane's calls arrive, one after another: the meeting of a call that returns and an answer
/// that comes, on whichever threads, in whichever order. Whoever comes second goes on.
///
/// One word has the call's number, how many completions may still answer it, and what has happened to it. A completion
/// touches nothing else before it knows that the call is still open and that it is the first.
template <class T>
class CompletionTarget {
public:
    // ---- the completions' side, any thread --------------------------------------------------------------------

    /// The answer to call number `call`. `self` is this, for whoever goes on.
    void complete(std::shared_ptr<CompletionTarget> const& self, std::uint64_t call, Outcome<T> outcome) {
        auto seen = word_.load(std::memory_order_relaxed);
        do {
            if (!open(seen, call)) return superfluous();
        } while (!claim(seen, seen | claimed | answered_if_returned(seen)));
        try {
            answer_.emplace(std::move(outcome));
        } catch (...) {
            answer_.emplace(exception_failure());
        }
        answer_is_there(self, seen);
    }

    /// A completion was copied, or destroyed. Of a call that has its answer nobody needs to know.
    void add(std::uint64_t call) noexcept {
        auto seen = word_.load(std::memory_order_relaxed);
        while (open(seen, call) && (seen & copies_mask) != copies_mask && !claim(seen, seen + one_copy)) {
        }
    }
    void drop(std::shared_ptr<CompletionTarget> const& self, std::uint64_t call) noexcept {
        auto seen = word_.load(std::memory_order_relaxed);
        while (open(seen, call) && (seen & copies_mask) != copies_mask) {
            auto const last = (seen & copies_mask) == one_copy;
            auto const gone = seen - one_copy;
            if (!claim(seen, last ? gone | claimed | dropped | answered_if_returned(seen) : gone)) continue;
            if (last) forsaken(self, seen);
            return;
        }
    }

    // ---- the lane's side --------------------------------------------------------------------------------------

    /// Before the call, with one completion. Its number: what the word has room for of `sequence`.
    std::uint64_t open_call(std::uint64_t sequence) noexcept {
        auto const call = sequence << call_shift >> call_shift;
        word_.store((call << call_shift) | one_copy, std::memory_order_release);
        return call;
    }
    /// It has thrown instead: that is its answer, unless there is one. On the way out the completion may have died.
    void thrown(std::shared_ptr<CompletionTarget> const& self, std::uint64_t call, Failure failure) {
        auto const seen = word_.load(std::memory_order_acquire);
        if ((seen & (answered | dropped)) == (answered | dropped))
            answer_.emplace(std::move(failure));
        else
            complete(self, call, std::move(failure));
    }
    /// After it. True: the answer is there. False: `resume` will be called, perhaps now: the lane must not be touched.
    bool call_returned() noexcept { return (word_.fetch_or(returned, std::memory_order_acq_rel) & answered) != 0; }

    Outcome<T> take_answer() {
        auto outcome = std::move(*answer_);
        answer_.reset();
        return outcome;
    }

protected:
    CompletionTarget() = default;
    ~CompletionTarget() = default;

private:
    /// The answer has come after the call had returned: whoever brought it goes on, from its thread.
    virtual void resume(std::shared_ptr<CompletionTarget> self) = 0;
    /// A second answer, or one to a call that is over.
    virtual void superfluous() = 0;

    static bool open(std::uint64_t word, std::uint64_t call) noexcept {
        return word >> call_shift == call && (word & claimed) == 0;
    }
    bool claim(std::uint64_t& seen, std::uint64_t to) noexcept {
        return word_.compare_exchange_weak(seen, to, std::memory_order_acq_rel, std::memory_order_relaxed);
    }
    // Where the call had returned nobody meets the answer any more: one step for both.
    static std::uint64_t answered_if_returned(std::uint64_t seen) noexcept { return (seen & returned) != 0 ? answered : 0; }
    void answer_is_there(std::shared_ptr<CompletionTarget> const& self, std::uint64_t claimed_at) {
        if ((claimed_at & returned) != 0 || (word_.fetch_or(answered, std::memory_order_acq_rel) & returned) != 0)
            resume(self);
    }
    // Nobody can answer any more. Where there is no memory to go on, the time-out of the attempt finds it.
    void forsaken(std::shared_ptr<CompletionTarget> const& self, std::uint64_t claimed_at) noexcept {
        try {
            answer_.emplace(Failure::transient("the completion was destroyed without being called"));
            answer_is_there(self, claimed_at);
        } catch (...) {
        }
    }

    static constexpr std::uint64_t returned = 1;  // the call has
    static constexpr std::uint64_t claimed = 2;   // somebody answers
    static constexpr std::uint64_t answered = 4;  // and has
    static constexpr std::uint64_t dropped = 8;   // nobody answered, and nobody could any more
    static constexpr std::uint64_t one_copy = 16;
    static constexpr int call_shift = 24;
    // Full: not counted any more.
    static constexpr std::uint64_t copies_mask = (std::uint64_t{1} << call_shift) - one_copy;

    std::atomic<std::uint64_t> word_{claimed};
    std::optional<Outcome<T>> answer_;
};

}  // namespace batchpace::inline BATCHPACE_FLAVOUR::driver
