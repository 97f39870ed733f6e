// SPDX-License-Identifier: BSL-1.0
import { countdown } from '../format/duration';
import { useNow } from './use_now';

/** "12 s", every second one less. Not spoken as it counts: what it belongs to is. */
export function Countdown({ until }: { until: number }) {
    const now = useNow(250);
    return (
        <span className="numbers" role="timer" aria-live="off">
            {countdown(until - now)}
        </span>
    );
}
