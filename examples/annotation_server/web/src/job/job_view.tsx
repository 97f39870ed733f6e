// SPDX-License-Identifier: BSL-1.0
import { useState } from 'react';
import { useBatchProcessor } from 'batchpace-client/react';
import { words, type JobState } from '../api';
import { Link } from '../app/link';
import { PageHeading } from '../app/page_heading';
import { count, counted, perMinute } from '../format/count';
import { about, duration } from '../format/duration';
import { faceOf, isActive, isLive, jobTitle, shortId, stopWords } from '../format/status';
import { clockTime, fullTime } from '../format/time';
import { CancelDialog } from '../jobs/cancel_dialog';
import { pause, resume, retry } from '../jobs/steer';
import { ResultList } from '../results/result_list';
import { useResults } from '../results/use_results';
import { Button } from '../ui/button';
import { CopyButton } from '../ui/copy_button';
import { Icon } from '../ui/icon';
import { ProgressBar } from '../ui/progress_bar';
import { StatusPill } from '../ui/status_pill';
import { useNow } from '../ui/use_now';
import { ErrorsPanel } from './errors_panel';
import { JobPlots } from './job_plots';
import { PaceForm } from './pace_form';
import { useMilestoneNotices } from './use_milestone_notices';
import { usePace } from './use_pace';
import { WaitingLine } from './waiting_line';

/** One batch, live. */
export function JobView({ id }: { id: string }) {
    const { job, error, isPolling } = useBatchProcessor(id);
    useMilestoneNotices(job);
    if (!job) {
        return <NoJob id={id} error={error} />;
    }
    // A server that was started anew knows no batch of before.
    return <Job job={job} isPolling={isPolling} gone={error?.is('unknown-job') ?? false} />;
}

function NoJob({ id, error }: { id: string; error: ReturnType<typeof useBatchProcessor>['error'] }) {
    if (error?.is('unknown-job')) {
        return (
            <div className="empty">
                <PageHeading title="There is no such batch" />
                <p className="soft">
                    <code>{id}</code> has been forgotten – finished batches are kept for a while only, and none outlives
                    the server – or it is somebody else’s.
                </p>
                <Link className="button plain" href="/">
                    All batches
                </Link>
            </div>
        );
    }
    return (
        <>
            <PageHeading title="Batch" />
            <p className="soft loading" role="status">
                {error ? `${words(error)} The page goes on trying.` : 'Loading…'}
            </p>
        </>
    );
}

function Job({ job, isPolling, gone }: { job: JobState; isPolling: boolean; gone: boolean }) {
    const [asked, setAsked] = useState(false);
    const results = useResults(job.jobId, job.progress.processed + job.cancelled);
    const title = jobTitle(job);
    const stopped = job.stopReason === 'cancelled' ? undefined : stopWords(job);
    return (
        <>
            <nav aria-label="Where this is" className="crumbs small">
                <Link href="/">Batches</Link>
                <Icon name="right" size={14} />
                <span className="soft mono">{shortId(job.jobId)}</span>
                <CopyButton text={job.jobId} what="the batch’s id" />
            </nav>
            <div className="view-head">
                <div>
                    <div className="job-title">
                        <PageHeading title={title} tab={tabTitle(job, title)} />
                        <StatusPill face={gone ? 'gone' : faceOf(job)} />
                    </div>
                    <p className="job-facts soft small">
                        <span>
                            Created <time dateTime={job.createdAt}>{fullTime(Date.parse(job.createdAt))}</time>
                        </span>
                        {job.retryOf && (
                            <span>
                                Retry of{' '}
                                <Link href={`/jobs/${job.retryOf}`} className="mono">
                                    {shortId(job.retryOf)}
                                </Link>
                            </span>
                        )}
                        {isPolling && !gone && isLive(job) && <span>No event stream: asking every two seconds</span>}
                    </p>
                </div>
                {!gone && <Actions job={job} onCancel={() => setAsked(true)} />}
            </div>
            {gone && (
                <p className="problem" role="alert">
                    The server does not know this batch any more: it has been restarted, or has forgotten it. This is
                    the last that was known. <Link href="/">All batches</Link>
                </p>
            )}
            {stopped && <p className="problem">{stopped}</p>}
            {job.stalled && isLive(job) && !gone && (
                <p className="problem">
                    No item has ended for a long time. The annotator may hang; cancelling gives its places back.
                </p>
            )}
            <ProgressPanel job={job} title={title} live={isLive(job) && !gone} />
            {isActive(job) && !gone && (
                <details className="panel fold">
                    <summary>
                        <Icon name="sliders" size={16} />
                        Change the pace
                    </summary>
                    <PaceForm key={job.jobId} job={job} />
                </details>
            )}
            <section className="panel" aria-labelledby="time">
                <div className="panel-head">
                    <h2 id="time">Over time</h2>
                </div>
                <JobPlots job={job} live={isLive(job) && !gone} results={results} />
            </section>
            {job.errorCount > 0 && (
                <section className="panel" aria-labelledby="errors">
                    <div className="panel-head">
                        <h2 id="errors">Errors</h2>
                        <p className="soft small numbers">{counted(job.errorCount, 'item')} failed</p>
                    </div>
                    <ErrorsPanel key={job.jobId} job={job} />
                </section>
            )}
            <section className="panel flush" aria-labelledby="results">
                <div className="panel-head">
                    <h2 id="results">Results</h2>
                    <p className="soft small numbers">
                        {counted(job.progress.processed + job.cancelled, 'item')} ended
                    </p>
                </div>
                <ResultList results={results} live={isLive(job) && !gone} />
            </section>
            {asked && !gone && <CancelDialog job={job} onClose={() => setAsked(false)} />}
        </>
    );
}

/** The percentage first: of a tab one sees the beginning. */
function tabTitle(job: JobState, title: string): string {
    return isLive(job) && job.progress.percentage !== null ? `${job.progress.percentage} % ${title}` : title;
}

function Actions({ job, onCancel }: { job: JobState; onCancel(): void }) {
    const { failed } = job.progress;
    if (isActive(job)) {
        return (
            <div className="actions">
                {job.paused ? (
                    <Button look="main" icon="play" onClick={() => void resume(job)}>
                        Resume
                    </Button>
                ) : (
                    <Button icon="pause" onClick={() => void pause(job)}>
                        Pause
                    </Button>
                )}
                <Button icon="cross" onClick={onCancel}>
                    Cancel…
                </Button>
            </div>
        );
    }
    if (job.finishedAt === undefined) {
        return null;
    }
    return (
        <div className="actions">
            {failed > 0 && (
                <Button icon="retry" onClick={() => void retry(job, false)}>
                    Retry {count(failed)} failed
                </Button>
            )}
            {job.cancelled > 0 && (
                <Button icon="retry" onClick={() => void retry(job, true)}>
                    {failed > 0 ? 'Retry failed and cancelled' : `Retry ${count(job.cancelled)} cancelled`}
                </Button>
            )}
            <Link className="button plain" href="/new">
                <Icon name="plus" />
                New batch
            </Link>
        </div>
    );
}

function ProgressPanel({ job, title, live }: { job: JobState; title: string; live: boolean }) {
    const pace = usePace(job, live);
    const now = useNow(1000, live);
    const { total, processed, successful, failed, percentage } = job.progress;
    const began = Date.parse(job.startedAt ?? job.createdAt);
    const took = (job.finishedAt === undefined ? now : Date.parse(job.finishedAt)) - began;
    return (
        <section className="panel progress-panel" aria-label="Progress">
            <div className="progress-head numbers">
                <p className="percentage">
                    {percentage === null ? '–' : percentage}
                    <span className="soft"> %</span>
                </p>
                <p className="progress-words">
                    <strong>{count(processed)}</strong> of {counted(total, 'item')}
                    {!job.totalKnown && ' so far'}
                </p>
                <p className="progress-left soft">
                    {live && !job.paused && job.estimatedTimeRemaining !== undefined && isActive(job)
                        ? `${about(job.estimatedTimeRemaining)} left`
                        : job.finishedAt !== undefined
                          ? `Finished at ${clockTime(Date.parse(job.finishedAt))}`
                          : ''}
                </p>
            </div>
            <div className="tall-bar">
                <ProgressBar job={job} label={`Progress of ${title}`} tall />
                <ul className="quarters" aria-label="Milestones">
                    {[25, 50, 75].map((quarter) => {
                        const reached = job.milestones.find((milestone) => milestone.percentage === quarter);
                        return (
                            <li
                                key={quarter}
                                data-reached={reached ? '' : undefined}
                                style={{ left: `${quarter}%` }}
                                title={reached ? `${quarter} % at ${clockTime(Date.parse(reached.at))}` : undefined}
                            >
                                <span className="unseen">
                                    {quarter} %{' '}
                                    {reached ? `reached at ${clockTime(Date.parse(reached.at))}` : 'not reached yet'}
                                </span>
                            </li>
                        );
                    })}
                </ul>
            </div>
            {live && <WaitingLine job={job} />}
            <dl className="counts numbers">
                <Count mark="good" name="Succeeded" value={successful} />
                <Count mark="bad" name="Failed" value={failed} />
                {(live || job.inFlight > 0) && <Count mark="flying" name="In flight" value={job.inFlight} />}
                {live && <Count mark="waiting" name="Waiting" value={job.waiting} />}
                {live && <Count mark="retrying" name="To try again" value={job.retrying} />}
                {(job.cancelled > 0 || job.status === 'cancelled') && (
                    <Count mark="cancelled" name="Cancelled" value={job.cancelled} />
                )}
                {job.abandoned > 0 && <Count mark="bad" name="Never came back" value={job.abandoned} />}
                <div>
                    <dt>Items a minute</dt>
                    <dd>{pace === undefined ? '–' : perMinute(pace)}</dd>
                </div>
                <div>
                    <dt>{live ? 'Running for' : 'Took'}</dt>
                    <dd>
                        {live
                            ? duration(Math.max(0, Math.floor(took / 1000) * 1000)).replace('0 ms', '0 s')
                            : duration(Math.max(0, took))}
                    </dd>
                </div>
            </dl>
        </section>
    );
}

function Count({ mark, name, value }: { mark: string; name: string; value: number }) {
    return (
        <div>
            <dt>
                <span className="mark" data-mark={mark} aria-hidden="true" />
                {name}
            </dt>
            <dd className={value === 0 ? 'soft' : undefined}>{count(value)}</dd>
        </div>
    );
}
