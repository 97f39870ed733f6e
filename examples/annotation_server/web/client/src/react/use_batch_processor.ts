// SPDX-License-Identifier: BSL-1.0
import type { JobSnapshot, JobStatus, Milestone, Progress } from '../contract.js';
import type { BatchError } from '../errors.js';
import type { Transport } from '../options.js';

export interface BatchProcessorState {
    /** The counts; undefined until the first answer. */
    progress: Progress | undefined;
    /** The event stream is not to be had now, and the job is asked again and again. */
    isPolling: boolean;
    /** Why nothing is heard of the job: it is not there, or the server is not. In the second case it goes away again. */
    error: BatchError | undefined;
    /** All that is known of the job, without its errors. */
    job: JobSnapshot | undefined;
    milestones: readonly Milestone[];
    /** Undefined before the first answer, and where there is no job. */
    transport: Transport | undefined;
    /** The job at its end, with its errors. */
    final: JobStatus | undefined;
}

/** Watches a job. Without an id it waits for one. */
export function useBatchProcessor(_jobId: string | undefined, _options: { pollInterval?: number | undefined } = {}): BatchProcessorState {
    throw new Error('not built yet');
}
