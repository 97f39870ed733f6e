// SPDX-License-Identifier: BSL-1.0
import { useEffect, useState } from 'react';

import { isFinal, type JobSnapshot } from '../contract.js';
import { RateMeter } from './rate_meter.js';

/** Items a minute: of a running job in the last minute, of a finished one from its start to its end. */
export function useRate(job: JobSnapshot | undefined, now: number): number | undefined {
    const [meter, setMeter] = useState(() => ({
        jobId: job?.jobId,
        rate: new RateMeter(),
        perMinute: undefined as number | undefined,
    }));
    const jobId = job?.jobId;
    const processed = job?.progress.processed;
    useEffect(() => {
        if (jobId === undefined || processed === undefined) return;
        setMeter((last) => {
            const rate = last.jobId === jobId ? last.rate : new RateMeter();
            rate.add(Date.now(), processed);
            return { jobId, rate, perMinute: rate.perMinute() };
        });
    }, [jobId, processed, now]);

    if (job === undefined) return undefined;
    if (isFinal(job.status)) {
        if (job.startedAt === undefined || job.finishedAt === undefined) return undefined;
        const took = Date.parse(job.finishedAt) - Date.parse(job.startedAt);
        return took > 0 ? (job.progress.processed / took) * 60_000 : undefined;
    }
    return meter.jobId === jobId ? meter.perMinute : undefined;
}
