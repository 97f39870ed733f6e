// SPDX-License-Identifier: BSL-1.0
import { useState } from 'react';
import type { JobState } from '../api';
import { count, counted } from '../format/count';
import { isActive, jobTitle } from '../format/status';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { cancel } from './steer';

/** Asks before a batch is cancelled, and says what is lost and what stays, as it is at this moment. */
export function CancelDialog({ job, onClose }: { job: JobState; onClose(): void }) {
    const [busy, setBusy] = useState(false);
    const { successful, failed, processed } = job.progress;
    const unstarted = job.waiting + job.retrying;
    if (!isActive(job)) {
        return (
            <Dialog title="Nothing left to cancel" onClose={onClose}>
                <p>{jobTitle(job)} has ended meanwhile.</p>
                <div className="dialog-foot">
                    <Button look="main" data-first onClick={onClose}>
                        Close
                    </Button>
                </div>
            </Dialog>
        );
    }
    return (
        <Dialog title={`Cancel ${jobTitle(job)}?`} onClose={onClose}>
            <dl className="losses numbers">
                <div data-tone="bad">
                    <dt>{count(job.waiting)}</dt>
                    <dd>
                        <strong>waiting</strong> – will not be started
                    </dd>
                </div>
                {job.retrying > 0 && (
                    <div data-tone="bad">
                        <dt>{count(job.retrying)}</dt>
                        <dd>
                            <strong>to be tried again</strong> – will not be
                        </dd>
                    </div>
                )}
                <div data-tone="wait">
                    <dt>{count(job.inFlight)}</dt>
                    <dd>
                        <strong>in flight</strong> – asked to stop; an answer that comes anyway counts
                    </dd>
                </div>
                <div data-tone="good">
                    <dt>{count(processed)}</dt>
                    <dd>
                        <strong>done</strong> – {count(successful)} {successful === 1 ? 'result' : 'results'} and{' '}
                        {counted(failed, 'failure')} stay
                    </dd>
                </div>
            </dl>
            <p className="soft small">
                This cannot be undone. What was cancelled can be started again later, as a new batch, with “Retry failed
                and cancelled”.
            </p>
            <div className="dialog-foot">
                <Button data-first onClick={onClose}>
                    Keep it running
                </Button>
                <Button
                    look="danger"
                    busy={busy}
                    onClick={() => {
                        setBusy(true);
                        void cancel(job).then(onClose);
                    }}
                >
                    Cancel {counted(unstarted + job.inFlight, 'item')}
                </Button>
            </div>
        </Dialog>
    );
}
