// SPDX-License-Identifier: BSL-1.0
import { cleanup, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JobState } from '../api';
import { notices } from '../app/notices';
import { useMilestoneNotices } from './use_milestone_notices';

function job(processed: number, ages: Record<number, number>, more: Partial<JobState> = {}): JobState {
    return {
        jobId: 'a',
        status: 'processing',
        label: 'Holiday',
        progress: { total: 40, processed, successful: processed, failed: 0, percentage: processed * 2.5 },
        milestones: Object.entries(ages).map(([percentage, age]) => ({
            percentage: Number(percentage),
            processed: Number(percentage) * 0.4,
            total: 40,
            at: new Date(Date.now() - age).toISOString(),
        })),
        ...more,
    } as JobState;
}

const titles = () => notices.get().map((notice) => notice.title);
const watch = (first: JobState | undefined) =>
    renderHook(({ now }: { now: JobState | undefined }) => useMilestoneNotices(now), { initialProps: { now: first } });

beforeEach(() => notices.set([]));
afterEach(cleanup);

describe('a milestone', () => {
    it('that was passed before one looks is no news; the next one is, once', () => {
        const { rerender } = watch(job(12, { 25: 60_000 }));
        expect(titles()).toEqual([]);
        rerender({ now: job(20, { 25: 60_000, 50: 0 }) });
        rerender({ now: job(21, { 25: 60_000, 50: 0 }) });
        expect(titles()).toEqual(['Holiday: 50 %']);
    });

    it('that a batch has passed between its start and the first word of it is news', () => {
        watch(job(30, { 25: 300, 50: 200, 75: 100 }));
        expect(titles()).toEqual(['Holiday: 75 %']);
    });

    it('gives way to the end', () => {
        const { rerender } = watch(undefined);
        rerender({ now: job(30, { 75: 0 }) });
        rerender({ now: job(40, { 75: 0, 100: 0 }, { status: 'completed', finishedAt: '2026-01-02T03:04:06.912Z' }) });
        expect(titles()).toEqual(['Holiday has finished']);
    });

    it('of a batch that had finished is no news', () => {
        watch(job(40, { 75: 100, 100: 0 }, { status: 'completed', finishedAt: '2026-01-02T03:04:06.912Z' }));
        expect(titles()).toEqual([]);
    });
});
