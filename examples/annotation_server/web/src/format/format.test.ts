// SPDX-License-Identifier: BSL-1.0
import { describe, expect, it } from 'vitest';
import type { Estimate, JobState } from '../api';
import { bytes } from './bytes';
import { count, counted, perMinute, percent } from './count';
import { about, aboutShort, countdown, duration } from './duration';
import { estimateHint, estimateWords, minutes } from './estimate';
import { faceOf, isActive, isLive, jobTitle } from './status';
import { ago } from './time';
import { waitingWords } from './waiting';

describe('numbers', () => {
    it('have their thousands apart, and the right number of the noun', () => {
        expect(count(1234567)).toBe('1,234,567');
        expect(counted(1, 'item')).toBe('1 item');
        expect(counted(0, 'item')).toBe('0 items');
        expect(counted(2000, 'batch', 'batches')).toBe('2,000 batches');
    });

    it('show a pace with no more figures than one can read', () => {
        expect([0, 0.25, 4, 9.96, 12.6, 1234.5].map(perMinute)).toEqual(['0', '0.3', '4', '10', '13', '1,235']);
    });

    it('do not round a little to nothing', () => {
        expect([0, 0.004, 0.451, 1].map(percent)).toEqual(['0 %', '< 1 %', '45 %', '100 %']);
    });

    it('count bytes in thousands', () => {
        expect([812, 4234, 99_600, 999_700, 12_345_678].map(bytes)).toEqual([
            '812 B',
            '4.2 kB',
            '100 kB',
            '1.0 MB',
            '12 MB',
        ]);
    });
});

describe('durations', () => {
    it('have at most two units', () => {
        expect(
            [0, 350, 2400, 3000, 9940, 9960, 59_400, 80_000, 120_000, 3_600_000 * 3 + 300_000, 86_400_000 * 2].map(
                duration,
            ),
        ).toEqual([
            '0 ms',
            '350 ms',
            '2.4 s',
            '3 s',
            '9.9 s',
            '10 s',
            '59 s',
            '1 min 20 s',
            '2 min',
            '3 h 5 min',
            '2 d',
        ]);
    });

    it('counting down never say 0 before it is time', () => {
        expect([1, 1000, 1001, 61_000, 0, -500].map(countdown)).toEqual([
            '1 s',
            '1 s',
            '2 s',
            '1 min 1 s',
            '0 s',
            '0 s',
        ]);
    });

    it('of the future are vague', () => {
        const minute = 60_000;
        expect(
            [
                0,
                4000,
                11_000,
                57_000,
                58_000,
                4 * minute,
                12 * minute,
                2.4 * 60 * minute,
                20 * 60 * minute,
                4 * 1440 * minute,
            ].map(about),
        ).toEqual([
            'a few seconds',
            'a few seconds',
            'about 15 seconds',
            'about a minute',
            'about a minute',
            'about 4 minutes',
            'about 10 minutes',
            'about 2½ hours',
            'about 20 hours',
            'about 4 days',
        ]);
    });

    it('of the future are short where there is little room', () => {
        expect([4000, 12_000, 60_000, 240_000, 2.4 * 3_600_000].map(aboutShort)).toEqual([
            '< 5 s',
            '~ 15 s',
            '~ 1 min',
            '~ 4 min',
            '~ 2½ h',
        ]);
    });

    it('of the past are in minutes and hours, then a date', () => {
        const now = Date.UTC(2026, 0, 20, 12);
        expect([1000, 61_000, 59 * 60_000, 3 * 3_600_000].map((past) => ago(now - past, now))).toEqual([
            'just now',
            '1 min ago',
            '59 min ago',
            '3 h ago',
        ]);
        expect(ago(now - 5 * 86_400_000, now)).toBe('15 Jan');
    });
});

describe('an estimate', () => {
    const free: Estimate = { minutes: 9.9, concurrency: 2, rateLimitPerMinute: 10, tier: 'free', calls: 100 };

    it('says how long and at which pace', () => {
        expect(estimateWords(free)).toBe('about 10 minutes at 10 a minute, 2 at once');
        expect(estimateWords({ ...free, minutes: 0.4, rateLimitPerMinute: null })).toBe(
            'about 25 seconds with 2 at once',
        );
    });

    it('says that there is none, and why', () => {
        const unknown: Estimate = { minutes: null, concurrency: 5, rateLimitPerMinute: null, tier: null, calls: 100 };
        expect(estimateWords(unknown)).toBe('No estimate yet; 5 at once');
        expect(estimateHint(unknown, 100)).toContain('not annotated anything yet');
    });

    it('reckons with the batch’s own rate where that is lower', () => {
        // 100 calls at 5 a minute: the first five at once, the last five 19 minutes later.
        expect(minutes(free, { rateLimitPerMinute: 5 })).toBe(19);
        expect(minutes(free, { rateLimitPerMinute: 500 })).toBe(9.9);
        expect(estimateWords(free, { rateLimitPerMinute: 5 })).toBe('about 20 minutes at 5 a minute, 2 at once');
    });

    it('reckons with fewer at once only where the rate does not bind', () => {
        expect(minutes(free, { concurrency: 1 })).toBe(9.9);
        expect(minutes({ ...free, minutes: 3, rateLimitPerMinute: null, concurrency: 6 }, { concurrency: 2 })).toBe(9);
    });

    it('names the retries that are in it', () => {
        expect(estimateHint({ ...free, calls: 112 }, 100)).toContain('12 retries');
        expect(estimateHint(free, 100)).toBeUndefined();
    });
});

describe('what a job waits for', () => {
    it('is said of every reason in every scope', () => {
        const reasons = [
            'rate',
            'concurrency',
            'backoff',
            'paused',
            'throttled',
            'breaker',
            'abandoned',
            'source',
            'fairness',
            'store',
        ] as const;
        for (const reason of reasons) {
            for (const scope of ['processor', 'tenant', 'job'] as const) {
                expect(waitingWords({ reason, scope }).what, `${reason} ${scope}`).toMatch(/^[A-Z].{4,}[^.]$/);
            }
        }
    });

    it('tells whose limit it is, and until when', () => {
        const words = waitingWords({ reason: 'rate', scope: 'tenant', until: '2026-01-02T03:05:05.680Z' });
        expect(words).toMatchObject({ what: 'Waiting for your limit of starts a minute', busy: false });
        expect(words.until).toBe(Date.UTC(2026, 0, 2, 3, 5, 5, 680));
        expect(waitingWords({ reason: 'rate', scope: 'job' }).what).toContain('this batch’s own');
    });

    it('is no trouble where all places are taken', () => {
        expect(waitingWords({ reason: 'concurrency', scope: 'job' }).busy).toBe(true);
    });
});

describe('a job’s face', () => {
    const job = (status: JobState['status'], more: Partial<JobState> = {}): JobState =>
        ({
            status,
            paused: false,
            finishedAt: '2026-01-02T03:04:06.912Z',
            progress: { total: 2, processed: 2, successful: 2, failed: 0, percentage: 100 },
            ...more,
        }) as JobState;
    const running = (status: JobState['status'], more: Partial<JobState> = {}): JobState => {
        const { finishedAt, ...rest } = job(status, more);
        return finishedAt === undefined ? rest : (rest as JobState);
    };

    it('tells a paused one from a running one, and a cancelled one that still ends from one that has', () => {
        expect(faceOf(running('pending'))).toBe('waiting');
        expect(faceOf(running('processing'))).toBe('running');
        expect(faceOf(running('processing', { paused: true }))).toBe('paused');
        expect(faceOf(running('cancelled'))).toBe('ending');
        expect(faceOf(job('cancelled'))).toBe('cancelled');
        expect(faceOf(job('completed'))).toBe('completed');
        expect(
            faceOf(
                job('completed', { progress: { total: 2, processed: 2, successful: 1, failed: 1, percentage: 100 } }),
            ),
        ).toBe('partly');
    });

    it('of a cancelled one whose attempts are out is live, but not active', () => {
        expect(isLive(running('cancelled'))).toBe(true);
        expect(isActive(running('cancelled'))).toBe(false);
    });

    it('has a title without a label too', () => {
        expect(jobTitle(job('completed'))).toBe('Batch of 2 items');
        expect(jobTitle(job('completed', { label: 'Holiday' }))).toBe('Holiday');
    });
});
