// SPDX-License-Identifier: BSL-1.0
// A program of somebody who has installed the package; package.test.ts compiles and runs it in a project of its own.
import { renderToString } from 'react-dom/server';

import { BatchClient, BatchError, type JobStatus, type StartOptions } from 'batchpace-client';
import {
    AdminBatchDashboard,
    BatchClientProvider,
    BatchProgressDisplay,
    useBatchProcessor,
} from 'batchpace-client/react';

const client = new BatchClient({ baseUrl: 'http://127.0.0.1:9', key: 'k' });
const options: StartOptions = { concurrency: 4, label: 'mine' };
// @ts-expect-error: the contract knows no such option
export const wrong: StartOptions = { concurrencyy: 4 };

export async function start(): Promise<JobStatus> {
    const { jobId } = await client.startBatch(['a.png'], options);
    return client.monitor(jobId, { onProgress: ({ progress }) => console.log(progress.percentage?.toFixed()) });
}

export function isBusy(error: unknown): boolean {
    // @ts-expect-error: nor such a problem
    if (error instanceof BatchError && error.is('too-many-jobbs')) return false;
    return error instanceof BatchError && error.is('too-many-jobs');
}

function Percentage({ jobId }: { jobId: string }) {
    const { progress, isPolling, error } = useBatchProcessor(jobId);
    return <p title={error?.message}>{isPolling ? 'polling' : progress?.percentage}</p>;
}

console.log(
    renderToString(
        <BatchClientProvider client={client}>
            <Percentage jobId="j" />
            <BatchProgressDisplay jobId="j" title={<b>Mine</b>} />
            <AdminBatchDashboard onOpen={(jobId) => console.log(jobId)} />
        </BatchClientProvider>,
    ),
);
