// SPDX-License-Identifier: BSL-1.0
import type { JobState } from '../api';

/**
 * A list of jobs, newest first, after a part of it has been read again. `read` is without a gap from the newest job
 * down; `toEnd` says that there is no older one. Jobs that have not changed stay the same objects, so that their rows
 * need no new rendering; those that the server has forgotten are left out. Ids sort by time.
 */
export function mergeJobs(known: readonly JobState[], read: readonly JobState[], toEnd: boolean): JobState[] {
    const before = new Map(known.map((job) => [job.jobId, job]));
    const fresh = read.map((job) => {
        const old = before.get(job.jobId);
        return old && old.version >= job.version ? old : job;
    });
    const oldest = read.at(-1)?.jobId;
    const beyond = toEnd ? [] : known.filter((job) => oldest === undefined || job.jobId < oldest);
    return [...fresh, ...beyond];
}
