// SPDX-License-Identifier: BSL-1.0
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { BatchClient, type JobTally, type Tally } from 'batchpace-client';

import { json, problem, quick } from './support/server.js';
import { FakeService } from './support/service.js';
import { until } from './support/until.js';

let service: FakeService;
let client: BatchClient;

beforeEach(async () => {
    service = await FakeService.start();
    client = new BatchClient({ baseUrl: service.url, timing: quick });
});
afterEach(() => service.close());

describe('Monitoring many jobs', () => {
    test('of a thousand opens no event stream, and asks for a list now and then', async () => {
        const jobs = Array.from({ length: 1_000 }, () => service.add(10));
        const ids = jobs.map((job) => job.id);
        const sums: Tally[] = [];
        let each: readonly JobTally[] = [];
        const end = client.monitorMany(ids, {
            onProgress: (total, all) => {
                sums.push(total);
                each = all;
            },
        });
        await until(() => sums.length > 0);
        jobs.slice(0, 500).forEach((job) => job.reach(5, 1));
        await until(() => sums.at(-1)?.processed === 3_000);
        expect(sums.at(-1)).toEqual({
            jobs: 1_000,
            finished: 0,
            total: 10_000,
            processed: 3_000,
            successful: 2_500,
            failed: 500,
        });
        const asked = service.server.asked.length;
        expect(service.server.of('/events')).toHaveLength(0);
        expect(service.server.of('/status')).toHaveLength(0);
        expect(asked).toBe(service.server.of('/active').length);
        jobs.slice(0, 900).forEach((job) => job.finish(9, 1));
        await until(() => sums.at(-1)?.finished === 900);
        let most = 0;
        service.before = () => {
            most = Math.max(most, service.server.open.size);
            return false;
        };
        service.delay = 10;
        jobs.slice(900).forEach((job) => job.finish(9, 1));
        const finals = await end;
        expect(finals.map((job) => job.jobId)).toEqual(ids);
        expect(finals.every((job) => job.errors.length === 1)).toBe(true);
        expect(each.map(({ jobId }) => jobId)).toEqual(ids);
        expect(sums.at(-1)?.finished).toBe(1_000);
        expect(service.server.of('/events')).toHaveLength(0);
        // Each job that has left the list was asked for once, a few at a time.
        expect(service.server.of('/status')).toHaveLength(1_000);
        expect(most).toBe(4);
    });

    test('of a few is by an event stream each', async () => {
        const jobs = [service.add(10), service.add(20)];
        const sums: Tally[] = [];
        const end = client.monitorMany(
            jobs.map((job) => job.id),
            { onProgress: (total) => sums.push(total) },
        );
        await until(() => service.streams === 2);
        jobs[1]?.reach(7);
        await until(() => sums.at(-1)?.processed === 7);
        jobs.forEach((job) => job.finish(job.state.progress.total));
        expect((await end).map((job) => job.progress.total)).toEqual([10, 20]);
        expect(service.server.of('/active')).toHaveLength(0);
    });

    test('of none is over at once', async () => {
        expect(await client.monitorMany([])).toEqual([]);
        expect(service.server.asked).toHaveLength(0);
    });

    test('outlasts a server that is away, and never shows counts that go back', async () => {
        const jobs = Array.from({ length: 5 }, () => service.add(10));
        const sums: Tally[] = [];
        const end = client.monitorMany(
            jobs.map((job) => job.id),
            { onProgress: (total) => sums.push(total) },
        );
        jobs.forEach((job) => job.reach(4));
        await until(() => sums.at(-1)?.processed === 20);
        let refused = 0;
        service.before = (_asked, response) => {
            refused += 1;
            if (refused < 4) response.socket?.resetAndDestroy();
            // What a server that was restarted has yet to make up for.
            else if (refused === 4)
                json(response, 200, {
                    jobs: jobs.map((job) => ({
                        id: job.id,
                        status: 'processing',
                        processedItems: 3,
                        totalItems: 10,
                        successfulItems: 3,
                        failedItems: 0,
                    })),
                });
            else return false;
            return true;
        };
        await until(() => refused > 5);
        jobs.forEach((job) => job.finish(10));
        await end;
        const counts = sums.map(({ processed }) => processed);
        expect(counts).toEqual([...counts].sort((a, b) => a - b));
    });

    test('fails where one of them is not there, and asks no further', async () => {
        const jobs = Array.from({ length: 5 }, () => service.add(10));
        const ids = [...jobs.map((job) => job.id), 'gone'];
        await expect(client.monitorMany(ids)).rejects.toMatchObject({ status: 404 });
        await until(() => service.server.open.size === 0);
    });

    test('ends its requests when it is aborted', async () => {
        const jobs = Array.from({ length: 5 }, () => service.add(10));
        service.before = () => true;
        const stop = new AbortController();
        const end = client.monitorMany(
            jobs.map((job) => job.id),
            { signal: stop.signal },
        );
        await until(() => service.server.open.size === 1);
        stop.abort();
        await expect(end).rejects.toMatchObject({ name: 'AbortError' });
        await until(() => service.server.open.size === 0);
    });

    test('by streams ends the others when one fails', async () => {
        const job = service.add(10);
        await expect(client.monitorMany([job.id, 'gone'])).rejects.toMatchObject({ status: 404 });
        await until(() => service.server.open.size === 0);
    });
});

describe('A large batch', () => {
    const ids = (number: number): string[] => Array.from({ length: number }, (_, index) => `image-${index}`);

    test('becomes jobs of a bearable size, some at once, and its result is that of all', async () => {
        const started: [string, number][] = [];
        const sums: Tally[] = [];
        const end = client.processLargeBatch(ids(25), {
            chunkSize: 10,
            jobsAtOnce: 2,
            start: { concurrency: 7, label: 'all of them' },
            onStart: (job, chunk) => started.push([job.jobId, chunk]),
            onProgress: (total) => sums.push(total),
        });
        await until(() => service.jobs.size === 2 && service.streams === 2);
        const [first, second] = [...service.jobs.values()];
        await until(() => sums.length > 0);
        expect(sums[0]).toMatchObject({ jobs: 3, total: 25, finished: 0 });
        second?.finish(10);
        await until(() => service.jobs.size === 3 && service.streams === 2);
        const third = [...service.jobs.values()][2];
        first?.finish(8, 2);
        third?.finish(4, 1);
        const result = await end;
        expect(result).toMatchObject({
            total: 25,
            successful: 22,
            failed: 3,
            cancelled: 0,
            errorDistribution: { 'not a picture': 3 },
        });
        expect(result.errors.map(({ itemId }) => itemId)).toEqual(['image-0', 'image-1', 'image-20']);
        expect(result.jobs.map(({ progress }) => progress.total)).toEqual([10, 10, 5]);
        expect(started.map(([, chunk]) => chunk)).toEqual([0, 1, 2]);
        expect(sums.at(-1)).toMatchObject({ processed: 25, finished: 3 });
        const bodies = service.server.of('/start').map(({ body }) => JSON.parse(body) as Record<string, unknown>);
        expect(bodies.flatMap((body) => body['imageIds'])).toEqual(ids(25));
        expect(bodies.every((body) => body['concurrency'] === 7 && body['label'] === 'all of them')).toBe(true);
        expect(new Set(bodies.map((body) => body['idempotencyKey'])).size).toBe(3);
    });

    test('waits as long as the server asks where it is too busy for a further job', async () => {
        let refusals = 0;
        service.before = (asked, response) => {
            if (asked.path !== '/start' || refusals > 0) return false;
            refusals += 1;
            problem(response, 429, 'too-many-jobs', { 'Retry-After': '1' });
            return true;
        };
        const end = client.processLargeBatch(ids(5));
        await until(() => service.streams === 1);
        const [refused, taken] = service.server.of('/start');
        expect((taken?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThanOrEqual(1_000);
        [...service.jobs.values()][0]?.finish(5);
        await end;
    });

    test('makes no second job where the answer to a start was lost', async () => {
        service.before = (asked, response) => {
            if (asked.path !== '/start' || service.server.of('/start').length > 1) return false;
            // The job is made, and then the connection breaks.
            response.writeHead = () => response;
            response.end = () => {
                response.socket?.resetAndDestroy();
                return response;
            };
            return false;
        };
        const end = client.processLargeBatch(ids(5), { start: { idempotencyKey: 'mine' } });
        await until(() => service.streams === 1);
        expect(service.jobs.size).toBe(1);
        const keys = service.server
            .of('/start')
            .map(({ body }) => (JSON.parse(body) as { idempotencyKey: string }).idempotencyKey);
        expect(keys).toEqual(['mine-0', 'mine-0']);
        [...service.jobs.values()][0]?.finish(5);
        expect((await end).successful).toBe(5);
    });

    test('with an id in two chunks is refused before anything is started, unless that is allowed', async () => {
        const twice = [...ids(3), 'image-0'];
        await expect(client.processLargeBatch(twice, { chunkSize: 2 })).rejects.toMatchObject({
            status: 422,
            type: 'urn:batchpace:problem:duplicate-item',
        });
        expect(service.server.asked).toHaveLength(0);
        const end = client.processLargeBatch(twice, { start: { allowDuplicates: true } });
        await until(() => service.streams === 1);
        [...service.jobs.values()][0]?.finish(4);
        expect((await end).total).toBe(4);
    });

    test('that the server refuses fails at once, and watches no further', async () => {
        service.before = (asked, response) => {
            if (asked.path !== '/start' || service.jobs.size < 1) return false;
            problem(response, 413, 'too-many-items');
            return true;
        };
        await expect(client.processLargeBatch(ids(5), { chunkSize: 2 })).rejects.toMatchObject({ status: 413 });
        await until(() => service.server.open.size === 0);
    });

    test('gives up where the server itself fails again and again', async () => {
        service.before = (_asked, response) => {
            problem(response, 500, 'internal-error');
            return true;
        };
        await expect(client.processLargeBatch(ids(5))).rejects.toMatchObject({ status: 500 });
        expect(service.server.asked).toHaveLength(5);
    });

    test('that is aborted starts no further job', async () => {
        const stop = new AbortController();
        const end = client.processLargeBatch(ids(50), { chunkSize: 10, signal: stop.signal });
        await until(() => service.streams === 2);
        stop.abort();
        await expect(end).rejects.toMatchObject({ name: 'AbortError' });
        await until(() => service.server.open.size === 0);
        expect(service.jobs.size).toBe(2);
    });

    test('of nothing is over at once', async () => {
        expect(await client.processLargeBatch([])).toMatchObject({ total: 0, jobs: [] });
        expect(service.server.asked).toHaveLength(0);
    });

    test('of a size that is none is a mistake of the caller', async () => {
        await expect(client.processLargeBatch(ids(1), { chunkSize: 0 })).rejects.toThrow(RangeError);
        await expect(client.processLargeBatch(ids(1), { jobsAtOnce: Number.NaN })).rejects.toThrow(RangeError);
    });
});

describe('Processing with retries', () => {
    const nth = (index: number) => [...service.jobs.values()][index];

    test('tries what failed again until nothing is left', async () => {
        const rounds: number[] = [];
        const end = client.processWithRetry(['a', 'b', 'c', 'd'], {
            rounds: 5,
            onProgress: (_job, round) => rounds.push(round),
        });
        await until(() => service.streams === 1);
        nth(0)?.finish(1, 3);
        await until(() => service.jobs.size === 2 && service.streams === 1);
        nth(1)?.finish(2, 1);
        await until(() => service.jobs.size === 3 && service.streams === 1);
        nth(2)?.finish(1, 0);
        const result = await end;
        expect(result).toMatchObject({ total: 4, successful: 4, failed: 0, cancelled: 0, errors: [] });
        expect(result.jobs.map((job) => job.retryOf)).toEqual([undefined, nth(0)?.id, nth(1)?.id]);
        expect(new Set(rounds)).toEqual(new Set([0, 1, 2]));
    });

    test('stops after so many rounds, and says what is still failed', async () => {
        const end = client.processWithRetry(['a', 'b', 'c'], { rounds: 1 });
        await until(() => service.streams === 1);
        nth(0)?.finish(1, 2);
        await until(() => service.jobs.size === 2 && service.streams === 1);
        nth(1)?.finish(1, 1);
        const result = await end;
        expect(result).toMatchObject({ total: 3, successful: 2, failed: 1 });
        expect(result.errors).toHaveLength(1);
        expect(service.server.of('/retry')).toHaveLength(1);
    });

    test('leaves alone a job that somebody has cancelled', async () => {
        const end = client.processWithRetry(['a', 'b', 'c'], { includeCancelled: true });
        await until(() => service.streams === 1);
        nth(0)?.finish(1, 1, 'cancelled', { stopReason: 'cancelled' });
        expect(await end).toMatchObject({ successful: 1, failed: 1, cancelled: 1 });
        expect(service.server.of('/retry')).toHaveLength(0);
    });

    test('tries items again that a stop condition has cancelled, where that is wanted', async () => {
        const end = client.processWithRetry(['a', 'b', 'c'], { includeCancelled: true });
        await until(() => service.streams === 1);
        nth(0)?.finish(1, 1, 'failed', { stopReason: 'failures' });
        await until(() => service.jobs.size === 2 && service.streams === 1);
        nth(1)?.finish(2, 0);
        expect(await end).toMatchObject({ total: 3, successful: 3, failed: 0, cancelled: 0 });
    });

    test('finds the job of a retry whose answer was lost, and makes no second one', async () => {
        const end = client.processWithRetry(['a', 'b']);
        await until(() => service.streams === 1);
        service.before = (asked, response) => {
            if (!asked.path.endsWith('/retry')) return false;
            response.writeHead = () => response;
            response.end = () => {
                response.socket?.resetAndDestroy();
                return response;
            };
            return false;
        };
        nth(0)?.finish(1, 1);
        await until(() => service.jobs.size === 2 && service.streams === 1);
        nth(1)?.finish(1, 0);
        expect(await end).toMatchObject({ successful: 2, failed: 0 });
        expect(service.jobs.size).toBe(2);
        expect(service.server.of('/retry')).toHaveLength(1);
    });

    test('waits for a server that is too busy to take the retry', async () => {
        const end = client.processWithRetry(['a', 'b']);
        await until(() => service.streams === 1);
        service.before = (asked, response) => {
            if (!asked.path.endsWith('/retry') || service.server.of('/retry').length > 1) return false;
            problem(response, 429, 'too-many-jobs', { 'Retry-After': '1' });
            return true;
        };
        nth(0)?.finish(1, 1);
        await until(() => service.jobs.size === 2 && service.streams === 1);
        const [refused, taken] = service.server.of('/retry');
        expect((taken?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThanOrEqual(1_000);
        nth(1)?.finish(1, 0);
        await end;
    });
});

test('The distribution of errors is that of the job, without its errors', async () => {
    const job = service.add(4);
    job.finish(2, 2);
    expect(await client.errorDistribution(job.id)).toEqual({ 'not a picture': 2 });
    expect(service.server.asked[0]?.query.get('errors')).toBe('0');
});
