// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/engine/lane_slot.hpp>
#include <batchpace/engine/lane_word.hpp>
#include <batchpace/time.hpp>

#include <algorithm>
#include <chrono>

namespace batchpace::engine {

/// Finds attempts that do not come back, by comparing what lanes are at with what they were at before: no clock is
/// read and no timer is set for an attempt.
class Watchdog {
public:
    /// How often to look where attempts have this time-out: so that it is noticed within 1 %.
    static duration tick(duration attempt_timeout) noexcept {
        return std::max<duration>(std::chrono::milliseconds{10}, attempt_timeout / 100);
    }

    /// What is to be done about one lane.
    struct Verdict {
        bool take_back = false;  ///< it is still at the same attempt: others may have its unstarted items
        bool ask_to_stop = false;  ///< its time-out has passed
        bool abandon = false;    ///< it was asked to stop, and the grace has passed
        friend bool operator==(Verdict const&, Verdict const&) = default;
    };

    /// Looks at a lane with an attempt in flight, and leaves its notes in it.
    static Verdict look(LaneSlot& slot, LaneWord::Value word, duration attempt_timeout, duration grace,
                        time_point now) noexcept {
        Verdict verdict;
        if (word.started() != slot.seen) {
            slot.seen = word.started();
            // Handed out alone it started when it was claimed; within a burst, some time since the last look.
            slot.seen_at = slot.block.size() == 1 || slot.batched() ? slot.claimed_at : now;
        } else {
            verdict.take_back = slot.first_unstarted(word) < slot.block.end;
        }
        verdict.ask_to_stop = !slot.stop_asked && now - slot.seen_at >= attempt_timeout;
        auto const asked_at = slot.stop_asked ? slot.stop_asked_at : now;
        verdict.abandon = (slot.stop_asked || verdict.ask_to_stop) && now - asked_at >= grace;
        return verdict;
    }
};

}  // namespace batchpace::engine
