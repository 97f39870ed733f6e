// SPDX-License-Identifier: BSL-1.0
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import {
    BatchClient,
    BatchError,
    type JobSnapshot,
    type JobStatus,
    type Timing,
    type Transport,
} from 'batchpace-client';

import { json, problem, quick } from './support/server.js';
import { eventText, FakeService, type FakeJob } from './support/service.js';
import { until } from './support/until.js';

let service: FakeService;
let job: FakeJob;
/** What nobody has caught: there must be nothing. */
const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);

beforeEach(async () => {
    unhandled.length = 0;
    process.on('unhandledRejection', note);
    service = await FakeService.start();
    job = service.add(100);
});
afterEach(async () => {
    await service.close();
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
});

function clientWith(timing: Partial<Timing> = {}, maxEventStreams = 2): BatchClient {
    return new BatchClient({ baseUrl: service.url, timing: { ...quick, ...timing }, maxEventStreams });
}

/** A monitored job, and all that was heard of it. */
function listenTo(client: BatchClient, jobId = job.id, signal?: AbortSignal) {
    const seen: JobSnapshot[] = [];
    const milestones: number[] = [];
    const transports: Transport[] = [];
    const errors: (BatchError | undefined)[] = [];
    const end: Promise<JobStatus> = client.monitor(jobId, {
        onProgress: (snapshot) => seen.push(snapshot),
        onMilestone: ({ percentage }) => milestones.push(percentage),
        onTransport: (transport, error) => {
            transports.push(transport);
            errors.push(error);
        },
        signal,
    });
    end.catch(() => {});
    const processed = (): number => seen.at(-1)?.progress.processed ?? -1;
    return { seen, milestones, transports, errors, end, processed };
}

const eventStreams = () => service.server.of('/events');
const statuses = () => service.server.of('/status');

describe('Monitoring', () => {
    test('hears progress and milestones by the event stream, and ends with the errors of the job', async () => {
        const heard = listenTo(clientWith());
        await until(() => service.streams === 1);
        job.reach(30);
        job.reach(60, 1);
        job.finish(98, 2);
        const final = await heard.end;
        expect(final.status).toBe('completed');
        expect(final.errors).toHaveLength(2);
        expect(heard.milestones).toEqual([25, 50, 75, 100]);
        expect(heard.seen.map(({ progress }) => progress.processed)).toEqual([0, 30, 61, 100, 100]);
        expect(heard.seen.every((snapshot) => !('errors' in snapshot))).toBe(true);
        expect(heard.transports).toEqual(['stream']);
        // The one status is that of the end.
        expect(statuses()).toHaveLength(1);
        expect(eventStreams()).toHaveLength(1);
    });

    test('of a job that has finished is its status', async () => {
        job.finish(99, 1);
        const heard = listenTo(clientWith());
        expect((await heard.end).errors).toHaveLength(1);
        expect(heard.milestones).toEqual([25, 50, 75, 100]);
    });

    test('goes on with the last id where a connection was dropped, and hears each milestone once', async () => {
        const heard = listenTo(clientWith());
        await until(() => service.streams === 1);
        job.reach(30);
        await until(() => heard.processed() === 30);
        const { version } = job.state;
        service.server.drop();
        job.reach(55);
        await until(() => heard.processed() === 55);
        await until(() => service.streams === 1);
        expect(eventStreams()[1]?.headers['last-event-id']).toBe(String(version));
        job.finish(100);
        await heard.end;
        expect(heard.milestones).toEqual([25, 50, 75, 100]);
    });

    test('hears of one version that was told in several events the last id only, and misses no milestone', async () => {
        service.before = (asked, response) => {
            if (!asked.path.endsWith('/events') || eventStreams().length > 1) return false;
            response.writeHead(200, { 'Content-Type': 'text/event-stream' });
            // It is cut behind the milestone, before the event with the id.
            response.write(eventText('progress', job.withoutErrors(), 1));
            response.write(
                eventText('milestone', { jobId: job.id, percentage: 25, processed: 25, total: 100, at: '' }),
            );
            response.write('id: 2\nevent: progress\nda', () => service.server.drop());
            return true;
        };
        const heard = listenTo(clientWith());
        await until(() => service.streams === 1);
        expect(eventStreams()[1]?.headers['last-event-id']).toBe('1');
        job.finish(100);
        await heard.end;
        expect(heard.milestones).toEqual([25, 50, 75, 100]);
    });

    test('asks for the status where the server says with 204 that all has been heard', async () => {
        service.before = (asked, response) => {
            if (!asked.path.endsWith('/events')) return false;
            job.finish(100);
            response.writeHead(204);
            response.end();
            return true;
        };
        const heard = listenTo(clientWith());
        expect((await heard.end).progress.processed).toBe(100);
        expect(eventStreams()).toHaveLength(1);
    });

    test('comes back to a server that has said it is closing', async () => {
        const heard = listenTo(clientWith());
        await until(() => service.streams === 1);
        for (const stream of job.streams) stream.end(eventText('closing', {}));
        await until(() => eventStreams().length === 2 && service.streams === 1);
        job.finish(100);
        await heard.end;
    });

    test('never shows counters that go back', async () => {
        const heard = listenTo(clientWith());
        await until(() => service.streams === 1);
        job.reach(40, 2);
        const older = {
            ...job.withoutErrors(),
            version: 2,
            progress: { ...job.state.progress, processed: 31, successful: 30, failed: 1 },
        };
        job.tell('progress', older);
        job.reach(40, 3);
        await until(() => heard.processed() === 43);
        job.finish(90, 10);
        await heard.end;
        const counts = heard.seen.map(({ progress }) => progress.processed);
        expect(counts).toEqual([...counts].sort((a, b) => a - b));
        expect(counts).not.toContain(31);
    });

    test('outlasts events that cannot be read, and those that it does not know', async () => {
        service.before = (asked, response) => {
            if (!asked.path.endsWith('/events') || eventStreams().length > 1) return false;
            response.writeHead(200, { 'Content-Type': 'text/event-stream' });
            response.write('event: weather\ndata: sunny\n\nevent: progress\ndata: {"jobId"\n\n');
            return true;
        };
        const heard = listenTo(clientWith());
        await until(() => service.streams === 1);
        job.finish(100);
        await heard.end;
        expect(heard.transports).toEqual(['stream', 'polling', 'stream']);
        expect(service.server.open.size).toBe(0);
    });
});

describe('Without an event stream', () => {
    test('a job is polled, no stream is asked for before the Retry-After, and then it is taken up again', async () => {
        let refused = true;
        service.before = (asked, response) => {
            if (!asked.path.endsWith('/events') || !refused) return false;
            problem(response, 503, 'too-many-streams', { 'Retry-After': '1' });
            return true;
        };
        const heard = listenTo(clientWith());
        await until(() => heard.transports.at(-1) === 'polling');
        expect(heard.errors.at(-1)?.is('too-many-streams')).toBe(true);
        job.reach(30);
        await until(() => heard.processed() === 30);
        refused = false;
        await until(() => heard.transports.at(-1) === 'stream');
        const [first, second] = eventStreams();
        expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(1_000);
        job.finish(100);
        await heard.end;
        expect(heard.transports).toEqual(['polling', 'stream']);
        expect(heard.milestones).toEqual([25, 50, 75, 100]);
    });

    test('a job that finishes while it is polled is heard to have finished, with its milestones', async () => {
        service.before = (asked, response) => {
            if (!asked.path.endsWith('/events')) return false;
            problem(response, 503, 'too-many-streams', { 'Retry-After': '600' });
            return true;
        };
        const heard = listenTo(clientWith());
        await until(() => heard.transports.at(-1) === 'polling');
        job.finish(96, 4);
        expect((await heard.end).errors).toHaveLength(4);
        expect(heard.milestones).toEqual([25, 50, 75, 100]);
        expect(eventStreams()).toHaveLength(1);
    });

    test('a stream that something on the way holds back is given up, and the job polled', async () => {
        service.before = (asked, response) => {
            if (!asked.path.endsWith('/events')) return false;
            response.writeHead(200, { 'Content-Type': 'text/event-stream' });
            response.flushHeaders();
            return true;
        };
        const heard = listenTo(clientWith({ firstEvent: 60, backoff: 60_000, maxBackoff: 60_000 }));
        await until(() => heard.transports.at(-1) === 'polling');
        expect(heard.errors.at(-1)?.title).toBe('The event stream is silent');
        await until(() => service.server.open.size === 0);
        job.finish(100);
        await heard.end;
        expect(eventStreams()).toHaveLength(1);
    });

    test.each([502, 200])('a page in place of the stream is no stream: %i', async (status) => {
        service.before = (asked, response) => {
            if (!asked.path.endsWith('/events')) return false;
            response.writeHead(status, { 'Content-Type': 'text/html' });
            if (status === 200) response.write('<h1>');
            else response.end('<h1>');
            return true;
        };
        const heard = listenTo(clientWith({ backoff: 600_000, maxBackoff: 600_000 }));
        await until(() => heard.transports.at(-1) === 'polling');
        // Nor is a connection kept for it.
        await until(() => service.server.open.size === 0);
        job.finish(100);
        await heard.end;
    });

    test('a server that was lost for a moment is not asked for its stream before the Retry-After of that', async () => {
        service.before = (asked, response) => {
            if (asked.path.endsWith('/events') && eventStreams().length === 1) {
                problem(response, 503, 'too-many-streams', { 'Retry-After': '1' });
                return true;
            }
            if (asked.path.endsWith('/status') && statuses().length === 1) {
                response.socket?.resetAndDestroy();
                return true;
            }
            return false;
        };
        const heard = listenTo(clientWith());
        await until(() => heard.transports.at(-1) === 'stream');
        expect(heard.transports).toEqual(['lost', 'polling', 'stream']);
        const [first, second] = eventStreams();
        expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(1_000);
        job.finish(100);
        await heard.end;
    });

    test('a stream that has died without a word is made again', async () => {
        const heard = listenTo(clientWith({ silence: 100, firstEvent: 90 }));
        await until(() => service.streams === 1);
        await until(() => eventStreams().length >= 2);
        job.finish(100);
        await heard.end;
    });

    test('heartbeats keep a stream that has nothing to say', async () => {
        const heard = listenTo(clientWith({ silence: 400, firstEvent: 200 }));
        await until(() => service.streams === 1);
        const heart = setInterval(() => job.streams.forEach((stream) => stream.write(':\n\n')), 20);
        const until800 = performance.now() + 800;
        await until(() => performance.now() > until800);
        clearInterval(heart);
        expect(eventStreams()).toHaveLength(1);
        job.finish(100);
        await heard.end;
    });

    test('a server that ends each stream at once is not run against', async () => {
        service.before = (asked, response) => {
            if (!asked.path.endsWith('/events')) return false;
            response.writeHead(200, { 'Content-Type': 'text/event-stream' });
            response.end(eventText('progress', job.withoutErrors(), job.state.version));
            return true;
        };
        const heard = listenTo(clientWith({ backoff: 60_000, maxBackoff: 60_000 }));
        job.reach(50);
        await until(() => heard.processed() === 50 && statuses().length > 3);
        expect(eventStreams()).toHaveLength(1);
        job.finish(100);
        await heard.end;
    });
});

describe('A server that is lost', () => {
    test('is told, asked again, and found again', async () => {
        const heard = listenTo(clientWith());
        await until(() => service.streams === 1);
        job.reach(10);
        await until(() => heard.processed() === 10);
        service.before = (_asked, response) => {
            response.socket?.resetAndDestroy();
            return true;
        };
        service.server.drop();
        await until(() => heard.transports.at(-1) === 'lost');
        expect(heard.errors.at(-1)?.status).toBe(0);
        const asked = service.server.asked.length;
        await until(() => service.server.asked.length > asked + 3);
        service.before = () => false;
        await until(() => heard.transports.at(-1) === 'stream');
        expect(heard.processed()).toBe(10);
        job.finish(100);
        await heard.end;
    });

    test('is asked less and less often, and not before its Retry-After', async () => {
        service.before = (_asked, response) => {
            problem(response, 503, 'shutting-down', { 'Retry-After': '1' });
            return true;
        };
        const heard = listenTo(clientWith());
        await until(() => heard.transports.at(-1) === 'lost');
        const asked = service.server.asked.length;
        const last = service.server.asked.at(-1)?.at ?? 0;
        await until(() => service.server.asked.length > asked);
        expect((service.server.asked[asked]?.at ?? 0) - last).toBeGreaterThanOrEqual(1_000);
        service.before = () => false;
        job.finish(100);
        await heard.end;
    });

    test('and comes back without the job ends the monitoring', async () => {
        const heard = listenTo(clientWith());
        await until(() => service.streams === 1);
        service.jobs.delete(job.id);
        service.server.drop();
        await expect(heard.end).rejects.toMatchObject({ status: 404 });
    });

    test('at the very end leaves what was heard of the end, without the errors', async () => {
        const heard = listenTo(clientWith());
        await until(() => service.streams === 1);
        service.before = (asked, response) => {
            if (!asked.path.endsWith('/status')) return false;
            problem(response, 404, 'unknown-job');
            return true;
        };
        job.finish(99, 1);
        const final = await heard.end;
        expect(final.progress.processed).toBe(100);
        expect(final.errors).toEqual([]);
        expect(final.errorsTruncated).toBe(true);
    });
});

describe('What cannot pass', () => {
    test.each([
        [401, 'unauthorized'],
        [404, 'unknown-job'],
        [421, 'wrong-host'],
    ])('ends the monitoring: %i, %s', async (status, name) => {
        service.before = (_asked, response) => {
            problem(response, status, name);
            return true;
        };
        const heard = listenTo(clientWith());
        await expect(heard.end).rejects.toMatchObject({ status, type: `urn:batchpace:problem:${name}` });
        // A fetch asks a second time by itself after a 421, as its standard says.
        expect(service.server.asked.length).toBeLessThanOrEqual(status === 421 ? 2 : 1);
        expect(heard.seen).toEqual([]);
    });
});

describe('Several who watch one job', () => {
    test('share one stream, which ends with the last of them', async () => {
        const client = clientWith();
        const stops = [new AbortController(), new AbortController(), new AbortController()];
        const all = stops.map((stop) => listenTo(client, job.id, stop.signal));
        await until(() => service.streams === 1);
        job.reach(10);
        await until(() => all.every((heard) => heard.processed() === 10));
        stops[0]?.abort();
        stops[1]?.abort();
        await expect(all[0]?.end).rejects.toMatchObject({ name: 'AbortError' });
        job.reach(20);
        await until(() => all[2]?.processed() === 20);
        expect(all[0]?.processed()).toBe(10);
        expect(service.streams).toBe(1);
        expect(eventStreams()).toHaveLength(1);
        stops[2]?.abort();
        await until(() => service.streams === 0 && service.server.open.size === 0);
        await expect(all[2]?.end).rejects.toMatchObject({ name: 'AbortError' });
    });

    test('are told what is known, however late they come', async () => {
        const client = clientWith();
        const first = listenTo(client);
        await until(() => service.streams === 1);
        job.reach(60);
        await until(() => first.processed() === 60);
        const second = listenTo(client);
        expect(second.seen).toEqual([]);
        await until(() => second.processed() === 60);
        expect(second.transports).toEqual(['stream']);
        expect(second.milestones).toEqual([25, 50]);
        expect(service.server.asked).toHaveLength(1);
        job.finish(100);
        expect(await second.end).toEqual(await first.end);
    });

    test('keep the stream where one leaves and another comes within a moment', async () => {
        const client = clientWith();
        const leave = client.watch(job.id, {});
        await until(() => service.streams === 1);
        leave();
        const heard = listenTo(client);
        job.finish(100);
        await heard.end;
        expect(eventStreams()).toHaveLength(1);
    });

    test('are not disturbed by one that throws; it hears of that itself', async () => {
        const client = clientWith();
        const mistake = new Error('a mistake of mine');
        const clumsy = client.monitor(job.id, {
            onProgress: () => {
                throw mistake;
            },
        });
        const heard = listenTo(client);
        await expect(clumsy).rejects.toBe(mistake);
        job.finish(100);
        await heard.end;
    });

    test('are forgotten when all have left: who comes then begins anew', async () => {
        const client = clientWith();
        const leave = client.watch(job.id, {});
        await until(() => service.streams === 1);
        leave();
        await until(() => service.streams === 0);
        const heard = listenTo(client);
        await until(() => service.streams === 1);
        job.finish(100);
        await heard.end;
        expect(eventStreams()).toHaveLength(2);
    });

    test('may ask anew when the job was not there', async () => {
        const client = clientWith();
        service.jobs.delete(job.id);
        await expect(client.monitor(job.id)).rejects.toMatchObject({ status: 404 });
        service.jobs.set(job.id, job);
        job.finish(100);
        expect((await client.monitor(job.id)).status).toBe('completed');
    });

    test('may ask anew in the moment of the end', async () => {
        const client = clientWith();
        const heard = listenTo(client);
        const again = heard.end.then(() => client.monitor(job.id));
        await until(() => service.streams === 1);
        job.finish(100);
        expect((await again).status).toBe('completed');
    });
});

describe('More jobs than there may be event streams', () => {
    test('are polled, and the next one takes a stream that becomes free, before its next poll', async () => {
        const others = [service.add(10), service.add(10)];
        const client = clientWith({ poll: 600_000 }, 1);
        const first = listenTo(client);
        await until(() => service.streams === 1);
        const rest = others.map((other) => listenTo(client, other.id));
        await until(() => rest.every((heard) => heard.transports.at(-1) === 'polling'));
        expect(service.streams).toBe(1);
        job.finish(100);
        await first.end;
        await until(() => rest[0]?.transports.at(-1) === 'stream');
        expect(service.streams).toBe(1);
        others[0]?.finish(10);
        await rest[0]?.end;
        await until(() => rest[1]?.transports.at(-1) === 'stream');
        others[1]?.finish(10);
        await rest[1]?.end;
    });

    test('are polled as often as the most impatient wants', async () => {
        const client = clientWith({ poll: 600_000 }, 0);
        const patient = listenTo(client);
        await until(() => patient.transports.at(-1) === 'polling');
        job.reach(10);
        const leave = client.watch(job.id, { pollInterval: 50 });
        await until(() => patient.processed() === 10);
        job.finish(100);
        await patient.end;
        leave();
    });
});

test('An answer of something else than the server is an excuse only where the server had answered before', async () => {
    const client = clientWith({}, 0);
    const heard = listenTo(client);
    await until(() => heard.processed() === 0);
    service.before = (_asked, response) => {
        json(response, 200, 'sign in to the network first');
        return true;
    };
    await until(() => heard.transports.at(-1) === 'lost');
    service.before = () => false;
    job.finish(100);
    await heard.end;

    service.before = (_asked, response) => {
        json(response, 200, 'no API here');
        return true;
    };
    await expect(clientWith({}, 0).monitor(job.id)).rejects.toMatchObject({ title: 'The answer is not from this API' });
});
