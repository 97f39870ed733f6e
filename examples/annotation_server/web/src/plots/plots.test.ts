// SPDX-License-Identifier: BSL-1.0
import { describe, expect, it } from 'vitest';
import { binned, quantile } from './bins';
import { frame, linePath } from './frame';
import { binWidth, niceTicks, timeTicks } from './scale';

describe('marks of an axis', () => {
    it('are round and reach the top', () => {
        expect(niceTicks(1800)).toEqual([0, 500, 1000, 1500, 2000]);
        expect(niceTicks(0.3)).toEqual([0, 0.1, 0.2, 0.3]);
        expect(niceTicks(7, 4)).toEqual([0, 2, 4, 6, 8]);
        expect(niceTicks(1000)).toEqual([0, 250, 500, 750, 1000]);
    });

    it('are there for nothing too', () => {
        expect(niceTicks(0)).toEqual([0, 1]);
        expect(niceTicks(NaN)).toEqual([0, 1]);
    });

    it('never are more than asked for above zero, and never fall short', () => {
        for (let top = 0.001; top < 1e9; top *= 1.37) {
            const ticks = niceTicks(top);
            expect(ticks.length).toBeLessThanOrEqual(5);
            expect(ticks.at(-1)).toBeGreaterThanOrEqual(top * (1 - 1e-9));
        }
    });

    it('of time are whole units', () => {
        expect(timeTicks(17_000)).toEqual([0, 5000, 10_000, 15_000]);
        expect(timeTicks(3_600_000)).toEqual([0, 900_000, 1_800_000, 2_700_000, 3_600_000]);
        expect(timeTicks(20 * 86_400_000).length).toBeLessThanOrEqual(6);
    });

    it('and bins have readable widths', () => {
        expect([900, 17_000, 60_000, 3_600_000, 30 * 86_400_000].map((span) => binWidth(span, 60))).toEqual([
            100, 500, 1000, 60_000, 43_200_000,
        ]);
    });
});

describe('bins', () => {
    const ending = (at: number, durationMs: number, ok = true) => ({ at, durationMs, ok });

    it('count what ended in them, and are there where nothing did', () => {
        const bins = binned(
            [ending(1000, 10), ending(1999, 30), ending(1500, 20, false), ending(3100, 5)],
            1000,
            4000,
            1000,
        );
        expect(bins).toEqual([
            { from: 0, successful: 2, failed: 1, median: 20, p90: 30 },
            { from: 1000, successful: 0, failed: 0 },
            { from: 2000, successful: 1, failed: 0, median: 5, p90: 5 },
        ]);
    });

    it('lose nothing at the edges', () => {
        const bins = binned([ending(0, 1), ending(2000, 1), ending(2001, 1)], 1000, 2000, 500);
        expect(bins.map((bin) => bin.successful)).toEqual([1, 2]);
    });

    it('are there before anything has ended', () => {
        expect(binned([], 0, 0, 1000)).toHaveLength(1);
    });
});

describe('a quantile', () => {
    it('is a value that was measured', () => {
        const ten = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
        expect([0, 0.5, 0.9, 0.91, 1].map((share) => quantile(ten, share))).toEqual([1, 5, 9, 10, 10]);
        expect(quantile([7], 0.5)).toBe(7);
    });
});

describe('a plot’s frame', () => {
    it('has zero at the bottom left and the end at the right', () => {
        const area = frame(400, 168, 1000, 50);
        expect([area.x(0), area.x(1000), area.y(0), area.y(50)]).toEqual([
            area.left,
            area.right,
            area.bottom,
            area.top,
        ]);
        expect(frame(400, 168, 0, 0).x(0)).toBe(44);
    });

    it('breaks a line where there is no point', () => {
        expect(linePath([[0, 0], [1, 2], undefined, [3, 4]])).toBe('M0.0 0.0L1.0 2.0M3.0 4.0');
    });
});
