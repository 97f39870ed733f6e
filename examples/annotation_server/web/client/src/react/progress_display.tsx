// SPDX-License-Identifier: BSL-1.0
import type { ReactNode } from 'react';

import type { JobStatus } from '../contract.js';

export interface BatchProgressDisplayProps {
    jobId: string | undefined;
    /** The heading; by default the job's label. */
    title?: ReactNode;
    /** Errors that are listed, 5 by default; 0 for none. */
    errorLimit?: number | undefined;
    pollInterval?: number | undefined;
    /** Called once, with the job at its end. */
    onFinished?: ((job: JobStatus) => void) | undefined;
    className?: string | undefined;
}

/** A job at a glance: bar, counts, rate, time left, what it waits for, and its errors. */
export function BatchProgressDisplay(_props: BatchProgressDisplayProps): ReactNode {
    return null;
}
