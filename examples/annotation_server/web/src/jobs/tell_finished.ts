// SPDX-License-Identifier: BSL-1.0
import type { JobState } from '../api';
import { notices, notify } from '../app/notices';
import { pathStore } from '../app/router';
import { count, counted } from '../format/count';
import { isLive, jobTitle } from '../format/status';

const KEY = 'finished';
let told = 0;

/** One notice for all that have finished while it is shown: ten batches at once are one line, not ten. */
export function tellFinished(before: readonly JobState[], after: readonly JobState[]): void {
    const live = new Set(before.filter(isLive).map((job) => job.jobId));
    const finished = after.filter((job) => live.has(job.jobId) && !isLive(job) && job.status !== 'cancelled');
    // Whoever looks at a job sees it finish.
    const elsewhere = finished.filter((job) => pathStore.get() !== `/jobs/${job.jobId}`);
    const first = elsewhere[0];
    if (!first) {
        return;
    }
    told = notices.get().some((notice) => notice.key === KEY) ? told + elsewhere.length : elsewhere.length;
    if (told === 1) {
        notify({
            key: KEY,
            tone: first.progress.failed > 0 ? 'bad' : 'good',
            title: `${jobTitle(first)} has finished`,
            text: outcome(first),
            href: `/jobs/${first.jobId}`,
        });
    } else {
        notify({ key: KEY, tone: 'plain', title: `${counted(told, 'batch', 'batches')} have finished`, href: '/' });
    }
}

/** "17 of 19 items succeeded, 2 failed" */
export function outcome(job: JobState): string {
    const { total, successful, failed } = job.progress;
    const words = `${count(successful)} of ${counted(total, 'item')} succeeded`;
    return failed > 0 ? `${words}, ${count(failed)} failed` : words;
}
