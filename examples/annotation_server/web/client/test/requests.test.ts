// SPDX-License-Identifier: BSL-1.0
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { BatchClient, BatchError } from 'batchpace-client';

import { json, problem, quick, TestServer } from './support/server.js';
import { until } from './support/until.js';

let server: TestServer;
let client: BatchClient;

beforeEach(async () => {
    server = await TestServer.start((_asked, response) => json(response, 200, { jobs: [] }));
    client = new BatchClient({ baseUrl: `${server.url}/`, timing: quick });
});
afterEach(() => server.close());

async function failureOf(call: Promise<unknown>): Promise<BatchError> {
    const error = await call.then(
        () => expect.fail('it did not fail'),
        (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(BatchError);
    return error as BatchError;
}

describe('A request', () => {
    test('of a start has the ids and what was asked for, and nothing else', async () => {
        server.handler = (_asked, response) =>
            json(response, 201, { jobId: 'a', status: 'pending', total: 1, statusUrl: '/x/status' });
        const started = await client.startBatch(['cat.png'], {
            concurrency: 2,
            idempotencyKey: 'k',
            label: 'Holiday',
            signal: new AbortController().signal,
        });
        expect(started.jobId).toBe('a');
        const [asked] = server.asked;
        expect(asked?.method).toBe('POST');
        expect(asked?.path).toBe('/start');
        expect(asked?.headers['content-type']).toBe('application/json');
        expect(JSON.parse(asked?.body ?? '')).toEqual({
            imageIds: ['cat.png'],
            concurrency: 2,
            idempotencyKey: 'k',
            label: 'Holiday',
        });
    });

    test('has the path, the method and the query of its call', async () => {
        await client.status('j', { errors: 0 });
        await client.cancel('j');
        await client.pause('j');
        await client.resume('j');
        await client.update('j', { rateLimitPerMinute: 0 });
        await client.retry('j');
        await client.retry('j', { includeCancelled: true });
        await client.jobs({ status: 'failed', limit: 20, after: 'k' });
        await client.active();
        await client.stats();
        await client.estimate(17);
        expect(server.asked.map(({ method, path, query }) => `${method} ${path}?${query}`)).toEqual([
            'GET /j/status?errors=0',
            'POST /j/cancel?',
            'POST /j/pause?',
            'POST /j/resume?',
            'POST /j/update?',
            'POST /j/retry?',
            'POST /j/retry?include=cancelled',
            'GET /jobs?status=failed&limit=20&after=k',
            'GET /active?',
            'GET /stats?',
            'GET /estimate?count=17',
        ]);
    });

    test('carries the key', async () => {
        client = new BatchClient({ baseUrl: server.url, key: 's3cret' });
        await client.stats();
        expect(server.asked[0]?.headers.authorization).toBe('Bearer s3cret');
    });

    test('leads to no other path, whatever the id of the job is', async () => {
        await client.status('../stats?x=#');
        expect(server.asked[0]?.path).toBe('/..%2Fstats%3Fx%3D%23/status');
    });

    test('goes where the API is mounted', async () => {
        client = new BatchClient({ baseUrl: server.url, prefix: 'batch/' });
        await client.stats();
        expect(server.asked[0]?.path).toBe('/batch/stats');
    });
});

describe('An error', () => {
    test('has what the problem document says', async () => {
        const errors = [{ field: 'imageIds', message: 'must not be empty' }];
        server.handler = (_asked, response) =>
            problem(response, 422, 'invalid-request', {}, { detail: 'one field is wrong', errors, errorCount: 1 });
        const error = await failureOf(client.startBatch([]));
        expect(error.status).toBe(422);
        expect(error.is('invalid-request')).toBe(true);
        expect(error.title).toBe('invalid request');
        expect(error.detail).toBe('one field is wrong');
        expect(error.errors).toEqual(errors);
        expect(error.retryAfter).toBeUndefined();
        expect(error.mayPass).toBe(false);
    });

    test('of a start that is refused with 429 says in milliseconds how long to wait', async () => {
        server.handler = (_asked, response) => problem(response, 429, 'too-many-jobs', { 'Retry-After': '5' });
        const error = await failureOf(client.startBatch(['a']));
        expect(error.is('too-many-jobs')).toBe(true);
        expect(error.retryAfter).toBe(5_000);
        expect(error.mayPass).toBe(true);
        expect(server.asked).toHaveLength(1);
    });

    test('knows Retry-After as a date too, and none that is neither', async () => {
        const date = new Date(Date.now() + 60_000).toUTCString();
        server.handler = (_asked, response) => problem(response, 503, 'shutting-down', { 'Retry-After': date });
        expect((await failureOf(client.stats())).retryAfter).toBeGreaterThan(57_000);
        server.handler = (_asked, response) => problem(response, 503, 'shutting-down', { 'Retry-After': 'later' });
        expect((await failureOf(client.stats())).retryAfter).toBeUndefined();
    });

    test('is made of an answer that is no problem document', async () => {
        server.handler = (_asked, response) => {
            response.writeHead(502, { 'Content-Type': 'text/html' });
            response.end('<h1>Bad Gateway</h1>');
        };
        const error = await failureOf(client.stats());
        expect(error.status).toBe(502);
        expect(error.type).toBe('about:blank');
        expect(error.mayPass).toBe(true);
    });

    test('says so where a page answers in place of the API', async () => {
        server.handler = (_asked, response) => {
            response.writeHead(200, { 'Content-Type': 'text/html' });
            response.end('<!doctype html>');
        };
        const error = await failureOf(client.stats());
        expect(error.status).toBe(200);
        expect(error.title).toBe('The answer is not from this API');
        expect(error.mayPass).toBe(false);
    });

    test('has the status 0 where the answer was cut', async () => {
        server.handler = (_asked, response) => {
            response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '100' });
            response.write('{"jobs":[', () => server.drop());
        };
        const error = await failureOf(client.jobs());
        expect(error.status).toBe(0);
        expect(error.mayPass).toBe(true);
    });

    test('has the status 0 where there is no server', async () => {
        const gone = await TestServer.start(() => {});
        const { url } = gone;
        await gone.close();
        const error = await failureOf(new BatchClient({ baseUrl: url }).stats());
        expect(error.status).toBe(0);
        expect(error.title).toBe('The server cannot be reached');
        expect(error.cause).toBeDefined();
    });

    test('comes of a server that does not answer in time, also in the middle of the body', async () => {
        client = new BatchClient({ baseUrl: server.url, timing: { request: 50 } });
        server.handler = () => {};
        expect((await failureOf(client.stats())).title).toBe('The server has not answered');
        server.handler = (_asked, response) => void response.write('{');
        expect((await failureOf(client.stats())).title).toBe('The server has not answered');
        await until(() => server.open.size === 0);
    });
});

describe('A call that is aborted', () => {
    test('fails with the reason, and its connection ends', async () => {
        server.handler = () => {};
        const stop = new AbortController();
        const call = client.status('j', { signal: stop.signal });
        await until(() => server.open.size === 1);
        const reason = new Error('enough');
        stop.abort(reason);
        await expect(call).rejects.toBe(reason);
        await until(() => server.open.size === 0);
    });

    test('does not ask at all where it was aborted before', async () => {
        const reason = new Error('enough');
        await expect(client.stats({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
        await expect(client.monitor('j', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
        await expect(client.monitorMany(['j'], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
        await expect(client.processLargeBatch(['j'], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
        expect(server.asked).toHaveLength(0);
    });
});
