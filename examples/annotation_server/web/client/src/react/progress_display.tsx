// SPDX-License-Identifier: BSL-1.0
import { useEffect, useId, useRef, type ReactNode } from 'react';

import { isFinal, type JobSnapshot, type JobStatus } from '../contract.js';
import type { BatchError } from '../errors.js';
import { ErrorList } from './error_list.js';
import { ProgressBar } from './progress_bar.js';
import { useBatchProcessor, type BatchProcessorState } from './use_batch_processor.js';
import { useJobErrors } from './use_job_errors.js';
import { useNow } from './use_now.js';
import { useRate } from './use_rate.js';
import { count, duration, items, stateOf, stopOf, waitOf } from './words.js';

export interface BatchProgressDisplayProps {
    jobId: string | undefined;
    /** The heading; by default the job's label. */
    title?: ReactNode;
    /** Errors that are listed, 5 by default; 0 for none. */
    errorLimit?: number | undefined;
    pollInterval?: number | undefined;
    /** Called once, with the job at its end. */
    onFinished?: ((job: JobStatus) => void) | undefined;
    className?: string | undefined;
}

/** A job at a glance: bar, counts, rate, time left, what it waits for, and its errors. */
export function BatchProgressDisplay({
    jobId,
    title,
    errorLimit = 5,
    pollInterval,
    onFinished,
    className,
}: BatchProgressDisplayProps): ReactNode {
    const state = useBatchProcessor(jobId, { pollInterval });
    const { job, error, final } = state;
    const now = useNow(job !== undefined && !isFinal(job.status));
    const rate = useRate(job, now);
    const kept = useJobErrors(jobId, final === undefined ? (job?.errorCount ?? 0) : 0, errorLimit);
    const headingId = useId();
    useFinish(final, onFinished);

    return (
        <section
            className={className === undefined ? 'bp-progress' : `bp-progress ${className}`}
            aria-labelledby={headingId}
        >
            <header className="bp-progress__head">
                <h2 className="bp-progress__title" id={headingId}>
                    {title ?? job?.label ?? 'Job'}
                </h2>
                {job !== undefined && <StateBadge job={job} />}
            </header>
            {jobId === undefined && <p className="bp-note">No job has been started.</p>}
            {jobId !== undefined && job === undefined && error === undefined && (
                <p className="bp-note">Looking for the job …</p>
            )}
            {error !== undefined && <Trouble error={error} lost={state.transport === 'lost'} />}
            {job !== undefined && (
                <>
                    <ProgressBar job={job} label="Progress of the job" />
                    <Counts job={job} rate={rate} now={now} />
                    <Waiting job={job} now={now} />
                    <ErrorList job={job} errors={(final?.errors ?? kept).slice(0, errorLimit)} limit={errorLimit} />
                    {state.isPolling && (
                        <p className="bp-note">
                            Live updates are not to be had now; the job is looked at every few seconds.
                        </p>
                    )}
                </>
            )}
            <p className="bp-hidden" role="status" aria-live="polite">
                {announcement(state)}
            </p>
        </section>
    );
}

/** Calls `onFinished` once for each job, also where StrictMode runs effects twice. */
function useFinish(final: JobStatus | undefined, onFinished: BatchProgressDisplayProps['onFinished']): void {
    const told = useRef<string>(undefined);
    const latest = useRef(onFinished);
    useEffect(() => {
        latest.current = onFinished;
    });
    useEffect(() => {
        if (final === undefined || told.current === final.jobId) return;
        told.current = final.jobId;
        latest.current?.(final);
    }, [final]);
}

/** What is read out: the state and the quarters, not each item. */
function announcement({ job, milestones, transport }: BatchProcessorState): string {
    if (job === undefined) return '';
    if (transport === 'lost' && !isFinal(job.status)) return 'The connection to the server is lost.';
    const { successful, failed } = job.progress;
    if (isFinal(job.status)) return `${stateOf(job)}: ${items(successful)} successful, ${count(failed)} failed.`;
    const quarter = milestones.at(-1);
    return quarter === undefined ? stateOf(job) : `${stateOf(job)}: ${quarter.percentage} percent.`;
}

function StateBadge({ job }: { job: JobSnapshot }): ReactNode {
    return (
        <span className="bp-badge" data-state={job.paused && !isFinal(job.status) ? 'paused' : job.status}>
            {stateOf(job)}
        </span>
    );
}

function Trouble({ error, lost }: { error: BatchError; lost: boolean }): ReactNode {
    return (
        <p className="bp-trouble" role="alert">
            {lost
                ? `${error.title}. It is tried again by itself, and the job goes on unless the server has stopped.`
                : `${error.title}. ${error.detail ?? ''}`}
        </p>
    );
}

function Counts({ job, rate, now }: { job: JobSnapshot; rate: number | undefined; now: number }): ReactNode {
    const { total, processed, successful, failed, percentage } = job.progress;
    const over = isFinal(job.status);
    const left = useTimeLeft(job, now);
    const took =
        job.startedAt === undefined
            ? undefined
            : (job.finishedAt === undefined ? now : Date.parse(job.finishedAt)) - Date.parse(job.startedAt);
    return (
        <dl className="bp-counts">
            <Figure
                name="Processed"
                value={`${count(processed)} of ${job.totalKnown ? '' : 'at least '}${count(total)}`}
                note={percentage === null ? undefined : `${percentage}\u00a0%`}
            />
            <Figure name="Successful" value={count(successful)} />
            <Figure name="Failed" value={count(failed)} />
            {job.cancelled > 0 && <Figure name="Cancelled" value={count(job.cancelled)} />}
            {job.retrying > 0 && <Figure name="Trying again" value={count(job.retrying)} />}
            {!over && <Figure name="Running calls" value={count(job.inFlight)} />}
            {rate !== undefined && <Figure name="Rate" value={`${count(Math.round(rate))} a minute`} />}
            {!over && left !== undefined && <Figure name="Time left" value={`about ${duration(left)}`} />}
            {over && took !== undefined && (
                <Figure name="Took" value={took < 1_000 ? 'less than 1 s' : duration(took)} />
            )}
            {over && job.stopReason !== undefined && <Figure name="Ended because" value={stopOf(job.stopReason)} />}
        </dl>
    );
}

function Figure({ name, value, note }: { name: string; value: string; note?: string | undefined }): ReactNode {
    return (
        <div className="bp-figure">
            <dt>{name}</dt>
            <dd>
                {value}
                {note !== undefined && <small> {note}</small>}
            </dd>
        </div>
    );
}

/** The server's estimate counts down until the next one: while a job waits there may be none for a minute. */
function useTimeLeft(job: JobSnapshot, now: number): number | undefined {
    const heard = useRef({ job, at: now });
    useEffect(() => {
        heard.current = { job, at: Date.now() };
    }, [job]);
    if (job.estimatedTimeRemaining === undefined) return undefined;
    const since = heard.current.job === job && !job.paused ? Math.max(0, now - heard.current.at) : 0;
    return Math.max(1_000, job.estimatedTimeRemaining - since);
}

function Waiting({ job, now }: { job: JobSnapshot; now: number }): ReactNode {
    if (job.waitingFor === undefined || isFinal(job.status)) return null;
    const { until } = job.waitingFor;
    const left = until === undefined ? undefined : Date.parse(until) - now;
    return (
        <p className="bp-waiting">
            Waiting for {waitOf(job.waitingFor)}
            {left !== undefined && left > 0 && (
                <>
                    , <span className="bp-countdown">{duration(left)} to go</span>
                </>
            )}
            .
        </p>
    );
}
