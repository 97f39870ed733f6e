// SPDX-License-Identifier: BSL-1.0
import { describe, expect, it } from 'vitest';
import { PaceMeter } from './pace_meter';

describe('the pace', () => {
    it('is unknown at first, then items a minute', () => {
        const meter = new PaceMeter();
        meter.add(10, 0);
        expect(meter.perMinute(1000)).toBeUndefined();
        meter.add(20, 5000);
        expect(meter.perMinute(5000)).toBe(120);
    });

    it('goes from the beginning where that was just now', () => {
        const meter = new PaceMeter();
        meter.begin(1000, 11_000);
        meter.add(50, 11_000);
        expect(meter.perMinute(11_000)).toBe(300);
    });

    it('sinks while nothing ends, and forgets what was long ago', () => {
        const meter = new PaceMeter();
        meter.add(0, 0);
        meter.add(60, 10_000);
        expect(meter.perMinute(20_000)).toBe(180);
        meter.add(60, 50_000);
        meter.add(60, 80_000);
        meter.add(60, 120_000);
        expect(meter.perMinute(120_000)).toBe(0);
    });
});
