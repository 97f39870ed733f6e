// SPDX-License-Identifier: BSL-1.0
import { learnClock } from './clock';
import { Store } from './store';

/** Whether the server can be reached; `since` and `retryAt` are milliseconds of the reader's own clock. */
export type Connection = { lost: false } | { lost: true; since: number; retryAt: number; attempt: number };

export const connection = new Store<Connection>({ lost: false });

const WAITS = [1000, 2000, 3000, 5000];
let timer: ReturnType<typeof setTimeout> | undefined;
let onUnauthorized: () => void = () => {};

/** Where a 401 is told, whichever call got it. */
export function whenUnauthorized(tell: () => void): void {
    onUnauthorized = tell;
}

/**
 * The fetch that all of the page uses, so that one place knows whether the server answers. A server that cannot be
 * reached is asked by /healthz until it can: with 1, 2, 3 and then always 5 seconds between.
 */
export const watchedFetch: typeof fetch = async (input, init) => {
    const asked = Date.now();
    let response: Response;
    try {
        response = await fetch(input, init);
    } catch (error) {
        if (!init?.signal?.aborted) {
            lose();
        }
        throw error;
    }
    // What a proxy says when there is nobody behind it.
    if (response.status === 502 || response.status === 504) {
        lose();
        return response;
    }
    regain();
    learnClock(response.headers.get('Date'), asked, Date.now());
    if (response.status === 401) {
        onUnauthorized();
    }
    return response;
};

export function tryNow(): void {
    const now = connection.get();
    if (now.lost) {
        clearTimeout(timer);
        void ask(now.attempt);
    }
}

function lose(): void {
    if (!connection.get().lost) {
        wait(Date.now(), 1);
    }
}

function wait(since: number, attempt: number): void {
    clearTimeout(timer);
    const delay = WAITS[Math.min(attempt, WAITS.length) - 1]!;
    connection.set({ lost: true, since, retryAt: Date.now() + delay, attempt });
    timer = setTimeout(() => void ask(attempt), delay);
}

async function ask(attempt: number): Promise<void> {
    const now = connection.get();
    if (!now.lost) {
        return;
    }
    try {
        const response = await fetch('/healthz', { cache: 'no-store', signal: AbortSignal.timeout(5000) });
        // 503 is a server that shuts down; one that is there all the same.
        if (response.status === 502 || response.status === 504) {
            throw new Error('a proxy without its server');
        }
        regain();
    } catch {
        if (connection.get().lost) {
            wait(now.since, attempt + 1);
        }
    }
}

function regain(): void {
    if (connection.get().lost) {
        clearTimeout(timer);
        connection.set({ lost: false });
    }
}

window.addEventListener('online', tryNow);
