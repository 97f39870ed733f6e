// SPDX-License-Identifier: BSL-1.0
import { beforeEach, describe, expect, it } from 'vitest';
import type { JobState } from '../api';
import { notices } from '../app/notices';
import { filterJobs } from './filter_jobs';
import { mergeJobs } from './merge_jobs';
import { tellFinished } from './tell_finished';

function job(jobId: string, version = 1, more: Partial<JobState> = {}): JobState {
    return {
        jobId,
        version,
        status: 'processing',
        progress: { total: 10, processed: 4, successful: 4, failed: 0, percentage: 40 },
        ...more,
    } as JobState;
}

const finished = (jobId: string, failed = 0): JobState =>
    job(jobId, 9, {
        status: 'completed',
        finishedAt: '2026-01-02T03:04:06.912Z',
        progress: { total: 10, processed: 10, successful: 10 - failed, failed, percentage: 100 },
    });

describe('a list that is read again', () => {
    it('keeps the very jobs that have not changed, so that their rows are not rendered anew', () => {
        const known = [job('c'), job('b'), job('a')];
        const merged = mergeJobs(known, [job('d'), job('c'), job('b', 2)], false);
        expect(merged.map(({ jobId, version }) => [jobId, version])).toEqual([
            ['d', 1],
            ['c', 1],
            ['b', 2],
            ['a', 1],
        ]);
        expect(merged[1]).toBe(known[0]);
        expect(merged[3]).toBe(known[2]);
    });

    it('loses those that the server has forgotten', () => {
        expect(mergeJobs([job('c'), job('b'), job('a')], [job('c'), job('a')], true).map((one) => one.jobId)).toEqual([
            'c',
            'a',
        ]);
        expect(mergeJobs([job('b')], [], true)).toEqual([]);
    });

    it('does not go back to an older state that came late', () => {
        expect(mergeJobs([job('a', 7)], [job('a', 6)], true)[0]!.version).toBe(7);
    });
});

describe('a filter', () => {
    const jobs = [
        job('f1', 1, { label: 'Holiday' }),
        finished('f2'),
        finished('f3', 2),
        job('f4', 2, { status: 'cancelled', finishedAt: '2026-01-02T03:04:06.912Z' }),
    ];

    it('goes by kind', () => {
        const ids = (kind: Parameters<typeof filterJobs>[1]) => filterJobs(jobs, kind, '').map((one) => one.jobId);
        expect(ids('all')).toEqual(['f1', 'f2', 'f3', 'f4']);
        expect(ids('active')).toEqual(['f1']);
        expect(ids('completed')).toEqual(['f2', 'f3']);
        expect(ids('failures')).toEqual(['f3']);
        expect(ids('cancelled')).toEqual(['f4']);
    });

    it('goes by label or id, whatever the case', () => {
        expect(filterJobs(jobs, 'all', ' holi ').map((one) => one.jobId)).toEqual(['f1']);
        expect(filterJobs(jobs, 'all', 'f3').map((one) => one.jobId)).toEqual(['f3']);
    });
});

describe('the notice of what has finished', () => {
    beforeEach(() => notices.set([]));

    it('is one line for one', () => {
        tellFinished([job('a')], [finished('a', 2)]);
        expect(notices.get()).toMatchObject([
            { tone: 'bad', title: 'Batch of 10 items has finished', text: '8 of 10 items succeeded, 2 failed' },
        ]);
    });

    it('is one line for many, also when they finish one after the other', () => {
        tellFinished([job('a'), job('b')], [finished('a'), finished('b')]);
        tellFinished([job('c')], [finished('c')]);
        expect(notices.get()).toMatchObject([{ title: '3 batches have finished' }]);
    });

    it('is not made for what had finished before, nor for what was cancelled', () => {
        tellFinished(
            [finished('a'), job('b')],
            [finished('a'), job('b', 2, { status: 'cancelled', finishedAt: '2026-01-02T03:04:06.912Z' })],
        );
        expect(notices.get()).toEqual([]);
    });
});
