// SPDX-License-Identifier: BSL-1.0
import { useEffect, useRef } from 'react';
import type { JobState } from '../api';
import { serverNow } from '../app/clock';
import { notify } from '../app/notices';
import { count, counted } from '../format/count';
import { isLive, jobTitle } from '../format/status';
import { outcome } from '../jobs/tell_finished';

interface Seen {
    id: string;
    percentage: number;
    live: boolean;
}

/** A batch that was started from this page may have passed a quarter before the first word of it is here. */
const JUST_NOW = 2000;

/** What was known when the page was opened: the first state, without what has been passed since. */
function atOpening(job: JobState, opened: number): Seen {
    const before = job.milestones.filter((milestone) => Date.parse(milestone.at) < opened - JUST_NOW);
    return { id: job.jobId, percentage: before.at(-1)?.percentage ?? 0, live: isLive(job) };
}

/**
 * A notice for each quarter that is passed while one looks, and for the end. A later one takes the place of the one
 * before; what was passed before the page was opened is no news.
 */
export function useMilestoneNotices(job: JobState | undefined): void {
    const seen = useRef<Seen>(undefined);
    const opened = useRef(serverNow());
    useEffect(() => {
        if (!job) {
            return;
        }
        const reached = job.milestones.at(-1);
        const percentage = reached?.percentage ?? 0;
        const live = isLive(job);
        const before = seen.current?.id === job.jobId ? seen.current : atOpening(job, opened.current);
        seen.current = { id: job.jobId, percentage, live };
        const key = `milestone ${job.jobId}`;
        if (before.live && !live && job.status !== 'cancelled') {
            notify({
                key,
                tone: job.progress.failed > 0 ? 'bad' : 'good',
                title: `${jobTitle(job)} has finished`,
                text: outcome(job),
            });
        } else if (percentage > before.percentage && percentage < 100 && reached) {
            notify({
                key,
                tone: 'plain',
                title: `${jobTitle(job)}: ${percentage} %`,
                text: `${count(reached.processed)} of ${counted(reached.total, 'item')} processed`,
            });
        }
    }, [job]);
}
