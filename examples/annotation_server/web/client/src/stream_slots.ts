// SPDX-License-Identifier: BSL-1.0

/** How many event streams may be open at once, and who waits for one. */
export class StreamSlots {
    #free: number;
    readonly #waiting = new Set<() => void>();

    constructor(slots: number) {
        this.#free = slots;
    }

    /** A function that gives the slot back, or undefined where none is free. */
    take(): (() => void) | undefined {
        if (this.#free <= 0) return undefined;
        this.#free -= 1;
        let held = true;
        return () => {
            if (!held) return;
            held = false;
            this.#free += 1;
            // Whoever waits longest is woken; it takes the slot itself.
            const first = this.#waiting.values().next();
            if (!first.done) first.value();
        };
    }

    /** Calls `wake` whenever a slot becomes free while it is the first to wait. The returned function ends that. */
    wait(wake: () => void): () => void {
        this.#waiting.add(wake);
        return () => this.#waiting.delete(wake);
    }
}
