// SPDX-License-Identifier: BSL-1.0
import type {
    ActiveJob,
    ActiveJobs,
    Estimate,
    EstimateQuery,
    JobCall,
    JobChanges,
    JobPage,
    JobStatus,
    PlainPath,
    ResultLine,
    RetriedJob,
    RetryQuery,
    StartedJob,
    StartRequest,
    Stats,
    SteeredJob,
} from './contract.js';
import { Http } from './http.js';
import { JobWatch, type WatchListener } from './job_watch.js';
import { processLargeBatch } from './large_batch.js';
import { monitorByList, monitorByStreams } from './monitor_many.js';
import type {
    Abortable,
    BatchClientOptions,
    JobsOptions,
    LargeBatchOptions,
    LargeBatchResult,
    MonitorManyOptions,
    MonitorOptions,
    ResultsOptions,
    RetryingOptions,
    RetryingResult,
    RetryOptions,
    StartOptions,
    StatusOptions,
    Timing,
} from './options.js';
import { readResults } from './results.js';
import { StreamSlots } from './stream_slots.js';
import { processWithRetry } from './with_retry.js';

const usual: Timing = {
    request: 60_000,
    poll: 2_000,
    firstEvent: 5_000,
    silence: 45_000,
    away: 30_000,
    backoff: 1_000,
    maxBackoff: 15_000,
};

/**
 * The client of batchpace's REST API, for browsers and Node. Whatever fails does so with a `BatchError`; what is
 * aborted, with the signal's reason. Make one and keep it: what watches the same job through one client shares one
 * event stream.
 */
export class BatchClient {
    readonly #http: Http;
    readonly #timing: Timing;
    readonly #maxEventStreams: number;
    readonly #slots: StreamSlots;
    readonly #watches = new Map<string, JobWatch>();

    constructor(options: BatchClientOptions = {}) {
        this.#timing = { ...usual, ...options.timing };
        this.#http = new Http(options, this.#timing.request);
        this.#maxEventStreams = options.maxEventStreams ?? 2;
        this.#slots = new StreamSlots(this.#maxEventStreams);
    }

    /**
     * Starts a job. Whoever does not know whether a start has arrived sends it again with the same `idempotencyKey`:
     * that makes no second job.
     */
    startBatch(imageIds: readonly string[], { signal, ...options }: StartOptions = {}): Promise<StartedJob> {
        const body: StartRequest = { ...options, imageIds: imageIds as string[] };
        return this.#http.json('POST', plain('/start'), { body, signal });
    }

    /** How far a job is, with at most `errors` of its errors; without that, with all that are kept. */
    status(jobId: string, { signal, ...query }: StatusOptions = {}): Promise<JobStatus> {
        return this.#http.json('GET', path(jobId, 'status'), { query, signal });
    }

    /** Ends a job: no item starts any more, and attempts that run are asked to stop. */
    cancel(jobId: string, { signal }: Abortable = {}): Promise<SteeredJob> {
        return this.#http.json('POST', path(jobId, 'cancel'), { signal });
    }

    /** No attempt starts any more until `resume`; those that run are not disturbed. */
    pause(jobId: string, { signal }: Abortable = {}): Promise<SteeredJob> {
        return this.#http.json('POST', path(jobId, 'pause'), { signal });
    }

    /** Lets a paused job go on. */
    resume(jobId: string, { signal }: Abortable = {}): Promise<SteeredJob> {
        return this.#http.json('POST', path(jobId, 'resume'), { signal });
    }

    /** Changes a running job. A rate of 0 takes the job's own limit away; what is absent stays as it is. */
    update(jobId: string, changes: JobChanges, { signal }: Abortable = {}): Promise<SteeredJob> {
        return this.#http.json('POST', path(jobId, 'update'), { body: changes, signal });
    }

    /** Starts a new job of the items of a finished one that failed. Each call makes a job. */
    retry(jobId: string, { includeCancelled = false, signal }: RetryOptions = {}): Promise<RetriedJob> {
        const query: RetryQuery = includeCancelled ? { include: 'cancelled' } : {};
        return this.#http.json('POST', path(jobId, 'retry'), { query, signal });
    }

    /** A page of the tenant's jobs, newest first. `next` of one page is `after` of the one that follows. */
    jobs({ signal, ...query }: JobsOptions = {}): Promise<JobPage> {
        return this.#http.json('GET', plain('/jobs'), { query, signal });
    }

    /** The tenant's jobs that have not finished. */
    async active({ signal }: Abortable = {}): Promise<ActiveJob[]> {
        const { jobs } = await this.#http.json<ActiveJobs>('GET', plain('/active'), { signal });
        return jobs;
    }

    /** Totals of the whole server. */
    stats({ signal }: Abortable = {}): Promise<Stats> {
        return this.#http.json('GET', plain('/stats'), { signal });
    }

    /** What so many items would take if they were started now. */
    estimate(count: number, { signal }: Abortable = {}): Promise<Estimate> {
        const query: EstimateQuery = { count };
        return this.#http.json('GET', plain('/estimate'), { query, signal });
    }

    /** How many items of a job ended with which text. */
    async errorDistribution(jobId: string, { signal }: Abortable = {}): Promise<Record<string, number>> {
        return (await this.status(jobId, { errors: 0, signal })).errorDistribution;
    }

    /**
     * What became of each item, in the order of ending: those that have ended so far, or with `follow` all, to the
     * finish. Broken connections are made again, and each line comes once. Leaving the loop ends the request.
     */
    results(jobId: string, options: ResultsOptions = {}): AsyncIterable<ResultLine> {
        return { [Symbol.asyncIterator]: () => readResults(this.#http, jobId, this.#timing, options) };
    }

    /**
     * Watches a job until the returned function is called: by its event stream, and by polling while that is not to be
     * had. All who watch one job share one stream. Callbacks come after this has returned. One that throws ends its own
     * watching, and `onError` is told.
     */
    watch(jobId: string, listener: WatchListener): () => void {
        let watch = this.#watches.get(jobId);
        if (watch === undefined) {
            const made: JobWatch = new JobWatch(jobId, {
                http: this.#http,
                slots: this.#slots,
                timing: this.#timing,
                onEnd: () => {
                    if (this.#watches.get(jobId) === made) this.#watches.delete(jobId);
                },
            });
            watch = made;
            this.#watches.set(jobId, made);
        }
        return watch.subscribe(listener);
    }

    /**
     * Watches a job to its finish, and returns its last status. Outlasts lost connections, and restarts of a
     * server that keeps its jobs; fails where the server says that there is no such job, or that the key is wrong.
     */
    monitor(jobId: string, { signal, ...listener }: MonitorOptions = {}): Promise<JobStatus> {
        return new Promise((resolve, reject) => {
            if (signal?.aborted) {
                reject(signal.reason);
                return;
            }
            const onAbort = (): void => {
                unwatch();
                reject(signal?.reason);
            };
            const end = (): void => signal?.removeEventListener('abort', onAbort);
            const unwatch = this.watch(jobId, {
                ...listener,
                onFinished: (job) => {
                    end();
                    resolve(job);
                },
                onError: (error) => {
                    end();
                    reject(error);
                },
            });
            signal?.addEventListener('abort', onAbort, { once: true });
        });
    }

    /**
     * Watches many jobs to their finish. As many as there may be event streams are watched by those; more of them by
     * the list of active jobs, with one request each `pollInterval`, however many they are. An id that is there twice
     * counts once.
     */
    async monitorMany(jobIds: readonly string[], options: MonitorManyOptions = {}): Promise<JobStatus[]> {
        options.signal?.throwIfAborted();
        if (jobIds.length === 0) return [];
        if (jobIds.length <= this.#maxEventStreams) return monitorByStreams(this, jobIds, options);
        return monitorByList(this, this.#timing, jobIds, options);
    }

    /**
     * Processes any number of items by several jobs, and returns what became of them. Waits where the server is too
     * busy for a further job. Jobs that have been started go on when this fails or is aborted: `onStart` tells their
     * ids.
     */
    async processLargeBatch(imageIds: readonly string[], options: LargeBatchOptions = {}): Promise<LargeBatchResult> {
        options.signal?.throwIfAborted();
        return processLargeBatch(this, this.#timing, imageIds, options);
    }

    /** Processes items, and those that fail again, in up to `rounds` further jobs. */
    async processWithRetry(imageIds: readonly string[], options: RetryingOptions = {}): Promise<RetryingResult> {
        options.signal?.throwIfAborted();
        return processWithRetry(this, this.#timing, imageIds, options);
    }
}

function path(jobId: string, call: JobCall): string {
    return `/${encodeURIComponent(jobId)}/${call}`;
}

/** A path of the contract: that it is one is checked when this is compiled. */
function plain(path: PlainPath): string {
    return path;
}
