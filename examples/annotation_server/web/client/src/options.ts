// SPDX-License-Identifier: BSL-1.0
import type {
    ItemError,
    JobPhase,
    JobSnapshot,
    JobsQuery,
    JobStatus,
    Milestone,
    Progress,
    ResultsQuery,
    StartedJob,
    StartRequest,
    StatusQuery,
} from './contract.js';
import type { BatchError } from './errors.js';

/** What each call takes beside its own options. */
export interface Abortable {
    /** Ends the call and its requests. The call then fails with the signal's reason. */
    signal?: AbortSignal | undefined;
}

export interface BatchClientOptions {
    /** Where the server is, `https://annotations.example.com`; "" is the page's own origin. */
    baseUrl?: string | undefined;
    /** Where the API is mounted there, `/api/batch/annotations`. */
    prefix?: string | undefined;
    /** Sent as `Authorization: Bearer …`. */
    key?: string | undefined;
    /** The fetch to use in place of the global one. */
    fetch?: FetchLike | undefined;
    /** Event streams open at once, 2. Browsers have six connections to a host over HTTP/1.1, for all tabs together. */
    maxEventStreams?: number | undefined;
    timing?: Partial<Timing> | undefined;
}

export type FetchLike = (url: string, init: RequestInit) => Promise<Response>;

/** All in milliseconds. */
export interface Timing {
    /** A request that has not been answered after so long has failed. 60,000 */
    request: number;
    /** Between two polls of a job. 2,000 */
    poll: number;
    /** An event stream that has said nothing after so long is held back by something on the way: polled then. 5,000 */
    firstEvent: number;
    /** A stream that says nothing, no heartbeat either, for so long is dead. 45,000 */
    silence: number;
    /** A page that nobody has looked at for so long polls, slowly, and leaves the connection to others. 30,000 */
    away: number;
    /** The first wait before a stream or a failed poll is tried again; each further one is twice as long. 1,000 */
    backoff: number;
    /** The longest such wait. 15,000 */
    maxBackoff: number;
}

export type StartOptions = Omit<StartRequest, 'imageIds'> & Abortable;
export type StatusOptions = StatusQuery & Abortable;
export type JobsOptions = JobsQuery & Abortable;
export interface RetryOptions extends Abortable {
    /** Also the items that were cancelled. */
    includeCancelled?: boolean | undefined;
}
export type ResultsOptions = ResultsQuery &
    Abortable & {
        /** Goes on until the job has finished. */
        follow?: boolean | undefined;
    };

/**
 * How a job is being watched: by its event stream, by asking again and again, or not at all because nothing answers.
 */
export type Transport = 'stream' | 'polling' | 'lost';

export interface JobListener {
    /** A newer state of the job. Counters never go back. */
    onProgress?: ((job: JobSnapshot) => void) | undefined;
    /** Once for each of 25, 50, 75 and 100 %, in order; those that were passed before also. */
    onMilestone?: ((milestone: Milestone) => void) | undefined;
    /** The way of watching has changed; with the error that was the reason. */
    onTransport?: ((transport: Transport, error?: BatchError) => void) | undefined;
    /** Between two polls, where it is polled. 2,000 ms */
    pollInterval?: number | undefined;
}

export type MonitorOptions = JobListener & Abortable;

/** Counts of one job, as far as lists tell them. */
export interface JobTally extends Omit<Progress, 'percentage'> {
    jobId: string;
    status: JobPhase;
}

/** Counts of several jobs together. */
export interface Tally extends Omit<Progress, 'percentage'> {
    /** Jobs. */
    jobs: number;
    /** Jobs that have finished. */
    finished: number;
}

export interface MonitorManyOptions extends Abortable {
    /** The sum, and each job in the order of the ids. */
    onProgress?: ((total: Tally, each: readonly JobTally[]) => void) | undefined;
    pollInterval?: number | undefined;
}

export interface LargeBatchOptions extends Abortable {
    /** Items of a job. 10,000; the server takes 100,000 at the most, unless its host says otherwise. */
    chunkSize?: number | undefined;
    /** Jobs that are active at once. 2 */
    jobsAtOnce?: number | undefined;
    /** For each of the jobs. Of an `idempotencyKey` each job gets its own: the key, a dash, and the chunk's number. */
    start?: Omit<StartOptions, 'signal'> | undefined;
    /** `total` counts all items, also of jobs that have not been started. */
    onProgress?: ((total: Tally) => void) | undefined;
    /** A job has been started for the chunk of this number, from 0. */
    onStart?: ((job: StartedJob, chunk: number) => void) | undefined;
    pollInterval?: number | undefined;
}

/** What became of items that were processed by several jobs. */
export interface LargeBatchResult {
    /** The jobs at their end, in the order of the chunks. */
    jobs: JobStatus[];
    total: number;
    successful: number;
    failed: number;
    cancelled: number;
    /** Of all jobs; as many as they have kept. */
    errors: ItemError[];
    /** How many items ended with which text. */
    errorDistribution: Record<string, number>;
}

export interface RetryingOptions extends Abortable {
    /** Retries after the first job, at the most. 2 */
    rounds?: number | undefined;
    start?: Omit<StartOptions, 'signal'> | undefined;
    /** Retries cancelled items too, for instance of a job that a stop condition has ended. */
    includeCancelled?: boolean | undefined;
    /** The job that runs now, and its round: 0 is the first job. */
    onProgress?: ((job: JobSnapshot, round: number) => void) | undefined;
    pollInterval?: number | undefined;
}

export interface RetryingResult {
    /** The first job and its retries, each at its end. */
    jobs: JobStatus[];
    total: number;
    /** In whichever round. */
    successful: number;
    /** After the last round. */
    failed: number;
    cancelled: number;
    /** Of the last round: items that are still failed. */
    errors: ItemError[];
}
