// SPDX-License-Identifier: BSL-1.0
import type { JobState } from '../api';
import { counted } from './count';

/** What the reader sees of a job at a glance; finer than the API's status. */
export type Face =
    'waiting' | 'running' | 'paused' | 'ending' | 'completed' | 'partly' | 'failed' | 'cancelled' | 'gone';

export function faceOf(job: Pick<JobState, 'status' | 'paused' | 'finishedAt' | 'progress'>): Face {
    switch (job.status) {
        case 'pending':
            return job.paused ? 'paused' : 'waiting';
        case 'processing':
            return job.paused ? 'paused' : 'running';
        case 'completed':
            return job.progress.failed > 0 ? 'partly' : 'completed';
        case 'cancelled':
            return job.finishedAt === undefined ? 'ending' : 'cancelled';
        case 'failed':
            return job.finishedAt === undefined ? 'ending' : 'failed';
    }
}

export const FACE_WORDS: Record<Face, string> = {
    waiting: 'Waiting',
    running: 'Running',
    paused: 'Paused',
    ending: 'Ending',
    completed: 'Completed',
    partly: 'Completed, some failed',
    failed: 'Failed',
    cancelled: 'Cancelled',
    gone: 'Gone',
};

/** It may change yet, if only because attempts are still out. */
export function isLive(job: Pick<JobState, 'finishedAt'>): boolean {
    return job.finishedAt === undefined;
}

/** It can still be paused, cancelled and changed. */
export function isActive(job: Pick<JobState, 'status'>): boolean {
    return job.status === 'pending' || job.status === 'processing';
}

/** Its label, or what it consists of. */
export function jobTitle(job: Pick<JobState, 'label' | 'progress'>): string {
    return job.label ?? `Batch of ${counted(job.progress.total, 'item')}`;
}

const STOPPED: Record<NonNullable<JobState['stopReason']>, string> = {
    failures: 'It stopped because too many items failed.',
    failure_rate: 'It stopped because too large a share of its items failed.',
    calls: 'It stopped because it had used up its calls.',
    deadline: 'It stopped because its time was up.',
    source: 'It stopped because the source of its items failed.',
    cancelled: 'It was cancelled.',
    shut_down: 'It was cut off when the server shut down.',
};

export function stopWords(job: Pick<JobState, 'stopReason'>): string | undefined {
    return job.stopReason && STOPPED[job.stopReason];
}

/** The last letters of an id, enough to tell jobs apart: the first ones are the time and much alike. */
export function shortId(id: string): string {
    return id.slice(-8);
}
