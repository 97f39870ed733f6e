// SPDX-License-Identifier: BSL-1.0
import type { JobState } from '../api';
import { counted, count } from '../format/count';

type Counts = Pick<JobState, 'progress' | 'cancelled' | 'inFlight' | 'totalKnown'>;

/** Done, failed, in flight and cancelled as parts of one bar. */
export function ProgressBar({ job, label, tall = false }: { job: Counts; label: string; tall?: boolean }) {
    const { total, successful, failed, percentage } = job.progress;
    const share = (value: number) => ({ width: `${total > 0 ? (value / total) * 100 : 0}%` });
    const words = `${count(job.progress.processed)} of ${counted(total, 'item')}, ${count(failed)} failed`;
    return (
        <div
            className={tall ? 'bar tall' : 'bar'}
            role="progressbar"
            aria-label={label}
            aria-valuemin={0}
            aria-valuemax={100}
            {...(percentage === null ? {} : { 'aria-valuenow': percentage })}
            aria-valuetext={words}
        >
            <span className="good" style={share(successful)} />
            <span className="bad" style={share(failed)} />
            <span className="cancelled" style={share(job.cancelled)} />
            <span className="flying" style={share(job.inFlight)} />
        </div>
    );
}
