// SPDX-License-Identifier: BSL-1.0
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { BatchClient, type ResultLine } from 'batchpace-client';

import { linesOf } from '../src/lines.js';
import { problem, quick } from './support/server.js';
import { FakeService, type FakeJob } from './support/service.js';
import { until } from './support/until.js';

let service: FakeService;
let client: BatchClient;
let job: FakeJob;

/** The results of the job, which the test may cut. */
let lines: string[];
/** Answers one request with lines from `after` on; the default sends all, in order, at once. */
let send: (response: ServerResponse, after: number, limit: number, request: number) => void;

const lineOf = (number: number): string => {
    const rest = { status: 'successful', attempts: 1, durationMs: 1, finishedAt: '' };
    return `${JSON.stringify({ itemId: `Bär-${number}`, annotation: { n: number }, ...rest })}\n`;
};

beforeEach(async () => {
    service = await FakeService.start();
    client = new BatchClient({ baseUrl: service.url, timing: quick });
    job = service.add(10);
    job.finish(10);
    lines = Array.from({ length: 10 }, (_, index) => lineOf(index));
    send = (response, after, limit) => void response.end(lines.slice(after, after + limit).join(''));
    service.before = (asked, response) => {
        if (!asked.path.endsWith('/results')) return false;
        const after = Number(asked.query.get('after') ?? 0);
        response.writeHead(200, { 'Content-Type': 'application/x-ndjson', 'Results-From': String(after) });
        response.flushHeaders();
        send(response, after, Number(asked.query.get('limit') ?? Infinity), requests().length);
        return true;
    };
});
afterEach(() => service.close());

const requests = () => service.server.of('/results');

async function numbersOf(results: AsyncIterable<ResultLine>): Promise<number[]> {
    const numbers: number[] = [];
    for await (const { annotation } of results) numbers.push((annotation as { n: number }).n);
    return numbers;
}

const upTo = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);

describe('Results', () => {
    test('come each once, in their order', async () => {
        expect(await numbersOf(client.results(job.id))).toEqual(upTo(0, 10));
        expect(requests()).toHaveLength(1);
        expect(requests()[0]?.headers.accept).toBe('application/x-ndjson');
    });

    test('begin and end where they are asked to', async () => {
        expect(await numbersOf(client.results(job.id, { after: 3, limit: 4 }))).toEqual([3, 4, 5, 6]);
        expect(requests().map(({ query }) => String(query))).toEqual(['after=3&limit=4']);
        expect(await numbersOf(client.results(job.id, { after: 10 }))).toEqual([]);
        expect(await numbersOf(client.results(job.id, { limit: 0 }))).toEqual([]);
    });

    test('can be read anew from the same object', async () => {
        const results = client.results(job.id);
        expect(await numbersOf(results)).toEqual(await numbersOf(results));
    });

    test('go on where a connection was cut, in the middle of a line too', async () => {
        send = (response, after, limit, request) => {
            const rest = lines.slice(after, after + limit).join('');
            if (request > 3) response.end(rest);
            else response.write(rest.slice(0, lineOf(0).length * 2 + 20), () => response.socket?.end());
        };
        expect(await numbersOf(client.results(job.id, { limit: 9 }))).toEqual(upTo(0, 9));
        expect(requests().map(({ query }) => String(query))).toEqual([
            'after=0&limit=9',
            'after=2&limit=7',
            'after=4&limit=5',
            'after=6&limit=3',
        ]);
    });

    test('go on where a server that stops has ended its answer early, without a word', async () => {
        send = (response, after, _limit, request) => {
            const most = request === 1 ? 3 : request === 2 ? 0 : Infinity;
            response.end(lines.slice(after, after + most).join(''));
        };
        expect(await numbersOf(client.results(job.id))).toEqual(upTo(0, 10));
        expect(requests().map(({ query }) => query.get('after'))).toEqual(['0', '3', '3']);
    });

    test('of a running job are those so far', async () => {
        job = service.add(20);
        job.reach(10);
        expect(await numbersOf(client.results(job.id))).toEqual(upTo(0, 10));
        expect(requests()).toHaveLength(1);
    });

    test('of a running job go on to the finish where they are followed', async () => {
        job = service.add(20);
        job.reach(10);
        let answer: ServerResponse | undefined;
        send = (response, after) => {
            answer = response;
            response.write(lines.slice(after).join(''));
        };
        const seen: number[] = [];
        const end = (async () => {
            for await (const { annotation } of client.results(job.id, { follow: true }))
                seen.push((annotation as { n: number }).n);
        })();
        await until(() => seen.length === 10);
        expect(requests()[0]?.query.get('follow')).toBe('true');
        // The connection breaks while there is nothing new, and again while the job goes on.
        answer?.socket?.resetAndDestroy();
        await until(() => requests().length === 2);
        for (let number = 10; number < 15; number += 1) lines.push(lineOf(number));
        job.reach(15);
        answer?.socket?.resetAndDestroy();
        await until(() => seen.length === 15);
        for (let number = 15; number < 20; number += 1) lines.push(lineOf(number));
        job.finish(20);
        answer?.end(lines.slice(15).join(''));
        await end;
        expect(seen).toEqual(upTo(0, 20));
    });

    test('that the server keeps no more are left out, and the rest is counted from where it begins', async () => {
        service.before = (asked, response) => {
            if (!asked.path.endsWith('/results')) return false;
            const after = Math.max(4, Number(asked.query.get('after')));
            response.writeHead(200, { 'Content-Type': 'application/x-ndjson', 'Results-From': String(after) });
            if (requests().length === 1) response.write(lines.slice(after, 6).join(''), () => response.socket?.end());
            else response.end(lines.slice(after).join(''));
            return true;
        };
        expect(await numbersOf(client.results(job.id))).toEqual(upTo(4, 10));
        expect(requests().map(({ query }) => query.get('after'))).toEqual(['0', '6']);
    });

    test('are not asked for for ever where the server has fewer than it says', async () => {
        lines.length = 7;
        expect(await numbersOf(client.results(job.id))).toEqual(upTo(0, 7));
        expect(await numbersOf(client.results(job.id, { follow: true }))).toEqual(upTo(0, 7));
    });

    test('end their request when the loop is left', async () => {
        send = (response, after) => void response.write(lines.slice(after).join(''));
        for await (const { itemId } of client.results(job.id)) {
            expect(itemId).toBe('Bär-0');
            break;
        }
        await until(() => service.server.open.size === 0);
    });

    test('end their request when they are aborted, with the reason', async () => {
        send = (response) => void response.write(lines[0]);
        const stop = new AbortController();
        const end = numbersOf(client.results(job.id, { signal: stop.signal }));
        await until(() => service.server.open.size === 1 && requests().length === 1);
        const reason = new Error('enough');
        stop.abort(reason);
        await expect(end).rejects.toBe(reason);
        await until(() => service.server.open.size === 0);
    });

    test('of a job that is not there are an error', async () => {
        await expect(numbersOf(client.results('gone'))).rejects.toMatchObject({ status: 404 });
        service.before = (asked, response) => {
            if (!asked.path.endsWith('/results')) return false;
            problem(response, 401, 'unauthorized');
            return true;
        };
        await expect(numbersOf(client.results(job.id))).rejects.toMatchObject({ status: 401 });
    });

    test('that are no JSON are an error, not lost', async () => {
        lines[4] = 'oops\n';
        await expect(numbersOf(client.results(job.id))).rejects.toMatchObject({ title: 'A result cannot be read' });
    });
});

test('Lines are the same wherever their bytes are cut, and a last one without its end is none', async () => {
    const all = new TextEncoder().encode('{"a":"Bär 🐻"}\r\n\n{"b":2}\n{"c":');
    const read = async (pieces: Uint8Array[]): Promise<string[]> => {
        async function* source(): AsyncGenerator<Uint8Array> {
            yield* pieces;
        }
        const found: string[] = [];
        for await (const line of linesOf(source())) found.push(line.trim());
        return found;
    };
    for (let cut = 0; cut <= all.length; cut += 1) {
        expect(await read([all.slice(0, cut), all.slice(cut)]), `cut at ${cut}`).toEqual(['{"a":"Bär 🐻"}', '{"b":2}']);
    }
    expect(await read(Array.from(all, (byte) => Uint8Array.of(byte)))).toEqual(['{"a":"Bär 🐻"}', '{"b":2}']);
});
