// SPDX-License-Identifier: BSL-1.0
import type { BatchClient } from './client.js';
import type { JobStatus } from './contract.js';
import { BatchError } from './errors.js';
import type { RetryingOptions, RetryingResult, Timing } from './options.js';
import { patiently, uniqueKey } from './patient.js';

/** Processes items, and those that fail again, in jobs of their own, up to a number of rounds. */
export async function processWithRetry(
    client: BatchClient,
    timing: Timing,
    imageIds: readonly string[],
    options: RetryingOptions,
): Promise<RetryingResult> {
    const { rounds = 2, start = {}, includeCancelled = false, signal, pollInterval } = options;
    const idempotencyKey = start.idempotencyKey ?? uniqueKey();
    const first = await patiently(timing, signal, () =>
        client.startBatch(imageIds, { ...start, idempotencyKey, signal }),
    );
    const finish = (jobId: string, round: number): Promise<JobStatus> =>
        client.monitor(jobId, { pollInterval, signal, onProgress: (job) => options.onProgress?.(job, round) });

    let last = await finish(first.jobId, 0);
    const jobs = [last];
    for (let round = 1; round <= rounds; round += 1) {
        // Somebody has ended it: that is not undone behind their back.
        if (last.status === 'cancelled') break;
        const left = last.progress.failed + (includeCancelled ? last.cancelled : 0);
        if (left === 0) break;
        const jobId = await retryOnce(client, timing, last.jobId, includeCancelled, signal);
        if (jobId === undefined) break;
        last = await finish(jobId, round);
        jobs.push(last);
    }
    const sum = (count: (job: JobStatus) => number): number => jobs.reduce((all, job) => all + count(job), 0);
    return {
        jobs,
        total: jobs[0]?.progress.total ?? 0,
        successful: sum((job) => job.progress.successful),
        failed: last.progress.failed,
        cancelled: includeCancelled ? last.cancelled : sum((job) => job.cancelled),
        errors: last.errors,
    };
}

/** The id of the job that tries again; undefined where there is nothing to try. */
async function retryOnce(
    client: BatchClient,
    timing: Timing,
    jobId: string,
    includeCancelled: boolean,
    signal: AbortSignal | undefined,
): Promise<string | undefined> {
    try {
        return await patiently(timing, signal, async (isFirst) => {
            // Each retry makes a job, and a retry has no key: where the answer to the first was lost, its job may be
            // there.
            const made = isFirst ? undefined : await retryOf(client, jobId, signal);
            return made ?? (await client.retry(jobId, { includeCancelled, signal })).jobId;
        });
    } catch (error) {
        if (error instanceof BatchError && error.is('nothing-to-retry')) return undefined;
        throw error;
    }
}

/** The newest job that tries the items of `jobId` again. */
async function retryOf(
    client: BatchClient,
    jobId: string,
    signal: AbortSignal | undefined,
): Promise<string | undefined> {
    let after: string | undefined;
    do {
        const page = await client.jobs({ limit: 1000, signal, ...(after === undefined ? {} : { after }) });
        for (const job of page.jobs) {
            if (job.retryOf === jobId) return job.jobId;
            // The newest come first, and a retry is newer than what it tries again.
            if (job.jobId === jobId) return undefined;
        }
        after = page.next;
    } while (after !== undefined);
    return undefined;
}
