// SPDX-License-Identifier: BSL-1.0
import { useEffect, useRef, useState } from 'react';
import type { JobState } from '../api';
import { serverNow } from '../app/clock';
import { PaceMeter } from './pace_meter';

/** Items a minute: of late while the batch is live, of all of it when it has finished. */
export function usePace(job: JobState, live: boolean): number | undefined {
    const meter = useRef<PaceMeter>(undefined);
    meter.current ??= new PaceMeter();
    const processed = useRef(0);
    const [pace, setPace] = useState<number>();
    useEffect(() => {
        processed.current = job.progress.processed;
        if (job.startedAt !== undefined) {
            meter.current!.begin(performance.now() - (serverNow() - Date.parse(job.startedAt)), performance.now());
        }
        meter.current!.add(processed.current, performance.now());
    }, [job]);
    useEffect(() => {
        if (!live) {
            return undefined;
        }
        const look = () => {
            meter.current!.add(processed.current, performance.now());
            setPace(meter.current!.perMinute(performance.now()));
        };
        look();
        const timer = setInterval(look, 1000);
        return () => clearInterval(timer);
    }, [live]);
    if (job.finishedAt !== undefined && job.startedAt !== undefined) {
        const took = Date.parse(job.finishedAt) - Date.parse(job.startedAt);
        return took > 0 ? (job.progress.processed / took) * 60_000 : undefined;
    }
    return pace;
}
