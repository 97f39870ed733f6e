// SPDX-License-Identifier: BSL-1.0
import type { JobState } from '../api';
import { isLive, jobTitle } from '../format/status';

export type Kind = 'all' | 'active' | 'completed' | 'failures' | 'cancelled';

export const KINDS: readonly { kind: Kind; name: string }[] = [
    { kind: 'all', name: 'All' },
    { kind: 'active', name: 'Active' },
    { kind: 'completed', name: 'Completed' },
    { kind: 'failures', name: 'With failures' },
    { kind: 'cancelled', name: 'Cancelled' },
];

export function isOfKind(job: JobState, kind: Kind): boolean {
    switch (kind) {
        case 'all':
            return true;
        case 'active':
            return isLive(job);
        case 'completed':
            return job.status === 'completed';
        case 'failures':
            return job.progress.failed > 0 || job.status === 'failed';
        case 'cancelled':
            return job.status === 'cancelled';
    }
}

/** Those of a kind whose label or id has the text in it, whatever its case. */
export function filterJobs(jobs: readonly JobState[], kind: Kind, text: string): readonly JobState[] {
    const wanted = text.trim().toLowerCase();
    if (kind === 'all' && wanted === '') {
        return jobs;
    }
    return jobs.filter(
        (job) =>
            isOfKind(job, kind) &&
            (wanted === '' || jobTitle(job).toLowerCase().includes(wanted) || job.jobId.includes(wanted)),
    );
}
