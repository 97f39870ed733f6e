// SPDX-License-Identifier: BSL-1.0
import { useEffect, useState } from 'react';
import { api, type Estimate } from '../api';

/** The server's estimate for so many items, a moment after the number has come to rest. */
export function useEstimate(items: number): Estimate | undefined {
    const [estimate, setEstimate] = useState<{ items: number; estimate: Estimate }>();
    useEffect(() => {
        if (items === 0) {
            return undefined;
        }
        const ending = new AbortController();
        const timer = setTimeout(() => {
            api.estimate(items, { signal: ending.signal }).then(
                (answer) => setEstimate({ items, estimate: answer }),
                () => {},
            );
        }, 250);
        return () => {
            clearTimeout(timer);
            ending.abort();
        };
    }, [items]);
    return estimate?.items === items ? estimate.estimate : undefined;
}
