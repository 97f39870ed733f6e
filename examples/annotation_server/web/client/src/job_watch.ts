// SPDX-License-Identifier: BSL-1.0
import { linkedTo } from './abort.js';
import { Alarm } from './alarm.js';
import { Backoff } from './backoff.js';
import { isFinal, type JobSnapshot, type JobStatus, type Milestone } from './contract.js';
import { BatchError } from './errors.js';
import { readEvents, type JobEvent, type Place } from './event_stream.js';
import type { Http } from './http.js';
import type { JobListener, Timing, Transport } from './options.js';
import { onAway, onReturn } from './page.js';
import { follows, snapshotOf } from './snapshot.js';
import type { StreamSlots } from './stream_slots.js';

export interface WatchListener extends JobListener {
    /** The job at its end, with its errors. Nothing is called after that. */
    onFinished?: ((job: JobStatus) => void) | undefined;
    /** It cannot be watched: there is no such job, or the key is refused. Nothing is called after that. */
    onError?: ((error: unknown) => void) | undefined;
}

export interface WatchSetting {
    http: Http;
    slots: StreamSlots;
    timing: Timing;
    /** Called when the watch is over, or nobody listens any more. */
    onEnd: () => void;
}

/** A page that nobody looks at polls so many times less often. */
const awayFactor = 5;

/**
 * Watches one job for as many listeners as there are: by its event stream, and by polling while that is not to be had.
 * It never gives up by itself while somebody listens, unless the server says that there is no such job or that the key
 * is wrong.
 */
export class JobWatch {
    readonly #jobId: string;
    readonly #setting: WatchSetting;
    readonly #subscribers = new Set<Subscriber>();
    readonly #stop = new AbortController();
    readonly #alarm = new Alarm();
    readonly #place: Place = { lastEventId: '', retry: 0 };

    /** Nobody looks at the page. */
    #away = false;
    /** Of the stream that is open. */
    #connection: AbortController | undefined;
    #job: JobSnapshot | undefined;
    #milestones: Milestone[] = [];
    #transport: Transport | undefined;
    #error: BatchError | undefined;
    #outcome: ((subscriber: Subscriber) => void) | undefined;

    constructor(jobId: string, setting: WatchSetting) {
        this.#jobId = jobId;
        this.#setting = setting;
        void this.#run();
    }

    /** What is known already comes first, and after this call has returned. */
    subscribe(listener: WatchListener): () => void {
        const subscriber = new Subscriber(listener, () => this.#leave(subscriber));
        this.#subscribers.add(subscriber);
        queueMicrotask(() => {
            if (this.#transport !== undefined) subscriber.transport(this.#transport, this.#error);
            if (this.#job !== undefined) subscriber.progress(this.#job, this.#milestones);
            subscriber.ready = true;
            this.#outcome?.(subscriber);
            this.#alarm.ring();
        });
        return () => this.#leave(subscriber);
    }

    #leave(subscriber: Subscriber): void {
        subscriber.gone = true;
        this.#subscribers.delete(subscriber);
        if (this.#subscribers.size > 0) return;
        // React's StrictMode leaves and comes back within one task: the stream shall live through that.
        queueMicrotask(() => {
            if (this.#subscribers.size === 0) this.#end();
        });
    }

    #end(): void {
        if (this.#stop.signal.aborted) return;
        this.#stop.abort(new Error('nobody watches this job any more'));
        this.#setting.onEnd();
    }

    async #run(): Promise<void> {
        try {
            await this.#toTheFinish();
            const job = await this.#lastWord();
            this.#milestones = job.milestones;
            this.#outcome = (subscriber) => subscriber.finished(job);
        } catch (error) {
            this.#outcome = (subscriber) => subscriber.failed(error);
        }
        // Before the listeners are told: one that asks for the job again shall not be given this watch.
        this.#end();
        this.#each(this.#outcome);
    }

    /** Returns when the job has finished; throws what cannot pass. */
    async #toTheFinish(): Promise<void> {
        const { slots, timing } = this.#setting;
        const signal = this.#stop.signal;
        const streams = new Backoff(timing);
        const polls = new Backoff(timing);
        // When each of the two is tried next, and before when the server does not want to be asked.
        let streamAt = 0;
        let pollAt = Infinity;
        let heldUntil = 0;
        // When the last poll was answered; undefined where it was not.
        let polledAt: number | undefined;
        const endAways = onAway(timing.away, () => {
            this.#away = true;
            this.#connection?.abort();
        });
        const endReturns = onReturn(() => {
            this.#away = false;
            streamAt = Math.min(streamAt, heldUntil);
            if (pollAt !== Infinity) pollAt = Math.min(pollAt, heldUntil);
            this.#alarm.ring();
        });
        try {
            for (;;) {
                signal.throwIfAborted();
                const giveBack = !this.#away && performance.now() >= streamAt ? slots.take() : undefined;
                if (giveBack !== undefined) {
                    const began = performance.now();
                    let error: BatchError | undefined;
                    try {
                        if (await this.#stream()) return;
                    } catch (thrown) {
                        // A page in place of a stream may be a proxy's; whether there is an API at all, the poll will
                        // show.
                        error = this.#passing(thrown, true);
                    } finally {
                        giveBack();
                    }
                    // One that had worked is tried again at once, without a word. One that ends soon after it began is
                    // not to be relied on, whatever it said.
                    const worked = performance.now() - began >= timing.firstEvent && this.#transport === 'stream';
                    if (worked) streams.reset();
                    const wait = Math.max(streams.next(error?.retryAfter), this.#place.retry);
                    streamAt = performance.now() + wait;
                    if (error?.retryAfter !== undefined) heldUntil = performance.now() + error.retryAfter;
                    polledAt = undefined;
                    if (!worked) {
                        pollAt = 0;
                        if (error !== undefined) this.#error = error;
                    } else {
                        pollAt = Infinity;
                    }
                } else if (pollAt === Infinity) {
                    // There is no slot for a stream, or a stream that had worked is about to be tried again.
                    if (performance.now() >= streamAt) pollAt = 0;
                }
                // Somebody more impatient may have come meanwhile.
                if (polledAt !== undefined) pollAt = Math.min(pollAt, polledAt + this.#pollInterval());
                if (performance.now() >= pollAt) {
                    try {
                        if (await this.#poll()) return;
                        // The server answers: a stream that failed while it did not may work now.
                        if (polls.failures > 0) {
                            streams.reset();
                            streamAt = Math.min(streamAt, heldUntil);
                        }
                        polls.reset();
                        polledAt = performance.now();
                        pollAt = polledAt + this.#pollInterval();
                    } catch (thrown) {
                        const error = this.#passing(thrown);
                        this.#transportIs('lost', error);
                        polledAt = undefined;
                        pollAt = performance.now() + polls.next(error.retryAfter);
                        if (error.retryAfter !== undefined) heldUntil = performance.now() + error.retryAfter;
                        // Nothing answers, so a stream has no chance before a poll has one.
                        streamAt = Math.max(streamAt, pollAt + 1);
                    }
                }
                const next = performance.now() >= streamAt ? pollAt : Math.min(streamAt, pollAt);
                // It would take a stream, but there is none: it is rung for when there is.
                const endWaiting =
                    !this.#away && performance.now() >= streamAt ? slots.wait(() => this.#alarm.ring()) : undefined;
                await this.#alarm.wait(Math.max(0, next - performance.now()), signal);
                endWaiting?.();
            }
        } finally {
            endReturns();
            endAways();
        }
    }

    /** True when the job has finished. */
    async #stream(): Promise<boolean> {
        const { http, timing } = this.#setting;
        const opened = (): void => this.#transportIs('stream');
        const hear = (event: JobEvent): void => {
            if (event.name === 'progress' || event.name === 'finished') this.#offer(snapshotOf(event.data));
            if (event.name === 'milestone') this.#passed(event.data);
        };
        // Browsers have six connections to a host for all their pages: one that nobody looks at leaves them to others.
        const { controller, release } = linkedTo(this.#stop.signal);
        this.#connection = controller;
        try {
            const end = await readEvents(http, this.#jobId, this.#place, timing, controller.signal, opened, hear);
            return end === 'over';
        } catch (error) {
            if (this.#away && controller.signal.aborted) return false;
            throw error;
        } finally {
            this.#connection = undefined;
            release();
        }
    }

    /** True when the job has finished. */
    async #poll(): Promise<boolean> {
        const job = await this.#status(0);
        this.#transportIs('polling', this.#error);
        this.#offer(snapshotOf(job));
        return isFinal(job.status);
    }

    #status(errors?: number): Promise<JobStatus> {
        const path = `/${encodeURIComponent(this.#jobId)}/status`;
        return this.#setting.http.json<JobStatus>('GET', path, { query: { errors }, signal: this.#stop.signal });
    }

    /** The job at its end, with its errors. */
    async #lastWord(): Promise<JobStatus> {
        const backoff = new Backoff(this.#setting.timing);
        for (;;) {
            try {
                const job = await this.#status();
                this.#offer(snapshotOf(job));
                return job;
            } catch (thrown) {
                // The finish has been heard: where the server has forgotten the job since, or is gone with it, that is
                // the last word.
                const last = this.#job;
                const gone = thrown instanceof BatchError && (thrown.status === 404 || backoff.failures >= 3);
                if (gone && last !== undefined && isFinal(last.status)) {
                    return { ...last, errors: [], errorsTruncated: last.errorCount > 0 };
                }
                const error = this.#passing(thrown);
                this.#transportIs('lost', error);
                await this.#alarm.wait(backoff.next(error.retryAfter), this.#stop.signal);
                this.#stop.signal.throwIfAborted();
            }
        }
    }

    /** The error, where the same may work later; otherwise throws it. */
    #passing(thrown: unknown, excused = this.#job !== undefined): BatchError {
        this.#stop.signal.throwIfAborted();
        if (!(thrown instanceof BatchError)) throw thrown;
        // An answer that is none of the API's, where there were such before, is a proxy's excuse.
        if (!thrown.mayPass && !(excused && thrown.status < 300)) throw thrown;
        return thrown;
    }

    #offer(job: JobSnapshot): void {
        if (!follows(this.#job, job)) return;
        this.#job = job;
        if (job.milestones.length > this.#milestones.length) this.#milestones = job.milestones;
        this.#each((subscriber) => subscriber.progress(job, this.#milestones));
    }

    #passed({ percentage, processed, total, at }: Milestone): void {
        if (this.#milestones.some((milestone) => milestone.percentage === percentage)) return;
        this.#milestones = [...this.#milestones, { percentage, processed, total, at }];
        this.#each((subscriber) => subscriber.passed(this.#milestones));
    }

    #transportIs(transport: Transport, error?: BatchError): void {
        this.#error = transport === 'stream' ? undefined : error;
        if (this.#transport === transport) return;
        this.#transport = transport;
        this.#each((subscriber) => subscriber.transport(transport, this.#error));
    }

    #each(tell: (subscriber: Subscriber) => void): void {
        for (const subscriber of [...this.#subscribers]) {
            if (subscriber.ready) tell(subscriber);
        }
    }

    #pollInterval(): number {
        let least = Infinity;
        for (const { listener } of this.#subscribers) {
            least = Math.min(least, listener.pollInterval ?? this.#setting.timing.poll);
        }
        const interval = least === Infinity ? this.#setting.timing.poll : Math.max(50, least);
        return this.#away ? awayFactor * interval : interval;
    }
}

/** One of those who listen, and what it has heard. */
class Subscriber {
    /** It has been told what was known when it came. */
    ready = false;
    gone = false;
    readonly #heard = new Set<number>();

    constructor(
        readonly listener: WatchListener,
        private readonly leave: () => void,
    ) {}

    progress(job: JobSnapshot, milestones: readonly Milestone[]): void {
        this.passed(milestones);
        this.#call(() => this.listener.onProgress?.(job));
    }

    passed(milestones: readonly Milestone[]): void {
        for (const milestone of milestones) {
            if (this.#heard.has(milestone.percentage)) continue;
            this.#heard.add(milestone.percentage);
            this.#call(() => this.listener.onMilestone?.(milestone));
        }
    }

    transport(transport: Transport, error: BatchError | undefined): void {
        this.#call(() => this.listener.onTransport?.(transport, error));
    }

    finished(job: JobStatus): void {
        this.passed(job.milestones);
        this.#call(() => this.listener.onFinished?.(job));
        this.leave();
    }

    failed(error: unknown): void {
        if (this.gone) return;
        this.leave();
        try {
            this.listener.onError?.(error);
        } catch (thrown) {
            // There is nobody left to tell but the program as a whole.
            queueMicrotask(() => {
                throw thrown;
            });
        }
    }

    /** A listener that throws is told so, and hears no more; the others go on. */
    #call(tell: () => void): void {
        if (this.gone) return;
        try {
            tell();
        } catch (error) {
            this.failed(error);
        }
    }
}
