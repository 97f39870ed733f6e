// SPDX-License-Identifier: BSL-1.0
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { BatchClient, type JobSnapshot, type Transport } from 'batchpace-client';

import { quick } from '../support/server.js';
import { until } from '../support/until.js';

// The client against the real server: a file of annotation_server that BATCHPACE_SERVER names.
const binary = process.env['BATCHPACE_SERVER'];
if (binary === undefined)
    console.log('BATCHPACE_SERVER names no annotation_server: the client is not tried against it');

/** The real annotation_server, on a port of its own. */
class RealServer {
    private constructor(
        readonly url: string,
        readonly port: number,
        private readonly child: ChildProcess,
    ) {}

    static async start(...options: string[]): Promise<RealServer> {
        const usual = {
            '--annotator': 'synthetic',
            '--port': '0',
            '--failure-rate': '0',
            '--jitter-ms': '0',
            '--log-level': 'none',
        };
        const arguments_ = [...options];
        for (const [name, value] of Object.entries(usual)) if (!options.includes(name)) arguments_.push(name, value);
        const env = { ...process.env, OMP_THREAD_LIMIT: '1' };
        const child = spawn(binary ?? '', arguments_, { stdio: ['ignore', 'pipe', 'inherit'], env });
        const url = await new Promise<string>((resolve, reject) => {
            let said = '';
            child.on('error', reject);
            child.on('exit', (code) => reject(new Error(`annotation_server ended with ${code}`)));
            child.stdout.on('data', (piece) => {
                said += String(piece);
                const ready = /ready at (\S+)/.exec(said);
                if (ready?.[1] !== undefined) resolve(ready[1]);
            });
        });
        return new RealServer(url, Number(new URL(url).port), child);
    }

    /** As `kill -9` does. */
    async kill(): Promise<void> {
        if (this.child.exitCode !== null || this.child.signalCode !== null) return;
        const gone = new Promise((resolve) => this.child.on('exit', resolve));
        this.child.kill('SIGKILL');
        await gone;
    }

    /** The first signal drains, and event streams are told that the server closes. */
    drain(): void {
        this.child.kill('SIGTERM');
    }
}

let server: RealServer;
let client: BatchClient;
const ids = (number: number, name = 'image'): string[] =>
    Array.from({ length: number }, (_, index) => `${name}-${index}`);

describe.skipIf(binary === undefined)('With the real server', () => {
    beforeAll(async () => {
        server = await RealServer.start('--latency-ms', '30');
        client = new BatchClient({ baseUrl: server.url, timing: { ...quick, poll: 100 } });
    });
    afterAll(() => server.kill());

    test('a job is started, watched and read, and its failures counted', async () => {
        const estimate = await client.estimate(100);
        expect(estimate.calls).toBeGreaterThanOrEqual(100);
        const job = await client.startBatch([...ids(58), 'bad-1', 'bad-2'], { concurrency: 6, label: 'Ein Bär 🐻' });
        const seen: JobSnapshot[] = [];
        const quarters: number[] = [];
        const transports: Transport[] = [];
        const lines: string[] = [];
        const read = (async () => {
            for await (const { itemId } of client.results(job.jobId, { follow: true })) lines.push(itemId);
        })();
        const final = await client.monitor(job.jobId, {
            onProgress: (snapshot) => seen.push(snapshot),
            onMilestone: ({ percentage }) => quarters.push(percentage),
            onTransport: (transport) => transports.push(transport),
        });
        await read;
        expect(final).toMatchObject({ status: 'completed', label: 'Ein Bär 🐻', errorCount: 2 });
        expect(final.errors.map(({ itemId }) => itemId).sort()).toEqual(['bad-1', 'bad-2']);
        expect(quarters).toEqual([25, 50, 75, 100]);
        expect(transports).toEqual(['stream']);
        expect(seen.length).toBeGreaterThan(2);
        const counts = seen.map(({ progress }) => progress.processed);
        expect(counts).toEqual([...counts].sort((a, b) => a - b));
        expect(lines.sort()).toEqual([...ids(58), 'bad-1', 'bad-2'].sort());
        const some: string[] = [];
        for await (const { itemId } of client.results(job.jobId, { after: 10, limit: 5 })) some.push(itemId);
        expect(some).toHaveLength(5);
        expect(await client.errorDistribution(job.jobId)).toEqual({ 'Invalid image': 2 });
        const retried = await client.retry(job.jobId);
        expect(retried).toMatchObject({ retryOf: job.jobId, total: 2 });
        expect((await client.monitor(retried.jobId)).progress.failed).toBe(2);
    });

    test('a job is paused, changed, resumed and cancelled', async () => {
        const { jobId } = await client.startBatch(ids(1_000), { concurrency: 1 });
        const states: string[] = [];
        const end = client.monitor(jobId, { onProgress: ({ paused }) => states.push(paused ? 'paused' : 'runs') });
        expect(await client.pause(jobId)).toMatchObject({ paused: true });
        await until(() => states.at(-1) === 'paused');
        expect((await client.active()).map(({ id }) => id)).toContain(jobId);
        await client.update(jobId, { concurrency: 3, rateLimitPerMinute: 100, priority: 5 });
        await client.update(jobId, { rateLimitPerMinute: 0 });
        await client.resume(jobId);
        await until(() => states.at(-1) === 'runs');
        await client.cancel(jobId);
        const final = await end;
        expect(final).toMatchObject({ status: 'cancelled', stopReason: 'cancelled' });
        await expect(client.pause(jobId)).rejects.toMatchObject({
            status: 409,
            type: 'urn:batchpace:problem:job-finished',
        });
        const results: string[] = [];
        for await (const { status } of client.results(jobId)) results.push(status);
        expect(results).toHaveLength(1_000);
        const again = await client.retry(jobId, { includeCancelled: true });
        expect(again.total).toBe(final.cancelled);
        await client.cancel(again.jobId);
    });

    test('what is wrong is said', async () => {
        await expect(client.startBatch(['a', 'a'])).rejects.toMatchObject({
            type: 'urn:batchpace:problem:duplicate-item',
        });
        await expect(client.startBatch([], { concurrency: 0 })).rejects.toMatchObject({
            status: 422,
            errors: [{}, {}],
        });
        await expect(client.jobs({ limit: 0 })).rejects.toMatchObject({ type: 'urn:batchpace:problem:invalid-query' });
        await expect(client.monitor('00000000-0000-0000-0000-000000000000')).rejects.toMatchObject({ status: 404 });
    });

    test('a large batch and many jobs give each item one outcome', async () => {
        const large = await client.processLargeBatch(ids(950, 'large'), {
            chunkSize: 100,
            jobsAtOnce: 3,
            start: { concurrency: 50 },
        });
        expect(large).toMatchObject({ total: 950, successful: 950, failed: 0 });
        expect(large.jobs).toHaveLength(10);
        const started = await Promise.all(
            Array.from({ length: 100 }, (_, index) => client.startBatch(ids(3, `many-${index}`))),
        );
        let most = 0;
        const finals = await client.monitorMany(
            started.map(({ jobId }) => jobId),
            {
                pollInterval: 50,
                onProgress: ({ processed }) => {
                    expect(processed).toBeGreaterThanOrEqual(most);
                    most = processed;
                },
            },
        );
        expect(finals.every(({ progress }) => progress.successful === 3)).toBe(true);
        expect(most).toBe(300);
    });
});

describe.skipIf(binary === undefined)('With a real server of one’s own', () => {
    let own: RealServer;
    afterEach(() => own.kill());

    test('a key is needed for all of it, and the job of another is not there', async () => {
        const folder = await mkdtemp(join(tmpdir(), 'batchpace-keys-'));
        const file = join(folder, 'keys');
        await writeFile(
            file,
            '{"key": "key-of-acme-0001", "tenant": "acme"}\n{"key": "key-of-globex-0001", "tenant": "globex"}\n',
            { mode: 0o600 },
        );
        own = await RealServer.start('--latency-ms', '5', '--keys', file);
        const acme = new BatchClient({ baseUrl: own.url, key: 'key-of-acme-0001' });
        const { jobId } = await acme.startBatch(ids(3));
        expect((await acme.monitor(jobId)).progress.successful).toBe(3);
        const globex = new BatchClient({ baseUrl: own.url, key: 'key-of-globex-0001' });
        await expect(globex.monitor(jobId)).rejects.toMatchObject({ status: 404 });
        await expect(new BatchClient({ baseUrl: own.url }).monitor(jobId)).rejects.toMatchObject({ status: 401 });
        await rm(folder, { recursive: true });
    });

    test('what fails half of the time is retried until all is done', async () => {
        own = await RealServer.start('--latency-ms', '1', '--failure-rate', '0.5');
        const mine = new BatchClient({ baseUrl: own.url, timing: quick });
        const result = await mine.processWithRetry(ids(50), { rounds: 50, start: { maxAttempts: 1, concurrency: 50 } });
        expect(result).toMatchObject({ total: 50, successful: 50, failed: 0, errors: [] });
        expect(result.jobs.length).toBeGreaterThan(1);
    });

    test('a server that drains says so in the stream, and the end of the job is heard', async () => {
        own = await RealServer.start('--latency-ms', '50', '--drain-seconds', '30');
        const mine = new BatchClient({ baseUrl: own.url, timing: quick });
        const { jobId } = await mine.startBatch(ids(40), { concurrency: 2 });
        let processed = 0;
        const end = mine.monitor(jobId, { onProgress: ({ progress }) => (processed = progress.processed) });
        await until(() => processed > 0);
        own.drain();
        expect((await end).progress.processed).toBe(40);
        await expect(mine.startBatch(['late'])).rejects.toMatchObject({ mayPass: true });
    });

    test('a server that is killed is lost; its successor knows the job no more, and says so', async () => {
        own = await RealServer.start('--latency-ms', '50');
        const { port } = own;
        const mine = new BatchClient({ baseUrl: own.url, timing: quick });
        const { jobId } = await mine.startBatch(ids(1_000), { concurrency: 1 });
        const transports: Transport[] = [];
        const end = mine.monitor(jobId, { onTransport: (transport) => transports.push(transport) });
        end.catch(() => {});
        await until(() => transports.at(-1) === 'stream');
        await own.kill();
        await until(() => transports.at(-1) === 'lost');
        own = await RealServer.start('--port', String(port));
        await expect(end).rejects.toMatchObject({ status: 404, type: 'urn:batchpace:problem:unknown-job' });
    });
});
