// SPDX-License-Identifier: BSL-1.0
import type { BatchClient } from './client.js';
import { BatchError } from './errors.js';
import { inParallel } from './in_parallel.js';
import type { JobTally, LargeBatchOptions, LargeBatchResult, Timing } from './options.js';
import { patiently, uniqueKey } from './patient.js';
import { sumOf, tallyOf } from './tally.js';

/** Processes any number of items by jobs of a bearable size, some of them at once. */
export async function processLargeBatch(
    client: BatchClient,
    timing: Timing,
    imageIds: readonly string[],
    options: LargeBatchOptions,
): Promise<LargeBatchResult> {
    const { chunkSize = 10_000, jobsAtOnce = 2, start = {}, signal, pollInterval } = options;
    if (!(chunkSize >= 1)) throw new RangeError(`chunkSize must be at least 1, not ${chunkSize}`);
    if (!(jobsAtOnce >= 1)) throw new RangeError(`jobsAtOnce must be at least 1, not ${jobsAtOnce}`);
    if (start.allowDuplicates !== true) refuseDuplicates(imageIds);

    const chunks: (readonly string[])[] = [];
    for (let first = 0; first < imageIds.length; first += Math.floor(chunkSize)) {
        chunks.push(imageIds.slice(first, first + Math.floor(chunkSize)));
    }
    // Chunks that have not been started count as well, so that the sum is out of all items from the beginning.
    const tallies: JobTally[] = chunks.map((chunk) => ({
        jobId: '',
        status: 'pending',
        total: chunk.length,
        processed: 0,
        successful: 0,
        failed: 0,
    }));
    // With a key of its own, a start that was not answered can be sent again without making a second job.
    const key = start.idempotencyKey ?? uniqueKey();
    const jobs = await inParallel(chunks, jobsAtOnce, signal, async (chunk, index, ending) => {
        const started = await patiently(timing, ending, () =>
            client.startBatch(chunk, { ...start, idempotencyKey: `${key}-${index}`, signal: ending }),
        );
        options.onStart?.(started, index);
        return client.monitor(started.jobId, {
            pollInterval,
            signal: ending,
            onProgress: (job) => {
                tallies[index] = tallyOf(job);
                options.onProgress?.(sumOf(tallies));
            },
        });
    });

    const result: LargeBatchResult = {
        jobs,
        total: imageIds.length,
        successful: 0,
        failed: 0,
        cancelled: 0,
        errors: [],
        errorDistribution: {},
    };
    // A text that is called `__proto__` is a text like any other.
    const distribution = new Map<string, number>();
    for (const job of jobs) {
        result.successful += job.progress.successful;
        result.failed += job.progress.failed;
        result.cancelled += job.cancelled;
        for (const error of job.errors) result.errors.push(error);
        for (const [text, count] of Object.entries(job.errorDistribution)) {
            distribution.set(text, (distribution.get(text) ?? 0) + count);
        }
    }
    result.errorDistribution = Object.fromEntries(distribution);
    return result;
}

/** The server looks for duplicates within a job only. */
function refuseDuplicates(imageIds: readonly string[]): void {
    const seen = new Set<string>();
    for (const id of imageIds) {
        if (seen.has(id)) {
            const message = `has ${JSON.stringify(id)} more than once`;
            throw new BatchError({
                status: 422,
                type: 'urn:batchpace:problem:duplicate-item',
                title: 'An item is there twice',
                detail: message,
                errors: [{ field: 'imageIds', message }],
            });
        }
        seen.add(id);
    }
}
