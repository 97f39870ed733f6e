// SPDX-License-Identifier: BSL-1.0
import { startTransition, useCallback, useEffect, useRef, useState } from 'react';

import { Alarm } from '../alarm.js';
import { Backoff } from '../backoff.js';
import { BatchError } from '../errors.js';
import { onReturn } from '../page.js';

export interface Polled<Value> {
    /** The latest answer; it stays while the server does not answer. */
    value: Value | undefined;
    error: BatchError | undefined;
    /** Asks at once. An answer that is on its way is thrown away: it may be older than what has just been changed. */
    refresh: () => void;
}

/** Asks again and again while the component is there, less often while it fails. `load` must stay the same function. */
export function usePolled<Value>(load: (signal: AbortSignal) => Promise<Value>, interval: number): Polled<Value> {
    const [value, setValue] = useState<Value>();
    const [error, setError] = useState<BatchError>();
    const again = useRef<() => void>(() => {});

    useEffect(() => {
        const stop = new AbortController();
        const alarm = new Alarm();
        let asking: AbortController | undefined;
        let held = false;
        const ask = (): void => {
            asking?.abort();
            alarm.ring();
        };
        again.current = ask;
        const endReturns = onReturn(() => {
            if (!held) alarm.ring();
        });
        const run = async (): Promise<void> => {
            const backoff = new Backoff({ backoff: interval, maxBackoff: Math.max(interval, 15_000) });
            while (!stop.signal.aborted) {
                const mine = new AbortController();
                asking = mine;
                let wait = interval;
                try {
                    const answer = await load(mine.signal);
                    if (stop.signal.aborted) return;
                    if (mine.signal.aborted) continue;
                    // A long list is drawn in pieces, between which the page answers to its user.
                    startTransition(() => {
                        setValue(answer);
                        setError(undefined);
                    });
                    backoff.reset();
                    held = false;
                } catch (thrown) {
                    if (stop.signal.aborted) return;
                    if (mine.signal.aborted) continue;
                    const title = 'The answer cannot be shown';
                    const failure =
                        thrown instanceof BatchError ? thrown : new BatchError({ status: 0, title, cause: thrown });
                    setError(failure);
                    wait = backoff.next(failure.retryAfter);
                    held = failure.retryAfter !== undefined;
                } finally {
                    asking = undefined;
                }
                await alarm.wait(wait, stop.signal);
            }
        };
        void run();
        return () => {
            stop.abort();
            asking?.abort();
            endReturns();
        };
    }, [load, interval]);

    return { value, error, refresh: useCallback(() => again.current(), []) };
}
