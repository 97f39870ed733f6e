// SPDX-License-Identifier: BSL-1.0
import { memo } from 'react';
import type { JobState } from '../api';
import { Link } from '../app/link';
import { count, counted } from '../format/count';
import { aboutShort, duration } from '../format/duration';
import { faceOf, isActive, jobTitle, shortId } from '../format/status';
import { ago, fullTime } from '../format/time';
import { Button } from '../ui/button';
import { ProgressBar } from '../ui/progress_bar';
import { StatusPill } from '../ui/status_pill';
import { pause, resume, retry } from './steer';

interface JobRowProps {
    job: JobState;
    /** Rounded to minutes by who gives it, so that a row is not rendered for the sake of seconds. */
    now: number;
    onCancel(job: JobState): void;
}

export const JobRow = memo(function JobRow({ job, now, onCancel }: JobRowProps) {
    const title = jobTitle(job);
    const created = Date.parse(job.createdAt);
    return (
        <div className="job-row">
            <StatusPill face={faceOf(job)} short />
            <div className="job-name">
                <Link className="cut" href={`/jobs/${job.jobId}`} title={title}>
                    {title}
                </Link>
                <p className="soft small cut">
                    <span title={fullTime(created)}>{ago(created, now)}</span>
                    <span className="mono job-id"> · {shortId(job.jobId)}</span>
                    {job.retryOf && <span> · retry</span>}
                </p>
            </div>
            <div className="job-progress">
                <ProgressBar job={job} label={`Progress of ${title}`} />
                <p className="small numbers job-counts">
                    <span>
                        {count(job.progress.processed)}{' '}
                        <span className="soft">of {counted(job.progress.total, 'item')}</span>
                    </span>
                    {job.progress.failed > 0 && <span className="bad-ink">{count(job.progress.failed)} failed</span>}
                    <span className="soft job-time">{timeOf(job)}</span>
                </p>
            </div>
            <div className="job-buttons">
                {isActive(job) ? (
                    <>
                        {job.paused ? (
                            <Button
                                small
                                look="quiet"
                                icon="play"
                                aria-label={`Resume ${title}`}
                                title="Resume"
                                onClick={() => void resume(job)}
                            />
                        ) : (
                            <Button
                                small
                                look="quiet"
                                icon="pause"
                                aria-label={`Pause ${title}`}
                                title="Pause"
                                onClick={() => void pause(job)}
                            />
                        )}
                        <Button
                            small
                            look="quiet"
                            icon="cross"
                            aria-label={`Cancel ${title}`}
                            title="Cancel…"
                            onClick={() => onCancel(job)}
                        />
                    </>
                ) : (
                    job.finishedAt !== undefined &&
                    (job.progress.failed > 0 || job.cancelled > 0) && (
                        <Button
                            small
                            look="quiet"
                            icon="retry"
                            aria-label={`Retry what failed of ${title}`}
                            title={job.cancelled > 0 ? 'Retry failed and cancelled' : 'Retry failed'}
                            onClick={() => void retry(job, job.cancelled > 0)}
                        />
                    )
                )}
            </div>
        </div>
    );
});

function timeOf(job: JobState): string {
    if (job.finishedAt !== undefined) {
        return `in ${duration(Date.parse(job.finishedAt) - Date.parse(job.startedAt ?? job.createdAt))}`;
    }
    if (job.paused || job.estimatedTimeRemaining === undefined || !isActive(job)) {
        return '';
    }
    return `${aboutShort(job.estimatedTimeRemaining)} left`;
}
