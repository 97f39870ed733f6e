// SPDX-License-Identifier: BSL-1.0
import type { Timing } from './options.js';

/** How long to wait before something that has failed is tried again: longer each time, and never all at once. */
export class Backoff {
    #failures = 0;

    constructor(private readonly timing: Pick<Timing, 'backoff' | 'maxBackoff'>) {}

    /** Failures in a row. */
    get failures(): number {
        return this.#failures;
    }

    reset(): void {
        this.#failures = 0;
    }

    /**
     * Milliseconds to wait after a further failure: a random part of the wait, so that the clients of a server that has
     * restarted do not come together, and never less than the server has asked for.
     */
    next(retryAfter = 0): number {
        const wait = Math.min(this.timing.maxBackoff, this.timing.backoff * 2 ** Math.min(this.#failures, 20));
        this.#failures += 1;
        return Math.max(
            retryAfter + (retryAfter > 0 ? (wait / 2) * Math.random() : 0),
            wait * (0.5 + Math.random() / 2),
        );
    }
}
