// SPDX-License-Identifier: BSL-1.0
import { useMemo } from 'react';
import type { JobState } from '../api';
import { useStore } from '../app/store';
import { count } from '../format/count';
import { binned } from '../plots/bins';
import { LatencyPlot } from '../plots/latency_plot';
import { binWidth } from '../plots/scale';
import { ThroughputPlot } from '../plots/throughput_plot';
import type { ResultStore } from '../results/result_store';
import { useNow } from '../ui/use_now';

const MOST_BINS = 60;
const LEAST_BINS = 12;

/** Pace and latency over the life of a batch. */
export function JobPlots({ job, live, results }: { job: JobState; live: boolean; results: ResultStore }) {
    const { endings, skipped, version } = useStore(results.state);
    const now = useNow(1000, live);
    const first = skipped > 0 ? endings[0]?.at : undefined;
    const start = first ?? Date.parse(job.startedAt ?? job.createdAt);
    // A cancelled batch has its last attempts long before it is forgotten: it ends where it finished.
    const end = Math.max(
        start + 1000,
        endings.at(-1)?.at ?? 0,
        job.finishedAt === undefined ? now : Date.parse(job.finishedAt),
    );
    // A bin for every three items or so: with fewer in them, bins show chance more than pace.
    const binMs = binWidth(end - start, Math.min(MOST_BINS, Math.max(LEAST_BINS, endings.length / 3)));
    const wholeEnd = start + Math.ceil((end - start) / binMs) * binMs;
    // `endings` grows in place: `version` is what says so.
    const bins = useMemo(() => binned(endings, start, wholeEnd, binMs), [endings, version, start, wholeEnd, binMs]);
    if (endings.length === 0) {
        return <p className="soft small">Plots begin when the first item has ended.</p>;
    }
    return (
        <>
            <div className="plots">
                <ThroughputPlot bins={bins} binMs={binMs} start={start} />
                <LatencyPlot bins={bins} binMs={binMs} start={start} endings={endings} />
            </div>
            {skipped > 0 && (
                <p className="soft small">Of the latest {count(endings.length)} results; those before are left out.</p>
            )}
        </>
    );
}
