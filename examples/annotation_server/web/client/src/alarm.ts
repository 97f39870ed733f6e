// SPDX-License-Identifier: BSL-1.0

/** A wait that others may cut short. */
export class Alarm {
    #ring: (() => void) | undefined;

    /** Ends the wait that is going on, if there is one. */
    ring(): void {
        this.#ring?.();
    }

    /** Waits so many milliseconds, until somebody rings, or until the signal is aborted; never rejects. */
    wait(milliseconds: number, signal: AbortSignal): Promise<void> {
        return new Promise((resolve) => {
            const end = (): void => {
                clearTimeout(timer);
                signal.removeEventListener('abort', end);
                this.#ring = undefined;
                resolve();
            };
            // Longer ones would overflow a timer, and fire at once.
            const timer = setTimeout(end, Math.min(milliseconds, 2 ** 31 - 1));
            this.#ring = end;
            if (signal.aborted) end();
            else signal.addEventListener('abort', end);
        });
    }
}
