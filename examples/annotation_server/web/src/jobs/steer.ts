// SPDX-License-Identifier: BSL-1.0
import { api, words, type JobState } from '../api';
import { navigate } from '../app/router';
import { notify } from '../app/notices';
import { counted } from '../format/count';
import { jobTitle } from '../format/status';
import { jobPoller } from './job_list';

const underWay = new Set<string>();

/**
 * Does it, shows it, and says it where it cannot be done. A second press while it is being done is none: two retries
 * would be two batches.
 */
async function steer(job: JobState, what: string, call: () => Promise<unknown>): Promise<boolean> {
    const name = `${what} ${job.jobId}`;
    if (underWay.has(name)) {
        return false;
    }
    underWay.add(name);
    try {
        await call();
        return true;
    } catch (error) {
        notify({
            key: `steer ${job.jobId}`,
            tone: 'bad',
            title: `${jobTitle(job)} could not be ${what}`,
            text: words(error),
        });
        return false;
    } finally {
        underWay.delete(name);
        void jobPoller.now();
    }
}

export function pause(job: JobState): Promise<boolean> {
    return steer(job, 'paused', () => api.pause(job.jobId));
}

export function resume(job: JobState): Promise<boolean> {
    return steer(job, 'resumed', () => api.resume(job.jobId));
}

export function cancel(job: JobState): Promise<boolean> {
    return steer(job, 'cancelled', () => api.cancel(job.jobId));
}

/** Makes a new job, and goes there. */
export function retry(job: JobState, includeCancelled: boolean): Promise<boolean> {
    return steer(job, 'tried again', async () => {
        const made = await api.retry(job.jobId, { includeCancelled });
        notify({
            key: `retry ${job.jobId}`,
            tone: 'plain',
            title: `Trying ${counted(made.total, 'item')} again`,
            text: 'As a batch of its own; the first one keeps its results.',
        });
        navigate(`/jobs/${made.jobId}`);
    });
}
