// SPDX-License-Identifier: BSL-1.0
import { afterEach, describe, expect, test, vi } from 'vitest';

import { Backoff } from '../src/backoff.js';

const timing = { backoff: 1_000, maxBackoff: 15_000 };

afterEach(() => void vi.restoreAllMocks());

describe('A wait before the next try', () => {
    test('is twice as long each time, up to a bound, and begins anew after a success', () => {
        vi.spyOn(Math, 'random').mockReturnValue(1);
        const backoff = new Backoff(timing);
        const waits = Array.from({ length: 6 }, () => backoff.next());
        expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
        expect(backoff.failures).toBe(6);
        backoff.reset();
        expect(backoff.next()).toBe(1_000);
    });

    test('is a random part of that, from a half on, so that not all come at once', () => {
        const random = vi.spyOn(Math, 'random').mockReturnValue(0);
        expect(new Backoff(timing).next()).toBe(500);
        random.mockRestore();
        const waits = new Set(Array.from({ length: 50 }, () => new Backoff(timing).next()));
        expect(waits.size).toBeGreaterThan(40);
    });

    test('is never shorter than the server asks for, and then not the same for all either', () => {
        const random = vi.spyOn(Math, 'random').mockReturnValue(0);
        expect(new Backoff(timing).next(30_000)).toBe(30_000);
        random.mockReturnValue(1);
        expect(new Backoff(timing).next(30_000)).toBe(30_500);
        expect(new Backoff(timing).next(10)).toBe(1_000);
    });

    test('stays a number after a very long time', () => {
        const backoff = new Backoff(timing);
        for (let failure = 0; failure < 5_000; failure += 1) expect(backoff.next()).toBeLessThanOrEqual(15_000);
    });
});
