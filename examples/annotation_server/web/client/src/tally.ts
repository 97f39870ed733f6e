// SPDX-License-Identifier: BSL-1.0
import { isFinal, type ActiveJob, type JobSnapshot } from './contract.js';
import type { JobTally, Tally } from './options.js';

export function tallyOf(job: JobSnapshot): JobTally {
    const { total, processed, successful, failed } = job.progress;
    return { jobId: job.jobId, status: job.status, total, processed, successful, failed };
}

export function tallyOfActive(job: ActiveJob): JobTally {
    return {
        jobId: job.id,
        status: job.status,
        total: job.totalItems,
        processed: job.processedItems,
        successful: job.successfulItems,
        failed: job.failedItems,
    };
}

/** Nothing is known of it yet. */
export function emptyTally(jobId: string): JobTally {
    return { jobId, status: 'pending', total: 0, processed: 0, successful: 0, failed: 0 };
}

export function sumOf(each: Iterable<JobTally>): Tally {
    const sum: Tally = { jobs: 0, finished: 0, total: 0, processed: 0, successful: 0, failed: 0 };
    for (const job of each) {
        sum.jobs += 1;
        if (isFinal(job.status)) sum.finished += 1;
        sum.total += job.total;
        sum.processed += job.processed;
        sum.successful += job.successful;
        sum.failed += job.failed;
    }
    return sum;
}
