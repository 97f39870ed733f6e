// SPDX-License-Identifier: BSL-1.0
import type { ServerResponse } from 'node:http';

import { isFinal, type ItemError, type JobPhase, type JobStatus, type StartRequest } from 'batchpace-client';

import { json, problem, TestServer, type Asked } from './server.js';

let made = 0;

export function newId(): string {
    made += 1;
    return `019b7c6f-1a2b-7c3d-8e4f-${made.toString(16).padStart(12, '0')}`;
}

const now = (): string => new Date().toISOString();

export function itemError(itemId: string, error = 'not a picture'): ItemError {
    return { itemId, error, attemptNumber: 1, kind: 'permanent', timestamp: now() };
}

/** A job as the service has it, for tests to move on. */
export class FakeJob {
    readonly streams = new Set<ServerResponse>();
    state: JobStatus;
    itemIds: string[];

    constructor(itemIds: string[], more: Partial<JobStatus> = {}) {
        this.itemIds = itemIds;
        this.state = {
            jobId: newId(),
            status: 'processing',
            version: 1,
            progress: { total: itemIds.length, processed: 0, successful: 0, failed: 0, percentage: 0 },
            totalKnown: true,
            waiting: itemIds.length,
            inFlight: 0,
            retrying: 0,
            cancelled: 0,
            abandoned: 0,
            paused: false,
            stalled: false,
            createdAt: now(),
            startedAt: now(),
            milestones: [],
            errors: [],
            errorCount: 0,
            errorsTruncated: false,
            errorDistribution: {},
            ...more,
        };
    }

    get id(): string {
        return this.state.jobId;
    }

    /** So many items are successful and failed now; streams are told. */
    reach(successful: number, failed = 0, more: Partial<JobStatus> = {}): void {
        const { total } = this.state.progress;
        const processed = successful + failed;
        const percentage = Math.floor((100 * processed) / total);
        const milestones = [...this.state.milestones];
        for (const quarter of [25, 50, 75, 100] as const) {
            if (percentage >= quarter && !milestones.some((milestone) => milestone.percentage === quarter)) {
                milestones.push({ percentage: quarter, processed, total, at: now() });
            }
        }
        const news = milestones.slice(this.state.milestones.length);
        this.state = {
            ...this.state,
            version: this.state.version + 1,
            progress: { total, processed, successful, failed, percentage },
            waiting: total - processed,
            milestones,
            errorCount: failed,
            errors: this.itemIds.slice(0, failed).map((id) => itemError(id)),
            errorDistribution: failed > 0 ? { 'not a picture': failed } : {},
            ...more,
        };
        for (const milestone of news) this.tell('milestone', { jobId: this.id, ...milestone }, false);
        this.tell(isFinal(this.state.status) ? 'finished' : 'progress', this.withoutErrors());
    }

    finish(successful: number, failed = 0, status: JobPhase = 'completed', more: Partial<JobStatus> = {}): void {
        const cancelled = this.state.progress.total - successful - failed;
        this.reach(successful, failed, { status, cancelled, waiting: 0, finishedAt: now(), ...more });
        for (const stream of this.streams) stream.end();
        this.streams.clear();
    }

    withoutErrors(): object {
        const { errors: _errors, ...rest } = this.state;
        return rest;
    }

    tell(name: string, data: unknown, withId = true): void {
        for (const stream of this.streams) stream.write(eventText(name, data, withId ? this.state.version : undefined));
    }
}

export function eventText(name: string, data: unknown, id?: number): string {
    return `${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** As much of batchpace's server as the client needs, with faults that a test switches on. */
export class FakeService {
    readonly jobs = new Map<string, FakeJob>();
    /** The first to answer, where it returns true. */
    before: (asked: Asked, response: ServerResponse) => boolean = () => false;
    /** Milliseconds before it answers. */
    delay = 0;

    private constructor(readonly server: TestServer) {}

    static async start(): Promise<FakeService> {
        const server = await TestServer.start((asked, response) => {
            if (service.delay === 0) service.#answer(asked, response);
            else setTimeout(() => service.#answer(asked, response), service.delay);
        });
        const service: FakeService = new FakeService(server);
        return service;
    }

    get url(): string {
        return this.server.url;
    }

    add(items: number | string[] = 4, more: Partial<JobStatus> = {}): FakeJob {
        const ids = typeof items === 'number' ? Array.from({ length: items }, (_, index) => `item-${index}`) : items;
        const job = new FakeJob(ids, more);
        this.jobs.set(job.id, job);
        return job;
    }

    /** Event streams that are open now. */
    get streams(): number {
        return [...this.jobs.values()].reduce((sum, job) => sum + job.streams.size, 0);
    }

    close(): Promise<void> {
        return this.server.close();
    }

    #answer(asked: Asked, response: ServerResponse): void {
        if (this.before(asked, response)) return;
        const newest = [...this.jobs.values()].reverse();
        if (asked.path === '/start') return this.#start(JSON.parse(asked.body) as StartRequest, response);
        if (asked.path === '/active') {
            const jobs = newest
                .filter(({ state }) => !isFinal(state.status))
                .map(({ state }) => ({
                    id: state.jobId,
                    status: state.status,
                    processedItems: state.progress.processed,
                    totalItems: state.progress.total,
                    successfulItems: state.progress.successful,
                    failedItems: state.progress.failed,
                    startedAt: state.startedAt,
                    createdAt: state.createdAt,
                }));
            return json(response, 200, { jobs });
        }
        if (asked.path === '/jobs') {
            const status = asked.query.get('status');
            const fit = newest.filter((job) => status === null || job.state.status === status);
            const limit = Number(asked.query.get('limit') ?? 50);
            const first = fit.findIndex((job) => job.id === asked.query.get('after')) + 1;
            const page = fit.slice(first, first + limit);
            const next = fit.length > first + limit ? { next: page.at(-1)?.id } : {};
            return json(response, 200, { jobs: page.map((job) => job.withoutErrors()), ...next });
        }
        if (asked.path === '/stats') {
            const active = newest.filter(({ state }) => !isFinal(state.status)).length;
            return json(response, 200, {
                activeJobs: active,
                finishedJobs: newest.length - active,
                jobsStarted: newest.length,
                totalProcessing: 3,
                totalSuccessful: 5120,
                totalFailed: 31,
                totalCancelled: 12,
                abandoned: 0,
                totalAbandoned: 0,
                attemptsFailed: 0,
                lateAnswers: 0,
                hookExceptions: 0,
            });
        }
        const [, id, call] = /^\/([^/]+)\/(\w+)$/.exec(asked.path) ?? [];
        const job = this.jobs.get(id ?? '');
        if (job === undefined) return problem(response, 404, 'unknown-job', {}, { detail: 'It never was' });
        if (call === 'status') {
            const errors = job.state.errors.slice(0, Number(asked.query.get('errors') ?? 1000));
            return json(response, 200, { ...job.state, errors, errorsTruncated: errors.length < job.state.errorCount });
        }
        if (call === 'events') return this.#events(job, asked, response);
        if (call === 'retry') return this.#retry(job, asked, response);
        this.#steer(job, call ?? '', response);
    }

    #start(request: StartRequest, response: ServerResponse): void {
        const same = [...this.jobs.values()].find((job) => this.#keys.get(job.id) === request.idempotencyKey);
        const job = request.idempotencyKey !== undefined && same !== undefined ? same : this.add(request.imageIds);
        if (request.idempotencyKey !== undefined) this.#keys.set(job.id, request.idempotencyKey);
        json(response, 201, this.#started(job));
    }
    readonly #keys = new Map<string, string>();

    #started(job: FakeJob): object {
        const { jobId, status, progress } = job.state;
        return { jobId, status, total: progress.total, statusUrl: `/api/batch/annotations/${jobId}/status` };
    }

    #retry(job: FakeJob, asked: Asked, response: ServerResponse): void {
        const { failed } = job.state.progress;
        const left = failed + (asked.query.get('include') === 'cancelled' ? job.state.cancelled : 0);
        if (left === 0) return problem(response, 409, 'nothing-to-retry');
        const made = this.add(job.itemIds.slice(0, left), { retryOf: job.id });
        json(response, 201, { ...this.#started(made), retryOf: job.id });
    }

    #steer(job: FakeJob, call: string, response: ServerResponse): void {
        const { progress } = job.state;
        if (isFinal(job.state.status)) return problem(response, 409, 'job-finished', {}, { message: 'It is over' });
        if (call === 'cancel')
            job.finish(progress.successful, progress.failed, 'cancelled', { stopReason: 'cancelled' });
        else job.reach(progress.successful, progress.failed, { paused: call === 'pause' });
        const { jobId, status, paused } = job.state;
        json(response, 200, { message: `Batch job ${jobId}: ${call}`, jobId, status, paused, progress });
    }

    #events(job: FakeJob, asked: Asked, response: ServerResponse): void {
        const seen = Number(asked.headers['last-event-id'] ?? -1);
        const { state } = job;
        if (isFinal(state.status) && seen === state.version) {
            response.writeHead(204);
            response.end();
            return;
        }
        response.writeHead(200, { 'Content-Type': 'text/event-stream' });
        response.write(':\n\n');
        // As the real server: the job as it is, and the milestones that have not been heard.
        if (seen < state.version) {
            if (!isFinal(state.status)) response.write(eventText('progress', job.withoutErrors(), state.version));
            for (const milestone of state.milestones)
                response.write(eventText('milestone', { jobId: job.id, ...milestone }));
        }
        if (isFinal(state.status)) {
            response.end(eventText('finished', job.withoutErrors(), state.version));
            return;
        }
        job.streams.add(response);
        response.on('close', () => job.streams.delete(response));
    }
}
