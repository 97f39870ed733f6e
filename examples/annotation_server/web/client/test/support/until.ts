// SPDX-License-Identifier: BSL-1.0
import { vi } from 'vitest';

/** Waits for a condition, with a bound; `what` is what the failure says. */
export function until(condition: () => boolean, what = condition.toString()): Promise<void> {
    return vi.waitFor(
        () => {
            if (!condition()) throw new Error(`it did not come to this: ${what}`);
        },
        { timeout: 8_000, interval: 5 },
    );
}
