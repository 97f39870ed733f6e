// SPDX-License-Identifier: BSL-1.0
interface Sample {
    at: number;
    processed: number;
}

const WINDOW = 60_000;

/** Items a minute over the last minute, from counts as they come. */
export class PaceMeter {
    #samples: Sample[] = [];

    /** When it began, where that is not too long ago to count. */
    begin(at: number, now: number): void {
        if (this.#samples.length === 0 && now - at < WINDOW) {
            this.#samples.push({ at, processed: 0 });
        }
    }

    add(processed: number, at: number): void {
        const last = this.#samples.at(-1);
        if (last && last.processed === processed && at - last.at < 500) {
            return;
        }
        this.#samples.push({ at, processed });
        // One sample older than the window stays: the pace is measured from it.
        while (this.#samples.length > 2 && this.#samples[1]!.at < at - WINDOW) {
            this.#samples.shift();
        }
    }

    /** Undefined before there are two seconds to go by. */
    perMinute(at: number): number | undefined {
        const first = this.#samples[0];
        const last = this.#samples.at(-1);
        if (!first || !last || at - first.at < 2000) {
            return undefined;
        }
        return ((last.processed - first.processed) / (at - first.at)) * 60_000;
    }
}
