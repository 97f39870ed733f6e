// SPDX-License-Identifier: BSL-1.0
import { expect, test } from 'vitest';

import { RateMeter } from '../../src/react/rate_meter.js';
import { duration, items, lossOf } from '../../src/react/words.js';
import { FakeJob } from '../support/service.js';

test('A duration is told in its two largest units, rounded up', () => {
    const told = [
        0, 1, 999, 1_001, 59_999, 60_000, 61_000, 3_599_001, 3_600_000, 7_260_000, 86_399_000, 86_400_000, 100_000_000,
    ].map(duration);
    expect(told).toEqual([
        '0 s',
        '1 s',
        '1 s',
        '2 s',
        '1 min',
        '1 min',
        '1 min 1 s',
        '1 h',
        '1 h',
        '2 h 1 min',
        '1 d',
        '1 d',
        '1 d 4 h',
    ]);
});

test('One item is an item', () => {
    expect([items(0), items(1), items(2_000)]).toEqual(['0 items', '1 item', '2,000 items']);
});

test('What a cancel loses is what is left', () => {
    const job = new FakeJob(['a', 'b', 'c']);
    expect(lossOf(job.state)).toBe(
        '3 of 3 items have not been processed, and will not be. Results that are there are kept.',
    );
    job.reach(2, 0, { inFlight: 1 });
    expect(lossOf(job.state)).toBe(
        '1 of 3 items has not been processed, and will not be. 1 running call is asked to stop. ' +
            'Results that are there are kept.',
    );
});

test('The rate is that of the last minute, and none while too little is known', () => {
    const meter = new RateMeter();
    meter.add(0, 0);
    meter.add(1_000, 10);
    expect(meter.perMinute()).toBeUndefined();
    meter.add(10_000, 20);
    expect(meter.perMinute()).toBe(120);
    for (let second = 11; second <= 120; second += 1) meter.add(second * 1_000, 20 + (second - 10) * 5);
    expect(meter.perMinute()).toBe(300);
    // Nothing ends any more, and the rate goes down.
    meter.add(150_000, 20 + 110 * 5);
    expect(meter.perMinute()).toBe(150);
});
