// SPDX-License-Identifier: BSL-1.0
import type { ReactNode } from 'react';

export interface AdminBatchDashboardProps {
    /** Between two looks at the server, 2,000 ms. */
    pollInterval?: number | undefined;
    /** Jobs that are listed, 100 by default. */
    limit?: number | undefined;
    /** Makes the jobs' names buttons. */
    onOpen?: ((jobId: string) => void) | undefined;
    className?: string | undefined;
}

/** The active jobs, with cancel, pause and resume, and the totals of the server. */
export function AdminBatchDashboard(_props: AdminBatchDashboardProps): ReactNode {
    return null;
}
