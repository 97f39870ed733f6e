// SPDX-License-Identifier: BSL-1.0
import { sleep } from './abort.js';
import type { BatchClient } from './client.js';
import { isFinal, type ActiveJob, type JobStatus } from './contract.js';
import { inParallel } from './in_parallel.js';
import type { JobTally, MonitorManyOptions, Timing } from './options.js';
import { patiently } from './patient.js';
import { emptyTally, sumOf, tallyOf, tallyOfActive } from './tally.js';

/** Requests at once for jobs that have left the list. */
const statusesAtOnce = 4;

/**
 * Watches jobs by the list of active ones: one request at a time, however many jobs there are. A job that is not in the
 * list is asked for by itself; mostly it has finished.
 */
export async function monitorByList(
    client: BatchClient,
    timing: Timing,
    jobIds: readonly string[],
    { onProgress, pollInterval = timing.poll, signal }: MonitorManyOptions,
): Promise<JobStatus[]> {
    const tallies = new Map<string, JobTally>(jobIds.map((id) => [id, emptyTally(id)]));
    const finished = new Map<string, JobStatus>();
    const report = (): void => {
        const each = jobIds.map((id) => tallies.get(id) ?? emptyTally(id));
        onProgress?.(sumOf(tallies.values()), each);
    };
    for (;;) {
        const asked = performance.now();
        const jobs = await patiently(timing, signal, () => client.active({ signal }));
        const active = new Map<string, ActiveJob>(jobs.map((job) => [job.id, job]));
        const missing: string[] = [];
        for (const [id, last] of tallies) {
            if (finished.has(id)) continue;
            const job = active.get(id);
            if (job === undefined) missing.push(id);
            else if (job.processedItems >= last.processed) tallies.set(id, tallyOfActive(job));
        }
        await inParallel(missing, statusesAtOnce, signal, async (id, _index, ending) => {
            const job = await patiently(timing, ending, () => client.status(id, { signal: ending }));
            tallies.set(id, tallyOf(job));
            if (isFinal(job.status)) finished.set(id, job);
        });
        report();
        if (finished.size === tallies.size) return jobIds.map((id) => finished.get(id) as JobStatus);
        // A list that takes long to make is not asked for all the time.
        const took = performance.now() - asked;
        await sleep(Math.max(pollInterval, 2 * took), signal);
    }
}

/** Watches a few jobs by an event stream each. */
export async function monitorByStreams(
    client: BatchClient,
    jobIds: readonly string[],
    { onProgress, pollInterval, signal }: MonitorManyOptions,
): Promise<JobStatus[]> {
    const tallies = new Map<string, JobTally>(jobIds.map((id) => [id, emptyTally(id)]));
    const tell = (tally: JobTally): void => {
        tallies.set(tally.jobId, tally);
        onProgress?.(
            sumOf(tallies.values()),
            jobIds.map((id) => tallies.get(id) ?? emptyTally(id)),
        );
    };
    return inParallel(jobIds, jobIds.length, signal, (id, _index, ending) =>
        client.monitor(id, { pollInterval, signal: ending, onProgress: (job) => tell(tallyOf(job)) }),
    );
}
