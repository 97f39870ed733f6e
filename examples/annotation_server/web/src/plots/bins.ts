// SPDX-License-Identifier: BSL-1.0
/** What a plot needs of a result. */
export interface Ending {
    /** Milliseconds since 1970. */
    at: number;
    durationMs: number;
    ok: boolean;
}

export interface Bin {
    /** Its beginning, milliseconds since the plot's. */
    from: number;
    successful: number;
    failed: number;
    /** Of the attempts that ended in it; absent where none did. */
    median?: number;
    /** Nine of ten were faster. */
    p90?: number;
}

/** Endings sorted into bins of `width` ms from `start` to `end`; empty bins too, so that a pause is seen as one. */
export function binned(endings: readonly Ending[], start: number, end: number, width: number): Bin[] {
    const bins: Bin[] = Array.from({ length: Math.max(1, Math.ceil((end - start) / width)) }, (_, index) => ({
        from: index * width,
        successful: 0,
        failed: 0,
    }));
    const durations: number[][] = bins.map(() => []);
    for (const ending of endings) {
        // The ending at the very end belongs to the last bin.
        const index = Math.min(bins.length - 1, Math.max(0, Math.floor((ending.at - start) / width)));
        bins[index]![ending.ok ? 'successful' : 'failed'] += 1;
        durations[index]!.push(ending.durationMs);
    }
    durations.forEach((list, index) => {
        if (list.length > 0) {
            const sorted = sortedNumbers(list);
            bins[index]!.median = quantile(sorted, 0.5);
            bins[index]!.p90 = quantile(sorted, 0.9);
        }
    });
    return bins;
}

/** Typed arrays sort numbers several times as fast as arrays do: a job may have a hundred thousand. */
export function sortedNumbers(values: readonly number[]): Float64Array {
    return Float64Array.from(values).sort();
}

/** Of a sorted list that is not empty: the smallest value with at least that share at or below it. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
    return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * share) - 1))]!;
}
