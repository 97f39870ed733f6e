// SPDX-License-Identifier: BSL-1.0
import { useDeferredValue, useEffect, useMemo, useState } from 'react';
import { words, type JobState } from '../api';
import { Link } from '../app/link';
import { PageHeading } from '../app/page_heading';
import { useStore } from '../app/store';
import { counted } from '../format/count';
import { Button } from '../ui/button';
import { Icon } from '../ui/icon';
import { Segmented } from '../ui/segmented';
import { NARROW, useMedia } from '../ui/use_media';
import { useNow } from '../ui/use_now';
import { WindowedList } from '../ui/windowed_list';
import { CancelDialog } from './cancel_dialog';
import { filterJobs, isOfKind, KINDS, type Kind } from './filter_jobs';
import { FirstBatch } from './first_batch';
import { jobList, jobPoller, loadOlder } from './job_list';
import { JobRow } from './job_row';
import { Totals } from './totals';

/** All batches: what runs, what has run. */
export function JobsView() {
    const { jobs, more, error } = useStore(jobList);
    // Elsewhere it is read less often.
    useEffect(() => void jobPoller.now(), []);
    return (
        <>
            <div className="view-head">
                <PageHeading title="Batches" />
                {jobs !== undefined && jobs.length > 0 && (
                    <Link className="button main" href="/new">
                        <Icon name="plus" />
                        New batch
                    </Link>
                )}
            </div>
            {jobs === undefined ? (
                <Loading error={error} />
            ) : jobs.length === 0 ? (
                <FirstBatch />
            ) : (
                <>
                    <Totals />
                    <List jobs={jobs} more={more} />
                </>
            )}
        </>
    );
}

function Loading({ error }: { error: unknown }) {
    if (error === undefined) {
        return <p className="soft loading">Loading…</p>;
    }
    return (
        <div className="empty" role="alert">
            <h2>The batches cannot be listed</h2>
            <p className="soft">{words(error)} The page goes on trying.</p>
            <Button onClick={() => void jobPoller.now()}>Try now</Button>
        </div>
    );
}

function List({ jobs, more }: { jobs: readonly JobState[]; more: boolean }) {
    const [kind, setKind] = useState<Kind>('all');
    const [text, setText] = useState('');
    const [asked, setAsked] = useState<string>();
    const [reading, setReading] = useState(false);
    const wanted = useDeferredValue(text);
    const shown = useMemo(() => filterJobs(jobs, kind, wanted), [jobs, kind, wanted]);
    const counts = useMemo(
        () => KINDS.map(({ kind: one }) => jobs.reduce((sum, job) => sum + (isOfKind(job, one) ? 1 : 0), 0)),
        [jobs],
    );
    const narrow = useMedia(NARROW);
    const now = Math.floor(useNow(30_000) / 60_000) * 60_000;
    const toCancel = asked === undefined ? undefined : jobs.find((job) => job.jobId === asked);
    return (
        <section aria-label="Batches" className="job-list">
            <div className="filters">
                <Segmented<Kind>
                    legend="Which batches"
                    value={kind}
                    options={KINDS.map(({ kind: value, name }, index) => ({ value, name, count: counts[index] }))}
                    onChange={setKind}
                />
                <label className="search">
                    <Icon name="search" size={16} />
                    <span className="unseen">Label or id has</span>
                    <input
                        type="search"
                        placeholder="Label or id"
                        value={text}
                        onChange={(event) => setText(event.target.value)}
                    />
                </label>
            </div>
            <p className="unseen" role="status">
                {kind !== 'all' || wanted !== '' ? `${counted(shown.length, 'batch', 'batches')} shown` : ''}
            </p>
            {shown.length === 0 ? (
                <div className="empty small-empty">
                    <h2>No batch is like that</h2>
                    <p className="soft">
                        {more ? 'Older batches have not been read yet.' : 'Try another word, or all batches.'}
                    </p>
                    <Button
                        onClick={() => {
                            setKind('all');
                            setText('');
                        }}
                    >
                        Show all
                    </Button>
                </div>
            ) : (
                <WindowedList
                    items={shown}
                    keyOf={(job) => job.jobId}
                    rowRem={narrow ? 7.25 : 4.5}
                    label="Batches, newest first"
                    render={(job) => <JobRow job={job} now={now} onCancel={(one) => setAsked(one.jobId)} />}
                />
            )}
            {more && (
                <Button
                    className="older"
                    busy={reading}
                    onClick={() => {
                        setReading(true);
                        void loadOlder()
                            .catch(() => {})
                            .finally(() => setReading(false));
                    }}
                >
                    Show older batches
                </Button>
            )}
            {toCancel && <CancelDialog job={toCancel} onClose={() => setAsked(undefined)} />}
        </section>
    );
}
