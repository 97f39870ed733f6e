// SPDX-License-Identifier: BSL-1.0
import { linkedTo } from './abort.js';
import type { Problem } from './contract.js';
import { BatchError } from './errors.js';
import type { BatchClientOptions, FetchLike } from './options.js';

export interface Call {
    query?: Record<string, string | number | boolean | undefined> | undefined;
    body?: unknown;
    headers?: Record<string, string> | undefined;
    signal?: AbortSignal | undefined;
}

/** An answer whose body comes piece by piece. */
export interface OpenAnswer {
    status: number;
    headers: Headers;
    /** The body's pieces. */
    pieces: AsyncGenerator<Uint8Array, void, void>;
    /** Must be called in the end: ends the request, if it has not ended. */
    close(): void;
}

/** Requests to the API: addresses, keys, time-outs, and problems made into errors. */
export class Http {
    readonly #root: string;
    readonly #key: string | undefined;
    readonly #fetch: FetchLike;
    readonly #timeout: number;

    constructor(options: BatchClientOptions, timeout: number) {
        const base = (options.baseUrl ?? '').replace(/\/+$/, '');
        const prefix = (options.prefix ?? '/api/batch/annotations').replace(/^\/*/, '/').replace(/\/+$/, '');
        this.#root = base + prefix;
        this.#key = options.key;
        // Called through a function: browsers refuse a fetch that is called as a method of something else.
        this.#fetch = options.fetch ?? ((url, init) => globalThis.fetch(url, init));
        this.#timeout = timeout;
    }

    /** Asks, and reads an answer of JSON. */
    async json<Answer>(method: 'GET' | 'POST', path: string, call: Call = {}): Promise<Answer> {
        return this.#asking(call.signal, this.#timeout, async (signal) => {
            const response = await this.#send(method, path, call, signal);
            const text = await response.text();
            if (!response.ok) throw problemOf(response, text);
            const answer = parsed(text);
            if (typeof answer !== 'object' || answer === null) {
                throw new BatchError({
                    status: response.status,
                    title: 'The answer is not from this API',
                    detail: `no JSON object at ${this.#root}${path}`,
                });
            }
            return answer as Answer;
        });
    }

    /** Asks for a stream; returns when its head is there, within `timeout`. */
    async open(path: string, call: Call & { accept: string; timeout?: number }): Promise<OpenAnswer> {
        const { controller, release } = linkedTo(call.signal);
        const close = (): void => {
            release();
            controller.abort(new Error('not read any further'));
        };
        try {
            return await this.#asking(controller.signal, call.timeout ?? this.#timeout, async (signal, settled) => {
                const headers = { ...call.headers, Accept: call.accept };
                const response = await this.#send('GET', path, { ...call, headers }, signal);
                if (!response.ok) throw problemOf(response, await response.text());
                // What aborts the asking stays connected to the stream, but for the time-out.
                settled();
                const pieces = piecesOf(response, call.signal);
                return { status: response.status, headers: response.headers, pieces, close };
            });
        } catch (error) {
            close();
            if (call.signal?.aborted) throw call.signal.reason;
            throw error;
        }
    }

    #send(method: string, path: string, call: Call, signal: AbortSignal): Promise<Response> {
        const query = new URLSearchParams();
        for (const [name, value] of Object.entries(call.query ?? {})) {
            if (value !== undefined) query.set(name, String(value));
        }
        const headers: Record<string, string> = { Accept: 'application/json', ...call.headers };
        if (this.#key !== undefined) headers['Authorization'] = `Bearer ${this.#key}`;
        const init: RequestInit = { method, headers, signal };
        if (call.body !== undefined) {
            headers['Content-Type'] = 'application/json';
            init.body = JSON.stringify(call.body);
        }
        const asked = query.toString();
        return this.#fetch(this.#root + path + (asked === '' ? '' : `?${asked}`), init);
    }

    async #asking<Result>(
        signal: AbortSignal | undefined,
        timeout: number,
        ask: (signal: AbortSignal, settled: () => void) => Promise<Result>,
    ): Promise<Result> {
        const { controller, release } = linkedTo(signal);
        let late = false;
        let keep = false;
        const timer = setTimeout(() => {
            late = true;
            controller.abort();
        }, timeout);
        const settled = (): void => {
            keep = true;
            clearTimeout(timer);
        };
        try {
            signal?.throwIfAborted();
            return await ask(controller.signal, settled);
        } catch (error) {
            keep = false;
            if (signal?.aborted) throw signal.reason;
            if (error instanceof BatchError) throw error;
            if (late)
                throw new BatchError({
                    status: 0,
                    title: 'The server has not answered',
                    detail: `within ${timeout / 1000} s`,
                });
            throw unreachable(error);
        } finally {
            clearTimeout(timer);
            if (!keep) release();
        }
    }
}

/** A failure of the network as an error of ours. */
function unreachable(cause: unknown): BatchError {
    const detail = cause instanceof Error ? cause.message : String(cause);
    return new BatchError({ status: 0, title: 'The server cannot be reached', detail, cause });
}

async function* piecesOf(response: Response, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array, void, void> {
    const reader = response.body?.getReader();
    try {
        while (reader !== undefined) {
            const { done, value } = await reader.read();
            if (done) return;
            yield value;
        }
    } catch (error) {
        if (signal?.aborted) throw signal.reason;
        throw unreachable(error);
    }
}

function parsed(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}

function problemOf(response: Response, text: string): BatchError {
    const problem = (parsed(text) ?? {}) as Partial<Problem>;
    const title = typeof problem.title === 'string' ? problem.title : `The server answered ${response.status}`;
    const detail = problem.detail ?? problem.message;
    return new BatchError({
        status: response.status,
        type: typeof problem.type === 'string' ? problem.type : undefined,
        title,
        detail: typeof detail === 'string' ? detail : undefined,
        errors: Array.isArray(problem.errors) ? problem.errors : undefined,
        retryAfter: waitOf(response.headers.get('Retry-After')),
    });
}

/** Retry-After in milliseconds: it is a number of seconds, or a date. */
export function waitOf(field: string | null, now = Date.now()): number | undefined {
    if (field === null) return undefined;
    if (/^\s*\d+\s*$/.test(field)) return Number(field) * 1000;
    const date = Date.parse(field);
    return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
