// SPDX-License-Identifier: BSL-1.0

/** A controller that is aborted with `signal`. `release` must be called in the end: it lets go of the signal. */
export function linkedTo(signal: AbortSignal | undefined): { controller: AbortController; release: () => void } {
    // AbortSignal.any would do, but Node 18 and older browsers have none.
    const controller = new AbortController();
    if (signal === undefined) return { controller, release: () => {} };
    const follow = (): void => controller.abort(signal.reason);
    if (signal.aborted) follow();
    else signal.addEventListener('abort', follow);
    return { controller, release: () => signal.removeEventListener('abort', follow) };
}

/** Waits; rejects with the signal's reason when that is aborted. */
export function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
        if (signal?.aborted) {
            reject(signal.reason);
            return;
        }
        const onAbort = (): void => {
            clearTimeout(timer);
            reject(signal?.reason);
        };
        const timer = setTimeout(
            () => {
                signal?.removeEventListener('abort', onAbort);
                resolve();
                // A timer may fire within the millisecond before: what must not be early is not.
            },
            Math.ceil(milliseconds) + 1,
        );
        signal?.addEventListener('abort', onAbort, { once: true });
    });
}
