// SPDX-License-Identifier: BSL-1.0
import { memo, useEffect, useId, useRef, useState, type ReactNode } from 'react';

import type { JobSnapshot } from '../contract.js';
import { ProgressBar } from './progress_bar.js';
import { count, lossOf, stateOf } from './words.js';

export type JobAction = 'cancel' | 'pause' | 'resume';

export interface JobRowProps {
    job: JobSnapshot;
    name: string;
    act: (job: JobSnapshot, action: JobAction) => Promise<void>;
    onOpen?: ((jobId: string) => void) | undefined;
}

/** A job of the list, with what can be done with it. */
export const JobRow = memo(function JobRow({ job, name, act, onOpen }: JobRowProps): ReactNode {
    const [busy, setBusy] = useState(false);
    const [asking, setAsking] = useState(false);
    const cancelButton = useRef<HTMLButtonElement>(null);
    const here = useRef(true);
    useEffect(() => {
        here.current = true;
        return () => {
            here.current = false;
        };
    }, []);
    const does = async (action: JobAction): Promise<void> => {
        if (busy) return;
        setBusy(true);
        setAsking(false);
        await act(job, action);
        if (here.current) setBusy(false);
    };
    const keep = (): void => {
        setAsking(false);
        cancelButton.current?.focus();
    };
    const { processed, total, failed } = job.progress;
    return (
        <li className="bp-job" data-job={job.jobId}>
            <div className="bp-job__head">
                {onOpen === undefined ? (
                    <span className="bp-job__name">{name}</span>
                ) : (
                    <button type="button" className="bp-job__name bp-link" onClick={() => onOpen(job.jobId)}>
                        {name}
                    </button>
                )}
                <span className="bp-badge" data-state={job.paused ? 'paused' : job.status}>
                    {stateOf(job)}
                </span>
                <span className="bp-job__counts">
                    {count(processed)} of {job.totalKnown ? '' : 'at least '}
                    {count(total)}
                    {failed > 0 && `, ${count(failed)} failed`}
                </span>
            </div>
            <ProgressBar job={job} label={`Progress of ${name}`} />
            <div className="bp-job__actions">
                <button
                    type="button"
                    className="bp-button"
                    aria-disabled={busy}
                    aria-label={`${job.paused ? 'Resume' : 'Pause'} ${name}`}
                    onClick={() => void does(job.paused ? 'resume' : 'pause')}
                >
                    {job.paused ? 'Resume' : 'Pause'}
                </button>
                <button
                    type="button"
                    className="bp-button"
                    ref={cancelButton}
                    aria-disabled={busy}
                    aria-expanded={asking}
                    aria-label={`Cancel ${name}`}
                    onClick={() => setAsking(!busy)}
                >
                    Cancel
                </button>
            </div>
            {asking && <CancelQuestion job={job} name={name} onCancel={() => void does('cancel')} onKeep={keep} />}
        </li>
    );
});

interface CancelQuestionProps {
    job: JobSnapshot;
    name: string;
    onCancel: () => void;
    onKeep: () => void;
}

/** Says what a cancel would lose, and asks. */
function CancelQuestion({ job, name, onCancel, onKeep }: CancelQuestionProps): ReactNode {
    const lossId = useId();
    const keepButton = useRef<HTMLButtonElement>(null);
    // The answer that loses nothing has the focus.
    useEffect(() => keepButton.current?.focus(), []);
    return (
        <div
            className="bp-question"
            role="alertdialog"
            aria-label={`Cancel ${name}?`}
            aria-describedby={lossId}
            onKeyDown={(event) => {
                if (event.key === 'Escape') onKeep();
            }}
        >
            <p id={lossId}>{lossOf(job)}</p>
            <button type="button" className="bp-button" ref={keepButton} onClick={onKeep}>
                Keep it
            </button>
            <button type="button" className="bp-button bp-button--danger" onClick={onCancel}>
                Cancel the job
            </button>
        </div>
    );
}
