// SPDX-License-Identifier: BSL-1.0
import { useEffect, useState } from 'react';

import type { ItemError } from '../contract.js';
import { useBatchClient } from './provider.js';

const none: readonly ItemError[] = [];

/**
 * The first errors of a job, at most `limit`. Progress comes without them, so they are asked for when there are more
 * than are here: the first ones never change.
 */
export function useJobErrors(jobId: string | undefined, errorCount: number, limit: number): readonly ItemError[] {
    const client = useBatchClient();
    const [found, setFound] = useState<{ jobId: string; errors: readonly ItemError[] }>();
    const here = found !== undefined && found.jobId === jobId ? found.errors : none;
    const wanted = Math.min(errorCount, limit);

    useEffect(() => {
        if (jobId === undefined || wanted === 0) return undefined;
        const stop = new AbortController();
        // A moment later, so that errors that come in a row are one question.
        const timer = setTimeout(() => {
            client
                .status(jobId, { errors: limit, signal: stop.signal })
                .then(({ errors }) => setFound({ jobId, errors }))
                // Not to be had just now: their number is on the page, and the next error asks again.
                .catch(() => {});
        }, 200);
        return () => {
            clearTimeout(timer);
            stop.abort();
        };
    }, [client, jobId, wanted, limit]);

    return here.slice(0, limit);
}
