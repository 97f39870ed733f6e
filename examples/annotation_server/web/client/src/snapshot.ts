// SPDX-License-Identifier: BSL-1.0
import type { JobSnapshot, JobStatus } from './contract.js';
import { isFinal } from './contract.js';

/** The job without its errors, so that it looks the same by whichever way it came. */
export function snapshotOf(job: JobStatus | (JobSnapshot & { errorsTruncated?: boolean })): JobSnapshot {
    const { errors: _errors, errorsTruncated: _truncated, ...snapshot } = job as JobStatus;
    return snapshot;
}

/**
 * Whether `next` may be shown after `last`. A job's last word always may. Otherwise no counter goes back: something on
 * the way may have kept an older answer, and a server that was restarted may have to make up for what it had not
 * written down.
 */
export function follows(last: JobSnapshot | undefined, next: JobSnapshot): boolean {
    if (last === undefined || isFinal(next.status)) return true;
    if (isFinal(last.status)) return false;
    const before = last.progress;
    const after = next.progress;
    return after.successful >= before.successful && after.failed >= before.failed && next.cancelled >= last.cancelled;
}
