// SPDX-License-Identifier: BSL-1.0
import { api, BatchError, type JobState } from '../api';
import { Poller } from '../app/poller';
import { pathStore } from '../app/router';
import { Store } from '../app/store';
import { isLive } from '../format/status';
import { tellFinished } from './tell_finished';
import { mergeJobs } from './merge_jobs';

export interface JobList {
    /** Newest first; undefined before the first answer. */
    jobs: readonly JobState[] | undefined;
    /** There are older ones on the server. */
    more: boolean;
    error?: unknown;
}

export const jobList = new Store<JobList>({ jobs: undefined, more: false });

const PAGE = 100;
const MOST = 1000;

/** A job is changed by what it does, and only while it is live: so each turn reads down to the oldest that is. */
async function refresh(): Promise<void> {
    const read: JobState[] = [];
    let after: string | undefined;
    try {
        const { goal, depth } = await oldestLive();
        const limit = Math.min(MOST, Math.max(PAGE, depth + 20));
        do {
            const page = await api.jobs(after === undefined ? { limit } : { limit, after });
            read.push(...page.jobs);
            after = page.next;
        } while (after !== undefined && goal !== undefined && after > goal);
    } catch (error) {
        // The job that a page went on from may just have been forgotten: what was read before it is good.
        if (!(error instanceof BatchError && error.is('unknown-job'))) {
            jobList.set({ ...jobList.get(), error });
            throw error;
        }
    }
    const current = jobList.get();
    const jobs = mergeJobs(current.jobs ?? [], read, after === undefined);
    tellFinished(current.jobs ?? [], jobs);
    const longer = jobs.length > read.length;
    jobList.set({ jobs, more: longer ? current.more : after !== undefined });
}

/** The oldest job that may change yet, and how many are at least as new. Ids sort by time. */
async function oldestLive(): Promise<{ goal: string | undefined; depth: number }> {
    const known = jobList.get().jobs;
    if (known) {
        const index = known.reduce((found, job, at) => (isLive(job) ? at : found), -1);
        return { goal: known[index]?.jobId, depth: index + 1 };
    }
    const active = await api.active();
    return { goal: active.map((job) => job.id).sort()[0], depth: active.length };
}

/** Often while somebody looks at the list; elsewhere it is there for the notice of what has finished. */
export const jobPoller = new Poller(refresh, () =>
    pathStore.get() === '/' ? (jobList.get().jobs?.some(isLive) ? 1000 : 4000) : 5000,
);

/** Reads on where the list ends. */
export async function loadOlder(): Promise<void> {
    const last = jobList.get().jobs?.at(-1)?.jobId;
    if (last === undefined) {
        return;
    }
    const page = await api.jobs({ limit: 500, after: last });
    const { jobs = [] } = jobList.get();
    const known = new Set(jobs.map((job) => job.jobId));
    jobList.set({
        jobs: [...jobs, ...page.jobs.filter((job) => !known.has(job.jobId))],
        more: page.next !== undefined,
    });
}

/** Another reader's list is not this one's. */
export function forgetJobs(): void {
    jobList.set({ jobs: undefined, more: false });
}
