// SPDX-License-Identifier: BSL-1.0
import type { FieldError, ProblemType } from './contract.js';

/** The type of an error that no server sent: the network failed, or the answer was none of this API's. */
export type LocalType = 'about:blank';

export interface BatchErrorParts {
    status: number;
    type?: string | undefined;
    title: string;
    detail?: string | undefined;
    errors?: readonly FieldError[] | undefined;
    retryAfter?: number | undefined;
    cause?: unknown;
}

/**
 * What every call of the client fails with, but for a call that was aborted: that one fails with the signal's reason.
 * Go by `type` and `status`; the texts are for people and may change.
 */
export class BatchError extends Error {
    override readonly name = 'BatchError';
    /** The HTTP status; 0 where there was no answer. */
    readonly status: number;
    /** `urn:batchpace:problem:…`, or `about:blank`. */
    readonly type: ProblemType | (string & {});
    readonly title: string;
    readonly detail?: string;
    /** The fields of the request that are wrong, the first 100. */
    readonly errors?: readonly FieldError[];
    /** Milliseconds that the server asks to wait before the next try. */
    readonly retryAfter?: number;

    constructor(parts: BatchErrorParts) {
        super(parts.detail === undefined ? parts.title : `${parts.title}: ${parts.detail}`, { cause: parts.cause });
        this.status = parts.status;
        this.type = parts.type ?? 'about:blank';
        this.title = parts.title;
        if (parts.detail !== undefined) this.detail = parts.detail;
        if (parts.errors !== undefined) this.errors = parts.errors;
        if (parts.retryAfter !== undefined) this.retryAfter = parts.retryAfter;
    }

    /**
     * Whether the same call may succeed later: the network failed, the server was too busy, is restarting, or a proxy
     * could not reach it.
     */
    get mayPass(): boolean {
        return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
    }

    /** Whether this is the problem of that name: `error.is('unknown-job')`. */
    is(name: ProblemName): boolean {
        return this.type === `urn:batchpace:problem:${name}`;
    }
}

export type ProblemName = ProblemType extends `urn:batchpace:problem:${infer Name}` ? Name : never;
