// SPDX-License-Identifier: BSL-1.0
import type { JobState } from '../api';
import { waitingWords } from '../format/waiting';
import { Countdown } from '../ui/countdown';
import { Icon } from '../ui/icon';

/** What a batch waits for right now, and for how long. */
export function WaitingLine({ job }: { job: JobState }) {
    if (!job.waitingFor) {
        return null;
    }
    const { what, hint, until, busy } = waitingWords(job.waitingFor);
    return (
        <p className="waiting" data-busy={busy ? '' : undefined}>
            <Icon name={job.waitingFor.reason === 'paused' ? 'pause' : busy ? 'play' : 'clock'} size={16} />
            <span>
                <span className="waiting-what">{what}</span>
                {until !== undefined ? (
                    <>
                        {' '}
                        – goes on in <Countdown until={until} />
                    </>
                ) : (
                    hint && <span className="soft">. {hint}</span>
                )}
            </span>
        </p>
    );
}
