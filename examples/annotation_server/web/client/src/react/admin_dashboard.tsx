// SPDX-License-Identifier: BSL-1.0
import { useCallback, useId, useRef, useState, type ReactNode } from 'react';

import type { BatchClient } from '../client.js';
import { isFinal, type JobSnapshot, type Stats, type SteeredJob } from '../contract.js';
import { BatchError } from '../errors.js';
import { JobRow, type JobAction } from './job_row.js';
import { useBatchClient } from './provider.js';
import { usePolled } from './use_polled.js';
import { count } from './words.js';

export interface AdminBatchDashboardProps {
    /** Between two looks at the server, 2,000 ms. */
    pollInterval?: number | undefined;
    /** Jobs that are listed, 100 by default, 1,000 at the most. */
    limit?: number | undefined;
    /** Makes the jobs' names buttons. */
    onOpen?: ((jobId: string) => void) | undefined;
    className?: string | undefined;
}

interface Overview {
    /** When it was asked for, by performance.now(). */
    askedAt: number;
    jobs: JobSnapshot[];
    /** There are more active jobs than are listed. */
    more: boolean;
    /** Not there where the server tells them not everybody. */
    stats: Stats | undefined;
}

/** The active jobs of the tenant, with cancel, pause and resume, and the totals of the server. */
export function AdminBatchDashboard({
    pollInterval = 2_000,
    limit = 100,
    onOpen,
    className,
}: AdminBatchDashboardProps): ReactNode {
    const client = useBatchClient();
    const known = useRef<ReadonlyMap<string, JobSnapshot>>(new Map());
    const load = useCallback(
        async (signal: AbortSignal): Promise<Overview> => {
            const overview = await overviewOf(client, limit, signal);
            // A job whose version is the same is the same object, so that its row need not be made again.
            const jobs = overview.jobs.map((job) => {
                const before = known.current.get(job.jobId);
                return before?.version === job.version ? before : job;
            });
            known.current = new Map(jobs.map((job) => [job.jobId, job]));
            return { ...overview, jobs };
        },
        [client, limit],
    );
    const { value, error, refresh } = usePolled(load, pollInterval);
    const [said, setSaid] = useState<{ text: string; wrong: boolean }>();
    const [steered, setSteered] = useState<ReadonlyMap<string, Steering>>(new Map());
    const headingId = useId();

    const act = useCallback(
        async (job: JobSnapshot, action: JobAction): Promise<void> => {
            try {
                const answer = await client[action](job.jobId);
                setSteered((last) => withSteering(last, answer));
                setSaid({ text: `${nameOf(job)}: ${doneOf[action]}`, wrong: false });
            } catch (thrown) {
                const text = thrown instanceof BatchError ? thrown.message : String(thrown);
                setSaid({ text: `${nameOf(job)} could not be ${verbOf[action]}. ${text}`, wrong: true });
            }
            refresh();
        },
        [client, refresh],
    );
    const jobs = value?.jobs
        .map((job) => {
            // Shown at once, until there is a look at the server that was begun later.
            const last = steered.get(job.jobId);
            if (last === undefined || last.at < value.askedAt) return job;
            return { ...job, status: last.answer.status, paused: last.answer.paused };
        })
        .filter((job) => !isFinal(job.status));
    return (
        <section className={className === undefined ? 'bp-admin' : `bp-admin ${className}`} aria-labelledby={headingId}>
            <h2 className="bp-admin__title" id={headingId}>
                Active jobs
            </h2>
            {value?.stats !== undefined && <Totals stats={value.stats} />}
            {error !== undefined && (
                <p className="bp-trouble" role="alert">
                    {error.title}. {value === undefined ? '' : 'What is below may be out of date. '}It is tried again by
                    itself.
                </p>
            )}
            {jobs === undefined && error === undefined && <p className="bp-note">Looking for jobs …</p>}
            {jobs?.length === 0 && (
                <p className="bp-note">No job is active. Jobs that are started appear here by themselves.</p>
            )}
            {jobs !== undefined && jobs.length > 0 && (
                <ul className="bp-jobs" aria-label="Active jobs">
                    {jobs.map((job) => (
                        <JobRow key={job.jobId} job={job} name={nameOf(job)} act={act} onOpen={onOpen} />
                    ))}
                </ul>
            )}
            {value?.more === true && <p className="bp-note">More jobs are active; these are the newest.</p>}
            <p className={said?.wrong === true ? 'bp-trouble' : 'bp-said'} role="status" aria-live="polite">
                {said?.text}
            </p>
        </section>
    );
}

/** What the server has answered to a cancel, pause or resume, and when. */
interface Steering {
    answer: SteeredJob;
    at: number;
}

function withSteering(last: ReadonlyMap<string, Steering>, answer: SteeredJob): ReadonlyMap<string, Steering> {
    const at = performance.now();
    // Those of a minute ago have been overtaken long since.
    const recent = [...last].filter(([, steering]) => steering.at > at - 60_000);
    return new Map(recent).set(answer.jobId, { answer, at });
}

const doneOf: Record<JobAction, string> = { cancel: 'cancelled.', pause: 'paused.', resume: 'goes on.' };
const verbOf: Record<JobAction, string> = { cancel: 'cancelled', pause: 'paused', resume: 'resumed' };

function nameOf(job: JobSnapshot): string {
    // The end of the id, because jobs of one moment begin alike.
    return job.label ?? `Job …${job.jobId.slice(-6)}`;
}

async function overviewOf(client: BatchClient, limit: number, signal: AbortSignal): Promise<Overview> {
    const askedAt = performance.now();
    const [processing, pending, stats] = await Promise.all([
        client.jobs({ status: 'processing', limit, signal }),
        client.jobs({ status: 'pending', limit, signal }),
        client.stats({ signal }).catch((error: unknown) => {
            if (error instanceof BatchError && error.mayPass) throw error;
            return undefined;
        }),
    ]);
    // Between the two answers a job may have gone from one list to the other.
    const jobs = new Map([...pending.jobs, ...processing.jobs].map((job) => [job.jobId, job]));
    const newest = [...jobs.values()].sort((a, b) => (a.jobId < b.jobId ? 1 : -1));
    const more = newest.length > limit || processing.next !== undefined || pending.next !== undefined;
    return { askedAt, jobs: newest.slice(0, limit), more, stats };
}

function Totals({ stats }: { stats: Stats }): ReactNode {
    const figures: [string, number][] = [
        ['Active jobs', stats.activeJobs],
        ['Running calls', stats.totalProcessing],
        ['Successful', stats.totalSuccessful],
        ['Failed', stats.totalFailed],
        ['Cancelled', stats.totalCancelled],
    ];
    return (
        <dl className="bp-counts" aria-label="Totals of the server">
            {figures.map(([name, figure]) => (
                <div className="bp-figure" key={name}>
                    <dt>{name}</dt>
                    <dd>{count(figure)}</dd>
                </div>
            ))}
        </dl>
    );
}
