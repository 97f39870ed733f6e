// SPDX-License-Identifier: BSL-1.0
// The examples of README.md that are for React.
import type { ReactNode } from 'react';

// [provider]
import { BatchClient } from 'batchpace-client';
import { AdminBatchDashboard, BatchClientProvider, BatchProgressDisplay } from 'batchpace-client/react';
import 'batchpace-client/style.css';

const client = new BatchClient(); // once, outside of the rendering

export function App({ jobId }: { jobId: string }) {
    return (
        <BatchClientProvider client={client}>
            <BatchProgressDisplay jobId={jobId} errorLimit={10} onFinished={(job) => console.log(job.status)} />
            <AdminBatchDashboard onOpen={(id) => console.log(`open ${id}`)} />
        </BatchClientProvider>
    );
}
// [/provider]

// [hook]
import { useBatchProcessor } from 'batchpace-client/react';

export function Percentage({ jobId }: { jobId: string | undefined }): ReactNode {
    const { progress, isPolling, error } = useBatchProcessor(jobId);
    if (error) return <p role="alert">{error.message}</p>;
    if (!progress) return <p>…</p>;
    return (
        <p>
            {progress.percentage ?? progress.processed} {isPolling && '(every few seconds)'}
        </p>
    );
}
// [/hook]

// [client]
import { useBatchClient } from 'batchpace-client/react';

export function PauseButton({ jobId }: { jobId: string }): ReactNode {
    const batches = useBatchClient();
    return <button onClick={() => void batches.pause(jobId)}>Pause</button>;
}
// [/client]
