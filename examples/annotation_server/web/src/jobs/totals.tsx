// SPDX-License-Identifier: BSL-1.0
import { useEffect } from 'react';
import { sessionStore } from '../app/session';
import { useStore } from '../app/store';
import { count, perMinute } from '../format/count';
import { Sparkline } from '../ui/sparkline';
import { statsPoller, statsStore } from './stats';

/** The server as a whole. Absent where the server keeps its figures to itself. */
export function Totals() {
    useEffect(() => statsPoller.use(), []);
    const { stats, pace } = useStore(statsStore);
    const { session } = useStore(sessionStore);
    if (!stats) {
        return <div className="totals" aria-hidden="true" />;
    }
    const now = pace.slice(-5);
    const rate = now.length > 0 ? now.reduce((sum, value) => sum + value, 0) / now.length : 0;
    const ended = stats.totalSuccessful + stats.totalFailed;
    const failedShare = ended > 0 ? (stats.totalFailed / ended) * 100 : 0;
    return (
        <section aria-label="The server since it started">
            <dl className="totals numbers">
                <Figure name="Active batches" value={count(stats.activeJobs)} />
                <Figure name="In flight" value={count(stats.totalProcessing)} />
                <Figure name="Succeeded" value={count(stats.totalSuccessful)} />
                <Figure
                    name="Failed"
                    value={count(stats.totalFailed)}
                    note={stats.totalFailed > 0 ? `${failedShare < 1 ? '< 1' : Math.round(failedShare)} %` : undefined}
                />
                <div className="total pace">
                    <dt>Items a minute</dt>
                    <dd>
                        {perMinute(rate)}
                        <Sparkline values={pace} />
                    </dd>
                </div>
            </dl>
            {session?.tenant && (
                <p className="soft small totals-note">The whole server since it started, all tenants together.</p>
            )}
        </section>
    );
}

function Figure({ name, value, note }: { name: string; value: string; note?: string | undefined }) {
    return (
        <div className="total">
            <dt>{name}</dt>
            <dd>
                {value} {note && <span className="soft small">{note}</span>}
            </dd>
        </div>
    );
}
