// SPDX-License-Identifier: BSL-1.0
import { useEffect, useState } from 'react';

import type { BatchClient } from '../client.js';
import type { JobSnapshot, JobStatus, Milestone, Progress } from '../contract.js';
import { BatchError } from '../errors.js';
import type { Transport } from '../options.js';
import { useBatchClient } from './provider.js';

export interface BatchProcessorState {
    /** The counts; undefined until the first answer. They never go back. */
    progress: Progress | undefined;
    /** The event stream is not to be had now, and the job is asked again and again. */
    isPolling: boolean;
    /**
     * Why nothing is heard of the job: it is not there, or the server is not. In the second case it goes away again.
     */
    error: BatchError | undefined;
    /** All that is known of the job, without its errors. */
    job: JobSnapshot | undefined;
    /** Those that have been passed, in order. */
    milestones: readonly Milestone[];
    /** Undefined before the first answer, and where there is no job. */
    transport: Transport | undefined;
    /** The job at its end, with its errors. */
    final: JobStatus | undefined;
}

export interface BatchProcessorOptions {
    /** Between two polls, where it is polled. 2,000 ms */
    pollInterval?: number | undefined;
}

const nothing: BatchProcessorState = {
    progress: undefined,
    isPolling: false,
    error: undefined,
    job: undefined,
    milestones: [],
    transport: undefined,
    final: undefined,
};

interface Seen {
    client: BatchClient;
    jobId: string;
    state: BatchProcessorState;
}

/**
 * Watches a job for as long as the component is there. Without an id it waits for one. Several that watch the same job
 * share one event stream.
 */
export function useBatchProcessor(
    jobId: string | undefined,
    { pollInterval }: BatchProcessorOptions = {},
): BatchProcessorState {
    const client = useBatchClient();
    const [seen, setSeen] = useState<Seen>();

    useEffect(() => {
        if (jobId === undefined) return undefined;
        const change = (of: (state: BatchProcessorState) => Partial<BatchProcessorState>): void => {
            setSeen((last) => {
                const state = last?.client === client && last.jobId === jobId ? last.state : nothing;
                return { client, jobId, state: { ...state, ...of(state) } };
            });
        };
        // What is left of an earlier watch of this job, but for its failure: this one tries anew.
        change(() => ({ error: undefined, transport: undefined, isPolling: false }));
        return client.watch(jobId, {
            pollInterval,
            onProgress: (job) => change(() => ({ job, progress: job.progress })),
            onMilestone: (milestone) =>
                change(({ milestones }) =>
                    milestones.some(({ percentage }) => percentage === milestone.percentage)
                        ? {}
                        : { milestones: [...milestones, milestone] },
                ),
            onTransport: (transport, error) =>
                change(() => ({
                    transport,
                    isPolling: transport === 'polling',
                    error: transport === 'lost' ? error : undefined,
                })),
            onFinished: (final) => change(() => ({ final, isPolling: false, error: undefined })),
            onError: (thrown) => {
                const title = 'The job cannot be watched';
                const error =
                    thrown instanceof BatchError ? thrown : new BatchError({ status: 0, title, cause: thrown });
                change(() => ({ error, isPolling: false, transport: undefined }));
            },
        });
    }, [client, jobId, pollInterval]);

    // In the first rendering with another id, what is there still belongs to the one before.
    return seen !== undefined && seen.client === client && seen.jobId === jobId ? seen.state : nothing;
}
