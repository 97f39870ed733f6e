// SPDX-License-Identifier: BSL-1.0
/** Marks of an axis from 0: round numbers, at most `most` above zero, the last at or above `top`. */
export function niceTicks(top: number, most = 4): number[] {
    if (!(top > 0)) {
        return [0, 1];
    }
    const rough = top / most;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size >= rough * (1 - 1e-9))!;
    const ticks = Math.ceil(top / step - 1e-9);
    // Multiplied, not added up: 0.1 + 0.2 is no good label.
    return Array.from({ length: ticks + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400];

/** Marks of a time axis, in milliseconds since its beginning: whole seconds, minutes or hours. */
export function timeTicks(spanMs: number, most = 5): number[] {
    const seconds = spanMs / 1000;
    const step = STEPS.find((size) => seconds / size <= most) ?? 86_400 * Math.ceil(seconds / 86_400 / most);
    return Array.from({ length: Math.floor(seconds / step + 1e-9) + 1 }, (_, index) => index * step * 1000);
}

/** Width of a bin in milliseconds, so that a span has about `bins` of them, and a readable one. */
export function binWidth(spanMs: number, bins: number): number {
    const rough = spanMs / bins;
    const sizes = [100, 200, 500, ...STEPS.map((size) => size * 1000)];
    return sizes.find((size) => size >= rough) ?? Math.ceil(rough / 86_400_000) * 86_400_000;
}
