// SPDX-License-Identifier: BSL-1.0
// What an item, a snapshot, a start cost, held against the budget of the design's section 8; see --help and --list.

#include "rows/flat_rows.hpp"
#include "rows/host_rows.hpp"
#include "rows/item_rows.hpp"
#include "rows/job_rows.hpp"
#include "rows/limiter_rows.hpp"
#include "rows/memory_rows.hpp"
#include "rows/progress_rows.hpp"
#include "support/program.hpp"

#include <vector>

namespace {

using namespace bench;

std::vector<Row> rows() {
    return {
        {"sync_item", "hop", Bound::at_most, 0.3, "tracked item, synchronous annotator, one thread", sync_item},
        {"ready_awaitable_item", "hop", Bound::at_most, 1.25, "tracked item, awaitable annotator that is ready",
         ready_awaitable_item},
        {"suspending_item", "ratio", Bound::at_most, 1.25,
         "tracked item, awaitable annotator that suspends once, against a coroutine loop on a serial executor",
         [](Effort const& e) { return suspending(e, false); }},
        {"suspending_item_timer", "ratio", Bound::at_most, 1.25,
         "the same, and the coroutine loop has a time-out's timer too",
         [](Effort const& e) { return suspending(e, true); }},
        {"suspending_item_2_threads", "ratio", Bound::at_most, 1.25,
         "on two threads, against coroutine loops on strands",
         [](Effort const& e) { return suspending_2_threads(e, false); }},
        {"suspending_item_2_threads_timer", "ratio", Bound::at_most, 1.25,
         "the same, and the coroutine loop has a time-out's timer too",
         [](Effort const& e) { return suspending_2_threads(e, true); }},
        {"callback_item", "ratio", Bound::at_most, 1.25,
         "tracked item, annotator that calls back inside of its call, against a callback loop",
         [](Effort const& e) { return callback_item(e, false, false); }},
        {"callback_item_by_post", "ratio", Bound::at_most, 1.25, "the same, calls back by one post",
         [](Effort const& e) { return callback_item(e, true, false); }},
        {"callback_item_by_post_timer", "ratio", Bound::at_most, 1.25,
         "the same, and the callback loop has a time-out's timer too",
         [](Effort const& e) { return callback_item(e, true, true); }},
        {"sync_item_2_threads", "ratio", Bound::at_most, 1.5, "an empty item on two threads, against one thread",
         sync_item_2_threads},
        {"sync_item_2_threads_1us", "ratio", Bound::at_least, 1.8,
         "throughput of an item of 1 us on two threads, against one thread", sync_item_2_threads_1us},
        {"flat_cost", "ratio", Bound::at_most, 1.15,
         "dearest against cheapest item, in jobs of 10^4 to 10^7 items, and beside up to 10^5 other jobs", flat_cost},
        {"flat_cost_at_once", "ratio", Bound::at_most, 1.15,
         "an item in 2,000 jobs that run at the same time, against one job", flat_cost_at_once},
        {"bytes_per_item", "bytes", Bound::at_most, 2, "what a running job holds beside the host's items",
         bytes_per_item},
        {"bytes_per_job", "bytes", Bound::at_most, 1'024, "what a job holds that waits", bytes_per_job},
        {"waiting_jobs", "bytes", Bound::at_most, 1'024, "what each of 10^5 jobs holds that one closed limit holds back",
         waiting_jobs},
        {"allocations_per_item", "calls", Bound::at_most, 0,
         "calls of the allocator an item in the middle of a job (met below 0.001)", allocations_per_item, 0.001},
        {"window_try_acquire", "ns", Bound::at_most, 10, "SlidingWindow: earliest and take, time given",
         window_try_acquire},
        {"scoped_admission", "ns", Bound::at_most, 100, "one start admitted by three limited scopes",
         scoped_admission},
        {"progress_snapshot", "ns", Bound::at_most, 200, "progress() of a running job, from the loop's thread",
         progress_snapshot},
        {"progress_snapshot_other_thread", "ns", Bound::at_most, 1'000, "the same, from another thread",
         progress_snapshot_other_thread},
        {"polls_cost", "%", Bound::at_most, 1, "throughput lost to 1,000 polls a second from another thread",
         polls_cost},
        {"start_item", "hops", Bound::at_most, 3, "an id of a start of 10^5 ids, with the check for duplicates",
         start_item},
        {"empty_job", "us", Bound::at_most, 5, "a job of one item, whole", empty_job},
        {"g12_timer", "us", Bound::at_most, 1'000, "how late a host's timer of 1 ms was, while items ran", g12_timer},
        {"g12_timer_after", "us", Bound::at_most, 1'000, "the same, after the finish of a large job", g12_timer_after},
        {"include_cost", "ratio", Bound::at_most, 1.3, "compiling batch_processor.hpp, against asio.hpp", include_cost},
    };
}

}  // namespace

int main(int argc, char** argv) { return bench::Program{rows()}.run(argc, argv); }
