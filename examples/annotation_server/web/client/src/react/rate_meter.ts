// SPDX-License-Identifier: BSL-1.0

/** How fast a count grows, over the last minute. */
export class RateMeter {
    readonly #window: number;
    #samples: { at: number; count: number }[] = [];

    constructor(windowMs = 60_000) {
        this.#window = windowMs;
    }

    /** The count at a moment, in milliseconds. */
    add(at: number, count: number): void {
        this.#samples.push({ at, count });
        // One sample at or before the window's beginning is kept: it is the count that the window began with.
        let first = 0;
        while (first + 1 < this.#samples.length && this.#at(first + 1) <= at - this.#window) first += 1;
        if (first > 0) this.#samples.splice(0, first);
    }

    /** Per minute; undefined while too little has been seen to say. */
    perMinute(): number | undefined {
        const first = this.#samples[0];
        const last = this.#samples.at(-1);
        if (first === undefined || last === undefined || last.at - first.at < 2_000) return undefined;
        return ((last.count - first.count) / (last.at - first.at)) * 60_000;
    }

    #at(index: number): number {
        return this.#samples[index]?.at ?? Infinity;
    }
}
