// SPDX-License-Identifier: BSL-1.0
import { sleep } from './abort.js';
import { Backoff } from './backoff.js';
import { BatchError } from './errors.js';
import type { Timing } from './options.js';

/** A failure of the server itself is tried so often in a row; one of the network or of too much load without end. */
const attemptsAtFaults = 5;

/** Does it again while what fails may pass. It must be something that may be done twice. */
export async function patiently<Result>(
    timing: Timing,
    signal: AbortSignal | undefined,
    attempt: (isFirst: boolean) => Promise<Result>,
): Promise<Result> {
    const backoff = new Backoff(timing);
    for (let faults = 0; ;) {
        try {
            return await attempt(backoff.failures === 0);
        } catch (error) {
            if (signal?.aborted) throw signal.reason;
            if (!(error instanceof BatchError) || !error.mayPass) throw error;
            faults = error.status === 500 ? faults + 1 : 0;
            if (faults >= attemptsAtFaults) throw error;
            await sleep(backoff.next(error.retryAfter), signal);
        }
    }
}

/** A key for `idempotencyKey` that nobody else has. It need not be secret. */
export function uniqueKey(): string {
    // crypto.randomUUID is not there for pages that came over plain HTTP, and nothing of crypto in Node 18.
    const bytes = new Uint8Array(16);
    if (typeof crypto === 'undefined') bytes.forEach((_, index) => (bytes[index] = Math.random() * 256));
    else crypto.getRandomValues(bytes);
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
