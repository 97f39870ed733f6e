// SPDX-License-Identifier: BSL-1.0
import { useEffect, useState } from 'react';
import { api, type ItemError, type JobState } from '../api';
import { count, counted } from '../format/count';
import { KIND_WORDS } from '../format/failure';
import { clockTime } from '../format/time';
import { Button } from '../ui/button';

const SHOWN = 5;

/** Which items failed and why: how many with which text, then each with its attempt. */
export function ErrorsPanel({ job }: { job: JobState }) {
    const errors = useErrors(job);
    const [all, setAll] = useState(false);
    const texts = Object.entries(job.errorDistribution).sort((a, b) => b[1] - a[1]);
    const most = texts[0]?.[1] ?? 1;
    const known = texts.reduce((sum, [, times]) => sum + times, 0);
    const shown = all ? errors : errors.slice(0, SHOWN);
    return (
        <div className="errors">
            <ol className="distribution" aria-label="Errors by how often they came">
                {texts.slice(0, 12).map(([text, times]) => (
                    <li key={text}>
                        <span className="distribution-text">{text}</span>
                        <span className="numbers distribution-count">
                            {count(times)}{' '}
                            <span className="soft small">{Math.round((times / job.errorCount) * 100)} %</span>
                        </span>
                        <span className="distribution-bar" aria-hidden="true">
                            <span style={{ width: `${(times / most) * 100}%` }} />
                        </span>
                    </li>
                ))}
            </ol>
            {(texts.length > 12 || known < job.errorCount) && (
                <p className="soft small">
                    Others:{' '}
                    {counted(job.errorCount - texts.slice(0, 12).reduce((sum, [, times]) => sum + times, 0), 'item')}.
                </p>
            )}
            {errors.length > 0 && (
                <div className="table-scroll">
                    <table className="error-table small">
                        <caption className="unseen">Items that failed</caption>
                        <thead>
                            <tr>
                                <th scope="col">Item</th>
                                <th scope="col">Error</th>
                                <th scope="col" className="number">
                                    Attempt
                                </th>
                                <th scope="col">Time</th>
                            </tr>
                        </thead>
                        <tbody>
                            {shown.map((error, index) => (
                                <tr key={index}>
                                    <th scope="row">
                                        <span className="two-lines" title={error.itemId}>
                                            {error.itemId}
                                        </span>
                                    </th>
                                    <td>
                                        {error.error} <span className="soft">({KIND_WORDS[error.kind]})</span>
                                    </td>
                                    <td className="number numbers">{error.attemptNumber}</td>
                                    <td className="numbers soft">{clockTime(Date.parse(error.timestamp))}</td>
                                </tr>
                            ))}
                        </tbody>
                    </table>
                </div>
            )}
            {errors.length > SHOWN && (
                <Button small onClick={() => setAll(!all)} aria-expanded={all}>
                    {all ? 'Show fewer' : `Show all ${count(errors.length)}`}
                </Button>
            )}
            {all && errors.length < job.errorCount && (
                <p className="soft small">
                    The server keeps the first {count(errors.length)} of {count(job.errorCount)}.
                </p>
            )}
        </div>
    );
}

/** Events carry no errors: they are asked for when there are more of them, every two seconds at the most. */
function useErrors(job: JobState): readonly ItemError[] {
    const [errors, setErrors] = useState<readonly ItemError[]>([]);
    const { jobId, errorCount } = job;
    const [read, setRead] = useState(0);
    const due = errorCount !== read && (errors.length < 1000 || read === 0);
    useEffect(() => {
        if (!due) {
            return undefined;
        }
        const ending = new AbortController();
        const timer = setTimeout(
            () => {
                api.status(jobId, { errors: 1000, signal: ending.signal }).then(
                    (status) => {
                        setErrors(status.errors);
                        setRead(status.errorCount);
                    },
                    () => {},
                );
            },
            errors.length === 0 ? 0 : 2000,
        );
        return () => {
            clearTimeout(timer);
        };
        // Not anew for each further error: the timer that runs already will see it.
    }, [jobId, due, read, errors.length]);
    return errors;
}
